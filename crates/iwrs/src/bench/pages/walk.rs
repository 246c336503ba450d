//! Which pages somebody comes to by links, one at each kind of address.

use std::collections::{BTreeSet, VecDeque};

use super::browser::{Browser, Page};
use crate::client::ClientError;

/// A page that somebody could open.
pub(super) struct Opened {
    /// The kind of address, with names in braces, and what is asked there.
    pub(super) kind: String,
    pub(super) address: String,
    pub(super) login: String,
    pub(super) password: String,
    pub(super) bytes: usize,
    /// What a browser asks for to show it: the page, its styles and its scripts.
    pub(super) requests: usize,
}

/// What is asked at an address so that it shows another page: what is read only when it is asked for, and the first
/// part of a long check. All else that is asked sorts, filters or turns a page.
const QUESTIONS: [&str; 2] = ["read=yes", "from=0"];

/// So many pages of a kind are opened: what leads on may stand on one of them alone.
const OF_A_KIND: usize = 12;

/// Opens the pages that links lead to, some of each kind: from the first page on, and from these besides.
pub(super) fn walk(browser: &Browser, besides: &[String]) -> Result<Vec<Opened>, ClientError> {
    let mut ahead: VecDeque<String> = [&["/".to_owned()], besides].concat().into();
    let (mut tried, mut opened): (BTreeSet<String>, Vec<Opened>) = (BTreeSet::new(), Vec::new());
    while let Some(address) = ahead.pop_front() {
        let Some(kind) = kind_of(&address) else { continue };
        let of_kind = tried.iter().filter(|known| kind_of(known).as_ref() == Some(&kind)).count();
        if kind.starts_with("/language/") || of_kind >= OF_A_KIND || !tried.insert(address.clone()) {
            continue;
        }
        let page = browser.open(&address)?;
        ahead.extend(address_of(&page.location));
        ahead.extend(links(&page.body));
        // What is a file to be printed or kept is no page.
        if page.status == 200 && page.body.trim_start().starts_with("<!doctype html>") {
            opened.push(found(browser, kind, address, &page));
        }
    }
    Ok(opened)
}

fn found(browser: &Browser, kind: String, address: String, page: &Page) -> Opened {
    let assets = page.body.matches(" src=\"/").count() + page.body.matches("rel=\"stylesheet\"").count();
    Opened {
        kind,
        address,
        login: browser.login.clone(),
        password: browser.password.clone(),
        bytes: page.body.len(),
        requests: 1 + assets,
    }
}

/// The kind of page to which a link with this address leads.
fn kind_of(address: &str) -> Option<String> {
    let pattern = pattern_of(path_of(address)?)?;
    Some(question(address).map_or_else(|| pattern.to_owned(), |asked| format!("{pattern}?{asked}")))
}

/// The kind of page that is at a path. One with a word in a place stands before one with a name there.
fn pattern_of(address: &str) -> Option<&'static str> {
    let fits = |pattern: &&str| {
        let (mut wanted, mut there) = (pattern.split('/'), address.split('/'));
        let same = wanted
            .by_ref()
            .zip(there.by_ref())
            .all(|(wanted, there)| wanted == there || (wanted.starts_with('{') && !there.is_empty()));
        same && pattern.matches('/').count() == address.matches('/').count()
    };
    web::addresses().find(fits)
}

/// Where links and forms lead to. What only takes a form answers with no page when it is opened.
fn links(html: &str) -> impl Iterator<Item = String> {
    let after = |attribute| html.split(attribute).skip(1);
    after("href=\"").chain(after("action=\"")).filter_map(|rest| address_of(rest.split('"').next()?))
}

/// An address of this server: the path, and what is asked there for another page.
fn address_of(address: &str) -> Option<String> {
    let path = path_of(address)?;
    Some(question(address).map_or_else(|| path.to_owned(), |asked| format!("{path}?{asked}")))
}

/// The path of an address of this server.
fn path_of(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next()?;
    (path.starts_with('/') && !path.starts_with("//")).then_some(path)
}

fn question(address: &str) -> Option<&'static str> {
    let (_, asked) = address.split_once('?')?;
    QUESTIONS.into_iter().find(|question| *question == asked)
}

#[cfg(test)]
mod tests {
    use super::{kind_of, links, pattern_of};

    #[test]
    fn an_address_is_of_the_first_kind_that_it_fits() {
        for (address, pattern) in [
            ("/", Some("/")),
            ("/studies/imodals", Some("/studies/{study}")),
            ("/studies/imodals/subjects/new", Some("/studies/{study}/subjects/new")),
            ("/studies/imodals/subjects/S-1", Some("/studies/{study}/subjects/{subject}")),
            ("/studies/", None),
            ("/studies/imodals/subjects/S-1/kits/1", None),
            ("/docs/", None),
        ] {
            assert_eq!(pattern_of(address), pattern, "{address}");
        }
    }

    #[test]
    fn what_is_read_when_it_is_asked_for_is_another_kind_than_the_page_that_asks() {
        let kind = |asked: &str| kind_of(&format!("/studies/imodals/statistics/balance{asked}"));
        let plain = kind("").expect("a page");
        assert_eq!(kind("?csv=balance"), Some(plain.clone()));
        assert_eq!(kind("?read=yes"), Some(format!("{plain}?read=yes")));
    }

    #[test]
    fn links_are_those_to_this_server() {
        let html =
            r##"<a href="/a?b=1">A</a><a href="https://e.test/c">C</a><a href="#d">D</a><form action="/e">"##;
        assert_eq!(links(html).collect::<Vec<_>>(), ["/a", "/e"]);
    }
}
