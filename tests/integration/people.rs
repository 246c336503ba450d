//! People through the interface: accounts, log-ins, signatures and roles.

mod flood;
mod office;
mod race;
mod resets;
mod roles;
mod second_factor;
mod sessions;
mod signatures;

use iwrs_tests::client::{Client, Expect};
use office::{Office, try_sign};
use serde_json::json;

#[test]
fn usr_09_a_one_time_password_opens_nothing_but_the_way_to_a_lasting_one() {
    let office = Office::open();
    let one_time = office.invite("ann");
    let ann = Client::log_in(office.base(), "ann", &one_time);
    assert_eq!(ann.get("/me").expect(200)["me"]["must_change_password"], true);
    assert_eq!(ann.get("/users").problem(403), "password-change-needed");
    assert_eq!(
        try_sign(&ann, "grant_role", "/users/ann/grants", &json!({})).problem(403),
        "password-change-needed"
    );
    let set =
        |old: &str, new: &str| ann.post("/me/password", &json!({ "old_password": old, "new_password": new }));
    assert_eq!(set("not the password", "a long passphrase").problem(401), "wrong-credentials");
    assert_eq!(set(&one_time, "too short").problem(422), "invalid-field");
    assert_eq!(set(&one_time, &one_time).problem(422), "invalid-field");
    let elsewhere = Client::log_in(office.base(), "ann", &one_time);
    set(&one_time, "a long passphrase").expect(204);
    assert_eq!(elsewhere.get("/me").problem(401), "not-authenticated", "other sessions end");
    assert_eq!(ann.get("/me").expect(200)["me"]["must_change_password"], false);
    assert_eq!(ann.get("/users").problem(403), "forbidden");
    assert_eq!(office.log_in("ann", &one_time).problem(401), "wrong-credentials");
    office.log_in("ann", "a long passphrase").expect(201);
    let acts = office.acts();
    assert_eq!(acts.iter().filter(|act| *act == "password_set").count(), 3, "both administrators and ann");
}

#[test]
fn usr_10_an_account_is_made_once_and_bad_input_makes_none() {
    let office = Office::open();
    #[rustfmt::skip]
    let table = [
        ("ann",  "Ann (test)", "ann@test.invalid", 201, ""),
        ("ann",  "Ann (test)", "ann@test.invalid", 409, "exists"),
        ("Bob",  "Bob (test)", "bob@test.invalid", 422, "login"),
        ("b b",  "Bob (test)", "bob@test.invalid", 422, "login"),
        ("bob",  " ",          "bob@test.invalid", 422, "display_name"),
        ("bob",  "Bob\u{7}",   "bob@test.invalid", 422, "display_name"),
        ("bob",  "Bob\u{202e}", "bob@test.invalid", 422, "display_name"),
        ("bob",  "Bob (test)", "bob",              422, "email"),
        ("bob",  "Bob (test)", "b@x.invalid\r\nX: y", 422, "email"),
    ];
    for (login, name, email, status, what) in table {
        let body = json!({ "login": login, "display_name": name, "email": email });
        let answer = office.first.post("/users", &body).expect(status);
        let found = answer["field"].as_str().or(answer["type"].as_str()).unwrap_or_default();
        assert!(found.ends_with(what), "{body}: {answer}");
    }
    let people = office.database.values("SELECT id AS value FROM person ORDER BY id").expect("the people");
    assert_eq!(people, ["ada", "ann", "ben"]);
    assert_eq!(office.acts().iter().filter(|act| *act == "account_invited").count(), 3);
}

#[test]
fn an_invitation_is_mailed_without_its_password() {
    let office = Office::open();
    let one_time = office.invite("ann");
    let mails = "SELECT recipient || ' ' || params AS value FROM notice";
    let mails = office.database.values(mails).expect("the outbox");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].starts_with("ann@test.invalid ") && mails[0].contains("invitation"), "{mails:?}");
    let everywhere = format!("{mails:?} {:?}", office.leaves(&office.installation()));
    assert!(!everywhere.contains(&one_time), "{everywhere}");
}

#[test]
fn sig_05_a_reset_gives_no_lasting_password_and_ends_every_session() {
    let office = Office::open();
    let ann = office.person("ann");
    let reset = |by: &Client, who: &str| by.post(&format!("/users/{who}/reset"), &json!({}));
    assert_eq!(reset(&ann, "ben").problem(403), "forbidden");
    assert_eq!(reset(&ann, "nobody").problem(403), "forbidden", "whether or not there is such a person");
    assert_eq!(reset(&office.first, "nobody").problem(404), "not-found");
    assert_eq!(reset(&office.first, "ada").problem(409), "same-person");
    let answer = reset(&office.first, "ann").expect(201);
    assert_eq!(answer["reset"]["state"], "done");
    let one_time = answer["reset"]["one_time_password"].as_str().expect("a password");
    assert_eq!(ann.get("/me").problem(401), "not-authenticated");
    assert_eq!(office.log_in("ann", &ann.0.password).problem(401), "wrong-credentials");
    let again = office.log_in("ann", one_time).expect(201);
    assert_eq!(again["session"]["must_change_password"], true);
    assert!(office.acts().contains(&"account_reset".to_owned()));
}

#[test]
fn the_review_shows_everybody_with_every_grant_and_the_last_use() {
    let office = Office::open();
    office.invite("ann");
    let grant = office.granted("ann", "investigator");
    office
        .first
        .post(&format!("/users/ann/grants/{grant}/revocation"), &json!({ "reason": "left" }))
        .expect(201);
    let users = office.second.get("/users").expect(200)["users"].clone();
    let ids: Vec<&str> =
        users.as_array().expect("a list").iter().filter_map(|user| user["id"].as_str()).collect();
    assert_eq!(ids, ["ada", "ann", "ben"]);
    assert_eq!(users[0]["last_use"], "2015-10-05T08:00:00.000000Z");
    assert!(users[1]["last_use"].is_null(), "ann was never here");
    assert_eq!(users[0]["grants"][0]["role"], "administrator");
    assert!(users[0]["grants"][0]["granted_by"].is_null(), "made by the operator");
    assert_eq!(users[1]["grants"][0]["state"], "revoked");
    assert_eq!(users[1]["grants"][0]["granted_by"], "ada");
}

#[test]
fn usr_05_the_operator_makes_two_administrators_and_no_third() {
    let office = Office::open();
    let third = service::people::bootstrap_administrator(&office.service, "eve", "Eve", "eve@test.invalid");
    match third {
        Err(service::Failure::Refusal(refusal)) => assert_eq!(refusal.code(), "exists"),
        _ => panic!("a third administrator was made"),
    }
    let people = office.database.values("SELECT id AS value FROM person").expect("the people");
    assert!(!people.contains(&"eve".to_owned()));
}
