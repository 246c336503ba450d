use std::collections::BTreeMap;

use askama::Template;
use trial::Language;

use super::Page;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::visitor::Here;
use crate::words::Words;

fn here() -> Here {
    Here {
        address: "/".to_owned(),
        path: "/".to_owned(),
        query: BTreeMap::from([("done".to_owned(), "dispensed".to_owned())]),
        words: Words(Language::En),
        request_id: "fresh".to_owned(),
    }
}

fn form(key: &str) -> Form {
    let field = Field::new("visit", "Visit", Kind::Text).value("D1");
    Form { key: key.to_owned(), ..Form::new(&here(), "guard", vec![field], "Send") }
}

fn keys(page: &Page) -> Vec<String> {
    let html = page.render().expect("a page");
    let keys = html.split("name=\"key\" value=\"").skip(1);
    keys.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn every_form_has_a_key_of_its_own_and_one_that_was_sent_keeps_its_key() {
    let page = |second: &str| Page::public(&here(), "Kits").form(form("fresh")).form(form(second));
    assert_eq!(keys(&page("fresh")), ["fresh", "fresh-1"]);
    assert_eq!(keys(&page("sent-1")), ["fresh", "sent-1"]);
}

#[test]
fn the_label_of_a_second_form_leads_to_a_field_of_its_own() {
    let page = Page::public(&here(), "Kits").form(form("fresh")).form(form("fresh"));
    let html = page.render().expect("a page");
    for id in ["f-visit", "f1-visit"] {
        assert_eq!(html.matches(&format!("<label for=\"{id}\"")).count(), 1, "{html}");
        assert_eq!(html.matches(&format!("<input id=\"{id}\"")).count(), 1, "{html}");
    }
}

#[test]
fn what_was_not_signed_is_asked_again_by_itself_too() {
    let html =
        Page::public(&here(), "Kits").form(form("sent").into_question(Words(Language::En), None)).render();
    let html = html.expect("a page");
    assert!(html.contains("data-goes-on=\"2000\"") && !html.contains("name=\"signature\""), "{html}");
}

#[test]
fn what_is_asked_again_goes_under_the_same_key_and_signature_with_what_was_typed() {
    let question = form("sent").into_question(Words(Language::En), Some("signed".to_owned()));
    let page = Page::public(&here(), "Kits").form(question);
    assert_eq!(keys(&page), ["sent"]);
    let html = page.render().expect("a page");
    for unseen in ["name=\"signature\" value=\"signed\"", "name=\"visit\" value=\"D1\""] {
        assert!(html.contains(&format!("<input type=\"hidden\" {unseen}>")), "{html}");
    }
    assert!(
        html.contains("data-goes-on=\"2000\"") && html.contains("It is not known whether this was done."),
        "{html}"
    );
}
