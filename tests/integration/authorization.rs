//! Who may call what: every route of the interface by everybody, for a thing that is there and for one that is not.

pub(crate) mod fixture;
pub(crate) mod routes;
mod tokens;

use std::collections::BTreeSet;

use fixture::{Fixture, Person};
use iwrs::client::Reply;
use routes::{Access, Route, documented, routes};
use terms::{SiteId, StudyId};
use trial::{Refusal, policy};

/// The table that people review. It is written by hand from what this test prints.
const PUBLISHED: &str = include_str!("../data/authorization.txt");

#[test]
fn every_documented_route_has_its_right_in_the_table_and_no_other() {
    let table: Vec<String> = routes().iter().map(Route::name).collect();
    let named: BTreeSet<&String> = table.iter().collect();
    assert_eq!(named.len(), table.len(), "a route stands twice in the table");
    assert_eq!(named, documented().iter().collect(), "left: the table, right: the document");
}

#[test]
fn bld_02_every_route_answers_everybody_as_the_policy_says() {
    let fixture = Fixture::new();
    let mut printed = heading(fixture.people());
    for route in routes() {
        printed.push_str(&format!("{:<62}", route.name()));
        for person in fixture.people() {
            let cell = class(&fixture.call(&route, person, true));
            assert_eq!(cell, expected(&route, person), "{} by {}", route.name(), person.name);
            assert_blind_to_existence(&fixture, &route, person, cell);
            printed.push_str(&format!(" {cell:<4}"));
        }
        printed.truncate(printed.trim_end().len());
        printed.push('\n');
    }
    assert!(printed == PUBLISHED, "tests/data/authorization.txt should be this:\n{printed}");
}

fn heading(people: &[Person]) -> String {
    let mut text = String::from(
        "Who is answered how, route by route: `+` is let in, and then refused for other reasons or not.\n\n",
    );
    for (column, person) in people.iter().enumerate() {
        text.push_str(&format!(
            "{}  {}\n",
            char::from(b'a' + u8::try_from(column).expect("few")),
            person.name
        ));
    }
    text.push_str(&format!("\n{:<62}", ""));
    let letters = (b'a'..).take(people.len()).map(|letter| format!(" {:<4}", char::from(letter)));
    text.push_str(letters.collect::<String>().trim_end());
    text + "\n"
}

/// Whoever is refused learns nothing about what exists: the answer is the same, word for word, for a thing that is
/// not there. Whoever is let in is told that it is not there.
fn assert_blind_to_existence(fixture: &Fixture, route: &Route, person: &Person, cell: &str) {
    if !route.names_a_thing() {
        return;
    }
    let absent = fixture.call(route, person, false);
    let name = format!("{} by {}", route.name(), person.name);
    if cell == "+" {
        assert_eq!(class(&absent), "404", "{name}: {absent:?}");
    } else {
        let present = fixture.call(route, person, true);
        assert_eq!((present.status, &present.body), (absent.status, &absent.body), "{name}");
    }
}

/// How somebody was received. A refusal for another reason than authorization is none here.
fn class(reply: &Reply) -> &'static str {
    match reply.json()["type"].as_str() {
        Some("urn:iwrs:problem:not-authenticated") => "401",
        Some("urn:iwrs:problem:forbidden") => "403",
        Some("urn:iwrs:problem:not-found") => "404",
        _ => {
            assert!(reply.status < 500, "{reply:?}");
            "+"
        }
    }
}

/// What the policy says, by itself.
fn expected(route: &Route, person: &Person) -> &'static str {
    let Some(actor) = &person.actor else {
        let is_open = matches!(route.access, Access::Anybody | Access::SiteByPassword(_));
        return if is_open { "+" } else { "401" };
    };
    let authority = match route.access {
        Access::Anybody | Access::LoggedIn => return "+",
        Access::Installation(action) => policy::authorize_in_installation(actor, action),
        Access::Study(action) | Access::Site(action) | Access::SiteByPassword(action) => {
            policy::authorize(actor, action, &StudyId::parse("imodals").expect("an id"))
        }
    };
    let here = SiteId::parse("34-001").expect("an id");
    let reached = authority.and_then(|authority| match route.access {
        Access::Site(_) | Access::SiteByPassword(_) => authority.reaches(&here),
        _ => Ok(()),
    });
    match reached {
        Ok(()) => "+",
        Err(Refusal::Forbidden) => "403",
        Err(refusal) => {
            assert_eq!(refusal, Refusal::NotFound);
            "404"
        }
    }
}
