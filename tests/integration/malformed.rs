//! A body that cannot be read: the answer names the field, by its path.

use iwrs_tests::app::{TestApp, eligible};
use iwrs_tests::client::Expect;
use serde_json::{Value, json};

/// A body that is right but for what is set at the pointer; null takes the field away.
fn with(mut body: Value, pointer: &str, value: Value) -> String {
    let (object, name) = pointer.rsplit_once('/').expect("a pointer");
    let object = body.pointer_mut(object).expect("an object in the body").as_object_mut().expect("an object");
    if value.is_null() {
        object.remove(name).expect("a field to be taken away");
    } else {
        object.insert(name.to_owned(), value);
    }
    body.to_string()
}

fn subject() -> Value {
    json!({ "screening_number": "S-002", "site": "34-001", "birth_year": 1961, "sex": "male" })
}

fn batch() -> Value {
    let of_type = |code: &str| json!({ "kit_type": code, "kits": 2, "lot": "L", "expiry": "2099-12-31" });
    let contents: Vec<Value> = ["LARIMAR-4406", "SUGILITE-9127", "KUNZITE-3358"].map(of_type).into();
    json!({ "batch": "B-2", "label_expiry": "2099-12-31", "contents": contents })
}

#[test]
fn a_field_that_cannot_be_read_is_named_by_its_path_and_nothing_is_stored() {
    let app = TestApp::imodals();
    app.screen("S-001", 1960, "female");
    let size = || app.database.values("SELECT CAST(size AS TEXT) AS value FROM tree_head ORDER BY tree");
    let before = size().expect("the sizes of the journals");
    let twice = subject().to_string().replacen('{', "{\"sex\":\"male\",", 1);
    let again = |name: &str, words: &str| eligible().to_string().replacen(name, &format!("{name}{words}"), 1);
    let answer_twice = again("\"answers\":{", "\"I03\":\"no\",");
    let level_twice = again("{", r#""strata":{"sex":"male","age":"old","sex":"female"},"#);
    let (none, randomize) = (Value::Null, "/subjects/S-001/randomization");
    #[rustfmt::skip]
    let table = [
        ("investigator", "/subjects", with(subject(), "/birth_year", json!("1961")),  "birth_year"),
        ("investigator", "/subjects", with(subject(), "/birth_year", json!(70_000)),  "birth_year"),
        ("investigator", "/subjects", with(subject(), "/birth_year", none.clone()),   "birth_year"),
        ("investigator", "/subjects", with(subject(), "/sex", json!([])),             "sex"),
        ("investigator", "/subjects", with(subject(), "/initials", json!("AB")),      "initials"),
        ("investigator", "/subjects", twice,                                          "sex"),
        ("supply", "/kits", with(batch(), "/contents", json!("all")),                 "contents"),
        ("supply", "/kits", with(batch(), "/label_expiry", json!("2099-02-30")),      "label_expiry"),
        ("supply", "/kits", with(batch(), "/contents/1/kits", json!(-1)),             "contents[1].kits"),
        ("supply", "/kits", with(batch(), "/contents/2/lot", none.clone()),           "contents[2].lot"),
        ("supply", "/kits", with(batch(), "/contents/0/colour", json!("red")),        "contents[0].colour"),
        ("investigator", randomize, with(eligible(), "/answers/I03", json!(true)),    "answers.I03"),
        ("investigator", randomize, answer_twice,                                     "answers.I03"),
        ("investigator", randomize, level_twice,                                      "strata.sex"),
        ("investigator", randomize, with(eligible(), "/consent_date", none),          "consent_date"),
    ];
    for (who, path, body, field) in table {
        let reply = app.person(who).send("POST", &app.path(path), Some(&body), &[("Idempotency-Key", "k")]);
        assert_eq!(reply.problem(422), "malformed-request", "{body}");
        let problem = reply.json();
        assert_eq!(problem["field"], field, "{body}: {problem}");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.starts_with(&format!("The field `{field}` ")), "{problem}");
    }
    assert_eq!(size().expect("the sizes of the journals"), before);
}

#[test]
fn what_is_no_json_or_no_object_has_no_field() {
    let app = TestApp::imodals();
    let whole = subject().to_string();
    let cut = whole.trim_end_matches('}');
    let after = format!("{whole} 1");
    for (body, status) in [("{", 400), (cut, 400), (&after, 400), ("sex", 400), ("null", 422), ("[1]", 422)] {
        let headers = [("Idempotency-Key", "k")];
        let reply = app.person("investigator").send("POST", &app.path("/subjects"), Some(body), &headers);
        assert_eq!(reply.problem(status), "malformed-request", "{body}");
        assert_eq!(reply.json()["field"], Value::Null, "{body}: {reply:?}");
    }
}
