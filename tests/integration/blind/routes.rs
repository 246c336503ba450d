//! The script leaves out no route: a new one that is not played fails here.

use std::collections::BTreeMap;

use super::relabelling::here;

/// Methods of the OpenAPI document.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// What the script has seen of a route.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    by_a_blinded_person: bool,
    succeeded: bool,
}

#[test]
fn every_route_is_asked_by_a_blinded_person_and_succeeds_for_somebody() {
    let document = serde_json::to_value(web::document()).expect("a document");
    let mut routes: BTreeMap<(String, String), Seen> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("methods").keys().filter(|key| METHODS.contains(&key.as_str()))
        {
            routes.insert((method.to_uppercase(), path.clone()), Seen::default());
        }
    }
    for (method, path, is_blinded, status) in &here().calls {
        let address = format!("/api/v1{path}");
        let Some(route) = pattern(routes.keys(), method, &address) else { continue };
        let seen = routes.get_mut(&route).expect("it was found here");
        seen.by_a_blinded_person |= is_blinded;
        seen.succeeded |= (200..300).contains(status);
    }
    let all = Seen { by_a_blinded_person: true, succeeded: true };
    let left_out: Vec<_> = routes.iter().filter(|(_, seen)| **seen != all).collect();
    assert!(routes.len() > 40, "{} routes", routes.len());
    assert!(left_out.is_empty(), "play these in blind/script: {left_out:#?}");
}

/// What a page shows to blinded people is compared with the rest of the recording; so every page must be in it.
#[test]
fn every_page_is_opened_by_a_blinded_person() {
    let mut pages: BTreeMap<(String, String), Seen> = BTreeMap::new();
    for address in web::addresses() {
        pages.insert(("GET".to_owned(), address.to_owned()), Seen::default());
    }
    for (method, address, is_blinded, status) in &here().pages {
        let Some(page) = pattern(pages.keys(), "GET", address) else { continue };
        let seen = pages.get_mut(&page).expect("it was found here");
        seen.by_a_blinded_person |= is_blinded;
        // To log out has no page of its own.
        seen.succeeded |= (200..400).contains(status) && (method == "GET" || address == "/log-out");
    }
    let all = Seen { by_a_blinded_person: true, succeeded: true };
    let left_out: Vec<_> = pages.iter().filter(|(_, seen)| **seen != all).collect();
    assert!(pages.len() > 10, "{} pages", pages.len());
    assert!(left_out.is_empty(), "open these in blind/script/pages.rs: {left_out:#?}");
}

/// The route of an address: of those that fit, the one with the fewest names in braces.
fn pattern<'a>(
    routes: impl Iterator<Item = &'a (String, String)>,
    method: &str,
    address: &str,
) -> Option<(String, String)> {
    let fitting = routes.filter(|(of, path)| of == method && fits(path, address));
    fitting.min_by_key(|(_, path)| path.matches('{').count()).cloned()
}

fn fits(path: &str, address: &str) -> bool {
    let (path, address): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), address.split('/').collect());
    path.len() == address.len()
        && path.iter().zip(address).all(|(part, given)| part.starts_with('{') || *part == given)
}
