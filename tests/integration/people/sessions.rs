//! Log-ins, and how they end.

use iwrs::client::Reply;
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};

use super::office::Office;

fn refresh(office: &Office, session: &Value) -> Reply {
    let body = json!({ "refresh_token": session["session"]["refresh_token"] });
    Client::anonymous(office.base()).post("/session/refresh", &body)
}

fn with_token(office: &Office, session: &Value) -> Client {
    let mut client = Client::anonymous(office.base());
    client.0.token = session["session"]["access_token"].as_str().map(str::to_owned);
    client
}

fn log_out(by: &Client) -> Reply {
    by.send("DELETE", "/session", None, &[])
}

fn reused(office: &Office) -> usize {
    office.acts().iter().filter(|act| *act == "session_reused").count()
}

#[test]
fn a_refresh_token_that_comes_twice_ends_the_session() {
    let office = Office::open();
    let first = office.log_in("ada", &office.first.0.password).expect(201);
    let second = refresh(&office, &first).expect(200);
    let me = with_token(&office, &second);
    me.get("/me").expect(200);
    assert_eq!(reused(&office), 0);
    assert_eq!(refresh(&office, &first).problem(401), "not-authenticated");
    assert_eq!(me.get("/me").problem(401), "not-authenticated", "the session has ended for both");
    assert_eq!(refresh(&office, &second).problem(401), "not-authenticated");
    assert_eq!(refresh(&office, &first).problem(401), "not-authenticated");
    assert_eq!(reused(&office), 1, "a dead session makes no further leaves");
    office.first.get("/me").expect(200);
}

#[test]
fn usr_08_tokens_sessions_and_idleness_end_in_time() {
    let office = Office::open();
    let log_in = || office.log_in("ada", &office.first.0.password).expect(201);
    let mut session = log_in();
    let old = with_token(&office, &session);
    office.clock.advance(599);
    old.get("/me").expect(200);
    office.clock.advance(10);
    assert_eq!(old.get("/me").problem(401), "not-authenticated", "an access token ends after ten minutes");
    for _ in 0..11 {
        office.clock.advance(3_600);
        session = refresh(&office, &session).expect(200);
    }
    let last = with_token(&office, &session);
    last.get("/me").expect(200);
    office.clock.advance(3_600 - 609);
    assert_eq!(
        refresh(&office, &session).problem(401),
        "not-authenticated",
        "a session ends after twelve hours"
    );
    let idle = log_in();
    office.clock.advance(2 * 3_600);
    assert_eq!(refresh(&office, &idle).problem(401), "not-authenticated", "or after two idle ones");
}

#[test]
fn logging_out_ends_the_session_at_once() {
    let office = Office::open();
    let session = office.log_in("ada", &office.first.0.password).expect(201);
    let me = with_token(&office, &session);
    log_out(&me).expect(204);
    assert_eq!(me.get("/me").problem(401), "not-authenticated");
    assert_eq!(log_out(&me).problem(401), "not-authenticated");
    assert_eq!(refresh(&office, &session).problem(401), "not-authenticated");
    assert_eq!(reused(&office), 0, "nothing was used twice");
}

#[test]
fn usr_07_an_unknown_name_and_a_wrong_password_are_answered_alike() {
    let office = Office::open();
    let tell = |reply: Reply| {
        let length = reply.headers.iter().find(|(name, _)| name == "content-length").cloned();
        (reply.status, reply.body, length)
    };
    let wrong = tell(office.log_in("ada", "not the password"));
    assert_eq!(wrong.0, 401);
    for unknown in ["nobody", "no body", "", "Ünbekannt", &"x".repeat(500)] {
        assert_eq!(tell(office.log_in(unknown, "not the password")), wrong, "{unknown}");
    }
    office.log_in(" ADA ", &office.first.0.password).expect(201);
}

#[test]
fn unb_08_a_delay_never_lasts() {
    let office = Office::open();
    office.person("ann");
    // `ann` is known at this desk, and judged by her own failures alone.
    let mut answers: Vec<u16> = (0..30).map(|_| office.log_in("ann", "wrong password").status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 401).count(), 5, "{answers:?}");
    answers.retain(|status| *status != 401);
    assert!(answers.iter().all(|status| *status == 429), "{answers:?}");
    let delayed = office.log_in("ann", "a long passphrase of ann");
    assert_eq!(delayed.problem(429), "too-many-attempts");
    assert!(delayed.headers.contains(&("retry-after".to_owned(), "1".to_owned())), "{delayed:?}");
    for _ in 0..20 {
        office.clock.advance(60);
        assert_eq!(office.log_in("ann", "wrong password").status, 401, "a minute is the longest delay");
    }
    office.clock.advance(60);
    office.log_in("ann", "a long passphrase of ann").expect(201);
}

#[test]
fn usr_07_failed_log_ins_and_denials_become_one_leaf_a_minute() {
    let office = Office::open();
    let ann = office.person("ann");
    for name in ["ada", "ada", "nobody"] {
        assert_eq!(office.log_in(name, "wrong password").status, 401);
    }
    (0..4).for_each(|_| assert_eq!(ann.get("/users").problem(403), "forbidden"));
    let before = office.acts().len();
    service::people::flush(&office.service).expect("written down");
    let leaves = office.leaves(&office.installation()).split_off(before);
    assert_eq!(leaves.len(), 2, "{leaves:?}");
    assert_eq!(leaves[0]["act"], json!({ "kind": "denied", "action": "read_users", "count": 4 }));
    assert_eq!(leaves[0]["actor"], "ann");
    assert_eq!(leaves[1]["act"], json!({ "kind": "log_ins_failed", "count": 3, "names": 2 }));
    service::people::flush(&office.service).expect("nothing to write down");
    assert_eq!(office.acts().len(), before + 2);
}

fn live(by: &Client, path: &str) -> Vec<Value> {
    by.get(path).expect(200)["sessions"].as_array().expect("sessions").clone()
}

#[test]
fn usr_11_somebody_sees_where_they_are_logged_in_and_ends_what_is_not_theirs() {
    let office = Office::open();
    let ann = office.person("ann");
    office.clock.advance(60);
    let lost = Client::log_in(office.base(), "ann", &ann.0.password);
    let sessions = live(&ann, "/me/sessions");
    assert_eq!(sessions.len(), 3, "with the first one, in which the password was set: {sessions:?}");
    assert_eq!(sessions.iter().filter(|of| of["this"] == true).count(), 1);
    assert_eq!(sessions[0]["last_used_at"], "2015-10-05T08:01:00.000000Z", "the one used last first");
    let own = live(&lost, "/me/sessions").into_iter().find(|of| of["this"] == true).expect("its own");
    let other = office.person("bob");
    let end =
        |by: &Client, path: &str, which: &Value| by.post(path, &serde_json::json!({ "session": which }));
    assert_eq!(end(&other, "/me/sessions/end", &own["id"]).problem(404), "not-found", "somebody else's");
    lost.get("/me").expect(200);
    assert_eq!(end(&ann, "/me/sessions/end", &own["id"]).expect(201)["ended"], 1);
    assert_eq!(lost.get("/me").problem(401), "not-authenticated");
    assert_eq!(ann.post("/me/sessions/end", &serde_json::json!({})).expect(201)["ended"], 1, "all others");
    ann.get("/me").expect(200);
    office.clock.advance(2 * 3600);
    let again = Client::log_in(office.base(), "ann", &ann.0.password);
    assert_eq!(live(&again, "/me/sessions").len(), 1, "one that was idle for too long is none");
    assert_eq!(office.acts().iter().filter(|act| *act == "sessions_ended").count(), 2);
}

#[test]
fn usr_03_an_administrator_ends_every_session_of_somebody_who_leaves() {
    let office = Office::open();
    let ann = office.person("ann");
    assert_eq!(ann.get("/users/ben/sessions").problem(403), "forbidden");
    assert_eq!(ann.post("/users/ben/sessions/end", &serde_json::json!({})).problem(403), "forbidden");
    assert_eq!(office.first.get("/users/nobody/sessions").problem(404), "not-found");
    assert_eq!(live(&office.first, "/users/ann/sessions").len(), 2);
    let ended = office.first.post("/users/ann/sessions/end", &serde_json::json!({})).expect(201);
    assert_eq!(ended["ended"], 2);
    assert_eq!(ann.get("/me").problem(401), "not-authenticated");
    assert_eq!(live(&office.first, "/users/ann/sessions").len(), 0);
}
