use serde_json::json;

use super::{Field, Form, Kind};

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
        ("found.0.kit", Kind::Text, "a"),
        ("found.1.kit", Kind::Text, "b"),
        ("found.1.type", Kind::Text, "c"),
    ]);
    let expected = json!({
        "subject": "S-001", "birth_year": 1960, "vials": "a few", "excursion": true, "cool": false,
        "kits": ["0354 577 972", "1234567889"],
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
    let words = crate::pages::words::Words(trial::Language::En);
    let mut confirmed = form.into_confirmation(words).json();
    let extra = confirmed.as_object_mut().and_then(|body| body.remove("confirmed"));
    assert_eq!(extra, Some(json!("yes")));
    assert_eq!(confirmed, expected);
}

#[test]
fn what_is_wrong_with_a_line_stands_at_its_list_with_the_line() {
    let words = crate::pages::words::Words(trial::Language::En);
    let refused = |path: &str| {
        let problem = crate::Problem::of(&trial::Refusal::field(path, "is no kit of this place"));
        form(vec![("kits", Kind::Lines, "1\n2"), ("site", Kind::Text, "")]).refused(words, &problem)
    };
    let trouble = |form: &Form, at: usize| form.fields.get(at).and_then(|field| field.trouble.clone());
    let first = refused("kits[1]");
    assert_eq!(trouble(&first, 0).as_deref(), Some("Line 2: This field is no kit of this place."));
    assert_eq!(trouble(&refused("site[1]"), 1), None, "it is no list");
    assert_eq!(trouble(&refused("kits"), 0).as_deref(), Some("This field is no kit of this place."));
}
