//! Signatures: good for one act, once, and for nothing else.

use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};

use super::office::{Office, try_sign, wanted};

const ACTION: &str = "grant_role";
const PATH: &str = "/users/ann/grants";
const QUERY: &str = "/users/ann/grants?x=1";

fn body() -> Value {
    wanted("investigator")
}

fn grants(office: &Office) -> Vec<String> {
    let made = "SELECT id AS value FROM role_grant WHERE study IS NOT NULL";
    office.database.values(made).expect("the grants")
}

#[test]
fn sig_02_a_signature_is_good_for_exactly_one_act_of_one_session() {
    let office = Office::open();
    ["ann", "bob"].iter().for_each(|login| drop(office.invite(login)));
    let ada = &office.first;
    let elsewhere = Client::log_in(office.base(), "ada", &ada.0.password);
    let other_body = wanted("pharmacist");
    #[rustfmt::skip]
    let table = [
        ("another action",  ada.sign("randomize", PATH, &body()),                      PATH),
        ("another address", ada.sign(ACTION, "/users/bob/grants", &body()),            PATH),
        ("another query",   ada.sign(ACTION, PATH, &body()),                           QUERY),
        ("another body",    ada.sign(ACTION, PATH, &other_body),                       PATH),
        ("another session", elsewhere.sign(ACTION, PATH, &body()),                     PATH),
        ("another person",  office.second.sign(ACTION, PATH, &body()),                 PATH),
        ("no token",        "nonsense".to_owned(),                                     PATH),
        ("an unknown one",  "A".repeat(43),                                            PATH),
    ];
    for (what, token, path) in table {
        let refused = ada.post_signed(path, &body(), "key-1", &token);
        assert_eq!(refused.problem(403), "signature-invalid", "{what}");
    }
    assert_eq!(ada.post(PATH, &body()).problem(403), "signature-needed");
    assert_eq!(grants(&office), [""; 0], "nothing was stored");
    let token = ada.sign(ACTION, PATH, &body());
    ada.post_signed(PATH, &body(), "key-1", &token).expect(201);
    assert_eq!(ada.post_signed(PATH, &body(), "key-2", &token).problem(403), "signature-invalid", "used");
    assert_eq!(grants(&office).len(), 1);
}

#[test]
fn sig_02_a_signature_is_good_for_a_minute() {
    let office = Office::open();
    office.invite("ann");
    let other = wanted("pharmacist");
    let (in_time, late) = (office.first.sign(ACTION, PATH, &body()), office.first.sign(ACTION, PATH, &other));
    office.clock.advance(59);
    office.first.post_signed(PATH, &body(), "key-1", &in_time).expect(201);
    office.clock.advance(1);
    assert_eq!(office.first.post_signed(PATH, &other, "key-2", &late).problem(403), "signature-invalid");
    assert_eq!(grants(&office).len(), 1);
}

#[test]
fn sig_04_signing_takes_the_signers_own_password() {
    let office = Office::open();
    let mut thief = Client::anonymous(office.base());
    thief.0.token.clone_from(&office.first.0.token);
    thief.0.password.clone_from(&office.second.0.password);
    assert_eq!(try_sign(&thief, ACTION, PATH, &body()).problem(401), "wrong-credentials");
    assert_eq!(
        try_sign(&Client::anonymous(office.base()), ACTION, PATH, &body()).problem(401),
        "not-authenticated"
    );
    assert_eq!(try_sign(&office.first, "read_users", PATH, &body()).problem(422), "invalid-field");
    assert_eq!(try_sign(&office.first, "no_such_act", PATH, &body()).problem(422), "invalid-field");
    let asked = json!({
        "action": ACTION, "address": "/api/v1/users/ann/grants", "body_sha256": "AB",
        "password": office.first.0.password,
    });
    assert_eq!(office.first.post("/signatures", &asked).expect(422)["field"], "body_sha256");
}

#[test]
fn a_password_that_was_changed_takes_the_signatures_of_other_sessions_with_it() {
    let office = Office::open();
    office.invite("ann");
    let elsewhere = Client::log_in(office.base(), "ada", &office.first.0.password);
    let token = elsewhere.sign(ACTION, PATH, &body());
    let change =
        json!({ "old_password": office.first.0.password, "new_password": "another long passphrase" });
    office.first.post("/me/password", &change).expect(204);
    assert_eq!(elsewhere.post_signed(PATH, &body(), "key-1", &token).problem(401), "not-authenticated");
    assert_eq!(grants(&office), [""; 0]);
}
