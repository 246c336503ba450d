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
        ("answers.I01", Kind::Radio(Vec::new()), "yes"),
        ("answers.E01", Kind::Radio(Vec::new()), "no"),
        ("found.0.kit", Kind::Text, "a"),
        ("found.1.kit", Kind::Text, "b"),
        ("found.1.type", Kind::Text, "c"),
    ]);
    let expected = json!({
        "subject": "S-001", "birth_year": 1960, "vials": "a few", "excursion": true, "cool": false,
        "kits": ["0354 577 972", "1234567889"],
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
