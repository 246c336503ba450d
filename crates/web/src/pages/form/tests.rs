use actix_web::http::StatusCode;
use serde_json::json;
use trial::Language;

use super::{Field, Form, Kind};
use crate::Problem;
use crate::words::Words;

fn form(fields: Vec<(&str, Kind, &str)>) -> Form {
    let field = |(name, kind, value): (&str, Kind, &str)| Field::new(name, "", kind).value(value);
    Form {
        fields: fields.into_iter().map(field).collect(),
        submit: String::new(),
        meaning: None,
        is_grave: false,
        trouble: None,
        facts: Vec::new(),
        guard: String::new(),
        key: String::new(),
        signature: None,
        goes_on_in: None,
        action: None,
        wrong_password: false,
    }
}

#[test]
fn a_form_stands_for_the_body_of_a_request() {
    let form = form(vec![
        ("subject", Kind::Text, " S-001 "),
        ("birth_year", Kind::Number, "1960"),
        ("vials", Kind::Number, "a few"),
        ("reason", Kind::Text, "  "),
        ("excursion", Kind::Check, "yes"),
        ("cool", Kind::Check, ""),
        ("kits", Kind::Lines, "0354 577 972\n\n 1234567889 \n"),
        ("given_at", Kind::Time(chrono_tz::Europe::Paris), "2015-10-05T10:30"),
        ("twice_shown", Kind::Time(chrono_tz::Europe::Paris), "2015-10-25T02:30"),
        ("never_shown", Kind::Time(chrono_tz::Europe::Paris), "2015-03-29T02:30"),
        ("answers.I01", Kind::Radio(Vec::new()), "yes"),
        ("answers.E01", Kind::Radio(Vec::new()), "no"),
        ("visible", Kind::Pairs, "pack : white carton\r\n closure: seal\r\n"),
        ("packed", Kind::Pasted, "kit_number,kit_type\r\n 1,A\r\n"),
        ("found.0.kit", Kind::Text, "a"),
        ("found.1.kit", Kind::Text, "b"),
        ("found.1.type", Kind::Text, "c"),
    ]);
    let expected = json!({
        "subject": "S-001", "birth_year": 1960, "vials": "a few", "excursion": true, "cool": false,
        "kits": ["0354 577 972", "1234567889"],
        "visible": { "pack": "white carton", "closure": "seal" },
        "packed": "kit_number,kit_type\n 1,A\n",
        "given_at": "2015-10-05T10:30:00+02:00", "twice_shown": "2015-10-25T02:30:00+02:00",
        "never_shown": "2015-03-29T02:30",
        "answers": { "I01": "yes", "E01": "no" },
        "found": [{ "kit": "a" }, { "kit": "b", "type": "c" }],
    });
    assert_eq!(form.json(), expected);
}

#[test]
fn what_goes_along_unseen_stands_for_the_same_body() {
    let form = form(vec![
        ("birth_year", Kind::Number, "1960"),
        ("excursion", Kind::Check, "yes"),
        ("kits", Kind::Lines, "1\n2"),
    ]);
    let expected = form.json();
    let words = crate::words::Words(trial::Language::En);
    let mut confirmed = form.into_confirmation(words).json();
    let extra = confirmed.as_object_mut().and_then(|body| body.remove("confirmed"));
    assert_eq!(extra, Some(json!("yes")));
    assert_eq!(confirmed, expected);
}

#[test]
fn what_is_wrong_stands_at_the_field_or_at_the_list_around_it_or_at_the_first_in_it() {
    let words = crate::words::Words(trial::Language::En);
    let table = [
        ("contents[1].kit_type", Some("contents.1.kit_type")),
        ("contents", Some("contents.0.kit_type")),
        ("kits[17]", Some("kits")),
        ("kit", None),
        ("", None),
    ];
    for (about, expected) in table {
        let names = ["unseen", "kits", "contents.0.kit_type", "contents.1.kit_type"];
        let mut form = form(names.map(|name| (name, Kind::Text, "")).to_vec());
        form.fields[0].is_hidden = true;
        let form = form.refused(words, &trial::Refusal::field(about, "is wrong").into());
        let at = form.fields.iter().find(|field| field.trouble.is_some()).map(|field| field.name.as_str());
        assert_eq!(at, expected, "{about}");
        assert!(form.trouble.is_some(), "{about}");
    }
}

#[test]
fn what_is_wrong_with_a_line_stands_at_its_list_with_the_line() {
    let words = crate::words::Words(trial::Language::En);
    let refused = |path: &str| {
        let problem = crate::Problem::of(&trial::Refusal::field(path, "is no kit of this place"));
        form(vec![("kits", Kind::Lines, "1\n2"), ("site", Kind::Text, "")]).refused(words, &problem)
    };
    let trouble = |form: &Form, at: usize| form.fields.get(at).and_then(|field| field.trouble.clone());
    let first = refused("kits[1]");
    assert_eq!(trouble(&first, 0).as_deref(), Some("Line 2: This field is no kit of this place."));
    assert_eq!(trouble(&refused("site[1]"), 1).as_deref(), Some("This field is no kit of this place."));
    assert_eq!(trouble(&refused("kits"), 0).as_deref(), Some("This field is no kit of this place."));
}

#[test]
fn all_that_cannot_be_read_is_told_at_once() {
    let paris = Kind::Time(chrono_tz::Europe::Paris);
    let form = form(vec![
        ("number", Kind::Number, "a few"),
        ("a_number", Kind::Number, " 12 "),
        ("day", Kind::Day, "31.12.2015"),
        ("a_day", Kind::Day, "2015-12-31"),
        ("time", paris.clone(), "noon"),
        ("a_time", paris.clone(), "2015-12-31T12:00"),
        ("an_instant", paris, "2015-12-31T12:00:00+01:00"),
        ("empty", Kind::Number, ""),
    ]);
    let problem = Problem::malformed(StatusCode::BAD_REQUEST, "it cannot be read");
    let words = Words(Language::En);
    let refused = form.refused(words, &problem);
    let told = |what| {
        let of = refused.fields.iter().filter(|field| field.trouble.as_deref() == Some(words.say(what)));
        of.map(|field| field.name.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(told("form.unreadable"), ["number", "day", "time"]);
    assert_eq!(told("form.empty"), ["empty"]);
}
