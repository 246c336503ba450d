//! Roles: who grants them, to whom, and when they end.

use iwrs::client::Reply;
use iwrs_tests::client::{Client, Expect};
use serde_json::json;

use super::office::{Office, wanted};

fn confirm(by: &Client, user: &str, grant: &str) -> Reply {
    by.sign_and_post("grant_role", &format!("/users/{user}/grants/{grant}/confirmation"), &json!({}))
}

fn revoke(by: &Client, user: &str, grant: &str) -> Reply {
    by.post(&format!("/users/{user}/grants/{grant}/revocation"), &json!({ "reason": "left" }))
}

#[test]
fn usr_03_a_revoked_role_is_gone_at_the_next_request_with_the_old_token() {
    let office = Office::open();
    let ann = office.person("ann");
    assert_eq!(ann.get("/studies/imodals").problem(404), "not-found", "no role, no study");
    let grant = office.granted("ann", "investigator");
    ann.get("/studies/imodals").expect(200);
    assert_eq!(ann.get("/me").expect(200)["me"]["roles"][0]["role"], "investigator");
    assert_eq!(revoke(&office.second, "ann", &grant).expect(201)["grant"]["state"], "revoked");
    assert_eq!(ann.get("/studies/imodals").problem(404), "not-found");
    assert_eq!(ann.get("/me").expect(200)["me"]["roles"], json!([]));
    assert_eq!(revoke(&office.second, "ann", &grant).problem(409), "exists");
    let leaves = office.leaves(&office.study());
    let kinds: Vec<_> = leaves.iter().rev().take(2).map(|leaf| leaf["act"]["kind"].clone()).collect();
    assert_eq!(kinds, ["role_revoked", "role_granted"]);
    assert!(!format!("{leaves:?}").contains("delegated"), "a reason is committed, not told");
}

#[test]
fn bld_13_a_history_excludes_roles_for_ever() {
    let office = Office::open();
    office.invite("ann");
    let grant = office.granted("ann", "investigator");
    assert_eq!(office.grant(&office.first, "ann", "statistician").problem(409), "role-excluded");
    revoke(&office.first, "ann", &grant).expect(201);
    assert_eq!(office.grant(&office.first, "ann", "statistician").problem(409), "role-excluded");
    office.granted("ann", "monitor");
    assert_eq!(office.grant(&office.first, "ann", "administrator").problem(409), "role-excluded");
    assert_eq!(office.grant(&office.first, "ben", "monitor").problem(409), "role-excluded");
}

#[test]
fn bld_13_an_unblinded_role_takes_two_administrators() {
    let office = Office::open();
    let ann = office.person("ann");
    let answer = office.grant(&office.first, "ann", "statistician").expect(201);
    assert_eq!(answer["grant"]["state"], "proposed");
    let grant = answer["grant"]["id"].as_str().expect("an id");
    assert_eq!(ann.get("/studies/imodals").problem(404), "not-found");
    assert_eq!(confirm(&office.first, "ann", grant).problem(409), "same-person");
    let path = format!("/users/ann/grants/{grant}/confirmation");
    assert_eq!(office.second.post(&path, &json!({})).problem(403), "signature-needed");
    assert_eq!(confirm(&office.second, "ben", grant).problem(404), "not-found", "another person's grant");
    assert_eq!(confirm(&office.second, "ann", grant).expect(201)["grant"]["state"], "in_force");
    ann.get("/studies/imodals").expect(200);
    assert_eq!(confirm(&office.second, "ann", grant).problem(409), "exists");
    let leaves = office.leaves(&office.study()).split_off(3);
    let facts: Vec<_> =
        leaves.iter().map(|leaf| (leaf["act"]["kind"].as_str(), leaf["actor"].as_str())).collect();
    assert_eq!(facts, [(Some("role_proposed"), Some("ada")), (Some("role_granted"), Some("ben"))]);
    assert_eq!(leaves[0]["act"]["reason"], leaves[1]["act"]["reason"], "one reason, one commitment");
}

#[test]
fn usr_05_another_administrator_takes_two_and_stands_in_the_installations_journal() {
    let office = Office::open();
    let eve = office.person("eve");
    let answer = office.grant(&office.first, "eve", "administrator").expect(201);
    let grant = answer["grant"]["id"].as_str().expect("an id");
    assert_eq!(eve.get("/users").problem(403), "forbidden");
    assert_eq!(office.grant(&office.second, "eve", "administrator").problem(409), "exists");
    assert_eq!(
        office.grant(&office.second, "eve", "monitor").problem(409),
        "role-excluded",
        "proposed counts"
    );
    confirm(&office.second, "eve", grant).expect(201);
    eve.get("/users").expect(200);
    assert_eq!(revoke(&eve, "eve", grant).problem(409), "same-person");
    revoke(&office.first, "eve", grant).expect(201);
    assert_eq!(eve.get("/users").problem(403), "forbidden");
    let acts = office.acts();
    let about = |kind: &str| acts.iter().filter(|act| *act == kind).count();
    assert_eq!((about("role_proposed"), about("role_granted"), about("role_revoked")), (1, 3, 1));
}

#[test]
fn usr_05_nobody_grants_to_themselves_and_nobody_without_the_right_learns_anything() {
    let office = Office::open();
    let ann = office.person("ann");
    let grant = office.granted("ann", "investigator");
    assert_eq!(office.grant(&office.first, "ada", "administrator").problem(409), "same-person");
    assert_eq!(office.grant(&office.first, "ada", "monitor").problem(409), "same-person");
    let told = |reply: Reply| (reply.problem(403), reply.body);
    assert_eq!(told(office.grant(&ann, "ben", "monitor")).0, "forbidden");
    assert_eq!(told(office.grant(&ann, "ben", "monitor")), told(office.grant(&ann, "nobody", "monitor")));
    assert_eq!(told(revoke(&ann, "ann", &grant)), told(revoke(&ann, "ann", "nothing")));
    assert_eq!(told(confirm(&ann, "ann", &grant)), told(confirm(&ann, "nobody", "nothing")));
}

#[test]
fn a_grant_names_what_there_is_and_bad_input_stores_nothing() {
    let office = Office::open();
    office.invite("ann");
    let (study, site, other) = ("imodals", "34-001", "34-999");
    #[rustfmt::skip]
    let table = [
        ("ann", json!({ "role": "investigator", "study": study, "reason": "r" }), 422, "site"),
        ("ann", json!({ "role": "investigator", "study": study, "site": other, "reason": "r" }), 422, "site"),
        ("ann", json!({ "role": "monitor", "study": study, "site": site, "reason": "r" }), 422, "site"),
        ("ann", json!({ "role": "monitor", "reason": "r" }), 422, "study"),
        ("ann", json!({ "role": "administrator", "study": study, "reason": "r" }), 422, "study"),
        ("ann", json!({ "role": "monitor", "study": "no-such", "reason": "r" }), 404, "not-found"),
        ("bob", json!({ "role": "monitor", "study": study, "reason": "r" }), 404, "not-found"),
        ("ann", json!({ "role": "monitor", "study": study, "reason": " " }), 422, "reason"),
        ("ann", json!({ "role": "king", "study": study, "reason": "r" }), 422, "role"),
        ("ann", json!({ "role": "monitor", "study": study, "x": 1 }), 422, "x"),
        ("ann", json!({ "role": "monitor", "study": study }), 422, "reason"),
    ];
    let before = office.leaves(&office.study()).len();
    for (user, body, status, what) in table {
        let path = format!("/users/{user}/grants");
        let answer = office.first.sign_and_post("grant_role", &path, &body).expect(status);
        let found = answer["field"].as_str().or(answer["type"].as_str()).unwrap_or_default();
        assert!(found.ends_with(what), "{body}: {answer}");
    }
    assert_eq!(office.leaves(&office.study()).len(), before);
    let made = office.database.values("SELECT id AS value FROM role_grant WHERE user_id = 'ann'");
    assert_eq!(made.expect("the grants"), [""; 0]);
}

#[test]
fn a_grant_that_is_sent_again_is_one_grant() {
    let office = Office::open();
    office.invite("ann");
    let (path, body) = ("/users/ann/grants", wanted("investigator"));
    let send = |by: &Client, body: &serde_json::Value| {
        by.post_signed(path, body, "key-1", &by.sign("grant_role", path, body))
    };
    let first = send(&office.first, &body).expect(201);
    assert_eq!(send(&office.first, &body).expect(201), first);
    assert_eq!(send(&office.first, &wanted("pharmacist")).problem(422), "idempotency-key-reused");
    assert_eq!(send(&office.second, &body).problem(404), "not-found", "another person's key");
    assert_eq!(office.grant(&office.first, "ann", "investigator").problem(409), "exists", "another key");
    let made = office.database.values("SELECT id AS value FROM role_grant WHERE user_id = 'ann'");
    assert_eq!(made.expect("the grants").len(), 1);
    let last = office.leaves(&office.study()).pop().expect("a leaf");
    assert_eq!(last["act"]["kind"], "asked_again");
    assert_eq!(last["act"]["effect"], first["grant"]["id"]);
    assert_eq!(
        office.first.send("POST", path, Some(&body.to_string()), &[]).problem(400),
        "idempotency-key-needed"
    );
}
