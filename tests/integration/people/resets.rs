//! Resets that take two administrators, and the mail that the owner gets.

use iwrs::client::Reply;
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};

use super::office::Office;

fn reset(by: &Client, user: &str) -> Reply {
    by.post(&format!("/users/{user}/reset"), &json!({}))
}

fn state(answer: &Value) -> (&str, Option<&str>) {
    let reset = &answer["reset"];
    (reset["state"].as_str().expect("a state"), reset["one_time_password"].as_str())
}

fn assert_proposed(reply: &Reply) {
    assert_eq!(state(&reply.expect(201)), ("proposed", None));
}

/// The mails to the owner of an account that tell a reset.
fn mails(office: &Office, user: &str) -> Vec<String> {
    let select = "SELECT params AS value FROM notice WHERE template = 'account_reset' AND recipient = ";
    office.database.values(&format!("{select}'{user}@test.invalid'")).expect("the outbox")
}

/// An office with `sam`, to whom the role of a statistician was proposed; a second later.
fn with_statistician() -> (Office, Client) {
    let office = Office::open();
    let sam = office.person("sam");
    office.grant(&office.first, "sam", "statistician").expect(201);
    office.clock.advance(1);
    (office, sam)
}

#[test]
fn sig_05_a_reset_is_told_to_its_owner_without_the_password() {
    let office = Office::open();
    office.person("ann");
    let answer = reset(&office.first, "ann").expect(201);
    let (done, password) = state(&answer);
    assert_eq!(done, "done");
    let mails = mails(&office, "ann");
    assert_eq!(mails.len(), 1);
    let told: Value = serde_json::from_str(&mails[0]).expect("JSON");
    assert_eq!(told["by"], "ada");
    assert_eq!(told["at"], "2015-10-05T08:00:00.000000Z");
    assert!(!mails[0].contains(password.expect("a password")), "{mails:?}");
}

#[test]
fn sig_05_no_administrator_alone_becomes_an_unblinded_person() {
    let (office, sam) = with_statistician();
    assert_proposed(&reset(&office.first, "sam"));
    office.clock.advance(1);
    assert_proposed(&reset(&office.first, "sam"));
    sam.get("/me").expect(200);
    assert_eq!(mails(&office, "sam").len(), 0, "nothing has happened yet");
    let answer = reset(&office.second, "sam").expect(201);
    let (done, password) = state(&answer);
    assert_eq!(done, "done");
    assert_eq!(sam.get("/me").problem(401), "not-authenticated");
    office.log_in("sam", password.expect("a password")).expect(201);
    assert_eq!(mails(&office, "sam").len(), 1);
    let acts = office.acts();
    let of_resets: Vec<&String> = acts.iter().filter(|act| act.contains("reset")).collect();
    assert_eq!(of_resets, ["reset_proposed", "reset_proposed", "account_reset"]);
    office.clock.advance(1);
    assert_proposed(&reset(&office.second, "sam"));
}

#[test]
fn sig_05_a_proposal_ends_after_a_day_and_with_a_new_password() {
    let (office, sam) = with_statistician();
    assert_proposed(&reset(&office.first, "sam"));
    let new = json!({ "old_password": sam.0.password, "new_password": "another long passphrase" });
    sam.post("/me/password", &new).expect(204);
    office.clock.advance(1);
    assert_proposed(&reset(&office.second, "sam"));
    office.clock.advance(24 * 3600);
    let [first, second] = ["ada", "ben"].map(|login| {
        let password = if login == "ada" { &office.first.0.password } else { &office.second.0.password };
        Client::log_in(office.base(), login, password)
    });
    assert_proposed(&reset(&first, "sam"));
    office.clock.advance(1);
    assert_eq!(state(&reset(&second, "sam").expect(201)).0, "done");
}

#[test]
fn sig_05_neither_another_administrator_nor_somebody_once_unblinded_is_reset_by_one() {
    let (office, sam) = with_statistician();
    assert_proposed(&reset(&office.first, "ben"));
    office.second.get("/me").expect(200);
    let users = office.first.get("/users").expect(200)["users"].clone();
    let user = users.as_array().expect("users").iter().find(|user| user["id"] == "sam").expect("sam").clone();
    let grant = user["grants"][0]["id"].as_str().expect("an id");
    let path = format!("/users/sam/grants/{grant}/revocation");
    office.first.post(&path, &json!({ "reason": "left" })).expect(201);
    assert_proposed(&reset(&office.first, "sam"));
    sam.get("/me").expect(200);
}

#[test]
fn a_reset_that_is_sent_again_under_its_key_has_one_effect_and_the_same_answer() {
    let office = Office::open();
    office.person("ann");
    let send = |by: &Client, key: &str| by.post_with_key("/users/ann/reset", &json!({}), key).expect(201);
    let first = send(&office.first, "one");
    assert_eq!(send(&office.first, "one"), first);
    assert_eq!(mails(&office, "ann").len(), 1);
    let password = first["reset"]["one_time_password"].as_str().expect("a password");
    office.log_in("ann", password).expect(201);
    let other = send(&office.first, "two");
    assert_ne!(other, first, "another key gives another password");
    assert_ne!(send(&office.second, "two"), other, "and so does the key of another administrator");
}

#[test]
fn an_invitation_that_is_sent_again_under_its_key_makes_one_account_and_shows_the_same_password() {
    let office = Office::open();
    let body = json!({ "login": "ann", "display_name": "Ann", "email": "ann@test.invalid" });
    let send = |key: &str, body: &Value| office.first.post_with_key("/users", body, key);
    let first = send("one", &body).expect(201);
    assert_eq!(send("one", &body).expect(201), first);
    let password = first["invitation"]["one_time_password"].as_str().expect("a password");
    office.log_in("ann", password).expect(201);
    let another = json!({ "login": "ann", "display_name": "Another", "email": "other@test.invalid" });
    assert_eq!(send("one", &another).problem(409), "exists", "the same name for somebody else");
    assert_eq!(send("two", &body).problem(409), "exists");
    assert_eq!(office.acts().iter().filter(|act| *act == "account_invited").count(), 3);
}
