//! The second factor: who must have one, that each code is good once, and what is done with one that is lost.

use std::sync::Barrier;
use std::thread;

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, eligible};
use iwrs_tests::authenticator::Authenticator;
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};
use service::people::SecondFactorRule;
use service::rotate::rotate;

use super::office::{Office, try_sign};
use crate::record::count_in_installation;

const CONFIRMATION: &str = "/me/second-factor/confirmation";

fn strict() -> Office {
    Office::with(World { second_factor: SecondFactorRule::Required, ..World::default() })
}

/// The answer to a log-in with a code.
fn log_in(base: &str, who: &Client, code: &str) -> Reply {
    let body = json!({ "login": who.0.login, "password": who.0.password, "code": code });
    Client::anonymous(base).post("/session", &body)
}

fn give(who: &Client, code: &str) -> Reply {
    who.post("/session/code", &json!({ "code": code }))
}

/// An office in which ann, who has no role, has set a second factor up, and is logged in by her password alone.
fn with_device() -> (Office, Client, Authenticator, Vec<String>) {
    let office = Office::open();
    let ann = office.person("ann");
    let (device, codes) = Authenticator::set_up(&ann, &office.clock);
    office.clock.advance(60);
    let alone = Client::log_in(office.base(), "ann", &ann.0.password);
    (office, alone, device, codes)
}

#[test]
fn usr_09_whoever_must_have_a_second_factor_can_do_nothing_before_it_is_set_up() {
    let office = strict();
    let ada = &office.first;
    let session = office.log_in("ada", &ada.0.password).expect(201);
    assert_eq!(session["session"]["must_set_second_factor"], true);
    let invitation = json!({ "login": "eve", "display_name": "Eve", "email": "eve@test.invalid" });
    assert_eq!(ada.get("/users").problem(403), "second-factor-needed");
    assert_eq!(ada.get("/studies").problem(403), "second-factor-needed");
    assert_eq!(ada.post("/users", &invitation).problem(403), "second-factor-needed");
    let path = "/users/ben/grants";
    assert_eq!(try_sign(ada, "grant_role", path, &json!({})).problem(403), "second-factor-needed");
    assert_eq!(ada.get("/me").expect(200)["me"]["must_set_second_factor"], true);

    let (_device, codes) = Authenticator::set_up(ada, &office.clock);
    assert_eq!(codes.len(), 10);
    ada.get("/users").expect(200);
    let me = ada.get("/me").expect(200)["me"].clone();
    assert_eq!((&me["has_second_factor"], &me["recovery_codes"]), (&json!(true), &json!(10)));
    let removal = json!({ "password": ada.0.password });
    assert_eq!(ada.post("/me/second-factor/removal", &removal).problem(403), "second-factor-needed");
    assert_eq!(office.acts().iter().filter(|act| *act == "second_factor_set").count(), 1);
}

#[test]
fn usr_09_a_role_that_takes_a_second_factor_takes_it_in_the_sessions_that_are_live_already() {
    let office = strict();
    for admin in [&office.first, &office.second] {
        Authenticator::set_up(admin, &office.clock);
    }
    let sam = office.person("sam");
    sam.get("/studies").expect(200);
    office.granted("sam", "monitor");
    sam.get("/studies/imodals").expect(200);
    let kim = office.person("kim");
    let proposed = office.grant(&office.first, "kim", "statistician").expect(201);
    kim.get("/studies").expect(200);
    let id = proposed["grant"]["id"].as_str().expect("an id");
    let path = format!("/users/kim/grants/{id}/confirmation");
    office.second.sign_and_post("grant_role", &path, &json!({})).expect(201);
    assert_eq!(kim.get("/studies/imodals").problem(403), "second-factor-needed");
    Authenticator::set_up(&kim, &office.clock);
    kim.get("/studies/imodals").expect(200);
}

#[test]
fn usr_09_the_password_alone_opens_nothing_until_the_code_comes() {
    let (office, ann, device, _codes) = with_device();
    assert_eq!(ann.get("/me").expect(200)["me"]["must_give_code"], true);
    assert_eq!(ann.get("/studies").problem(403), "code-needed");
    assert_eq!(ann.get("/me/sessions").problem(403), "code-needed");
    assert_eq!(ann.post("/me/sessions/end", &json!({})).problem(403), "code-needed");
    let change = json!({ "old_password": ann.0.password, "new_password": "another long passphrase" });
    assert_eq!(ann.post("/me/password", &change).problem(403), "code-needed");
    for act in ["", "/removal", "/recovery-codes"] {
        let path = format!("/me/second-factor{act}");
        let refused = ann.post(&path, &json!({ "password": ann.0.password }));
        assert_eq!(refused.problem(403), "code-needed", "{path}");
    }
    assert_eq!(ann.post(CONFIRMATION, &json!({ "code": "000000" })).problem(403), "code-needed");
    assert_eq!(give(&ann, "").problem(401), "wrong-code");
    assert_eq!(give(&ann, "12345").problem(401), "wrong-code");
    assert_eq!(give(&ann, &device.code(&office.clock)).status, 204);
    ann.get("/studies").expect(200);
    let kinds: Vec<String> = office.acts().into_iter().filter(|act| act.starts_with("logged_in")).collect();
    let last_two = &kinds[kinds.len() - 2..];
    assert_eq!(last_two, ["logged_in_by_password_alone", "logged_in"]);
}

#[test]
fn a_code_is_good_once_and_no_earlier_one_after_it() {
    let (office, ann, device, _codes) = with_device();
    let earlier = device.code(&office.clock);
    office.clock.advance(30);
    let code = device.code(&office.clock);
    log_in(office.base(), &ann, &code).expect(201);
    assert_eq!(log_in(office.base(), &ann, &code).problem(401), "wrong-code", "the same once more");
    assert_eq!(log_in(office.base(), &ann, &earlier).problem(401), "wrong-code", "one from before it");
    assert_eq!(give(&ann, &code).problem(401), "wrong-code");
    office.clock.advance(30);
    log_in(office.base(), &ann, &device.code(&office.clock)).expect(201);
}

#[test]
fn of_many_at_once_with_one_code_one_is_let_in() {
    let (office, ann, device, codes) = with_device();
    for code in [device.code(&office.clock), codes[0].clone()] {
        let ready = Barrier::new(8);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let attempt = || {
                ready.wait();
                log_in(office.base(), &ann, &code).status
            };
            let attempts: Vec<_> = (0..4).map(|_| scope.spawn(attempt)).collect();
            let others: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        ready.wait();
                        give(&Client::log_in(office.base(), "ann", &ann.0.password), &code).status
                    })
                })
                .collect();
            attempts.into_iter().chain(others).map(|attempt| attempt.join().expect("an answer")).collect()
        });
        let let_in = statuses.iter().filter(|status| [201, 204].contains(*status)).count();
        assert_eq!(let_in, 1, "{code}: {statuses:?}");
        // Those who were too late are counted, and wait.
        office.clock.advance(16 * 60);
    }
}

#[test]
fn the_code_of_somebody_else_and_of_a_secret_that_is_gone_are_wrong() {
    let (office, ann, device, codes) = with_device();
    let bob = office.person("bob");
    let (others, others_codes) = Authenticator::set_up(&bob, &office.clock);
    office.clock.advance(60);
    assert_eq!(log_in(office.base(), &ann, &others.code(&office.clock)).problem(401), "wrong-code");
    assert_eq!(log_in(office.base(), &ann, &others_codes[0]).problem(401), "wrong-code");
    assert_eq!(give(&ann, &device.code(&office.clock)).status, 204);

    let offered = Authenticator::offered(&ann);
    office.clock.advance(60);
    let with_offered = log_in(office.base(), &ann, &offered.code(&office.clock));
    assert_eq!(with_offered.problem(401), "wrong-code", "it is not in force yet");
    log_in(office.base(), &ann, &device.code(&office.clock)).expect(201);
    ann.post(CONFIRMATION, &json!({ "code": offered.code(&office.clock) })).expect(201);
    office.clock.advance(60);
    let with_old = log_in(office.base(), &ann, &device.code(&office.clock));
    assert_eq!(with_old.problem(401), "wrong-code", "the old secret is gone");
    assert_eq!(log_in(office.base(), &ann, &codes[1]).problem(401), "wrong-code", "and its recovery codes");
    log_in(office.base(), &ann, &offered.code(&office.clock)).expect(201);
    assert_eq!(secrets(&office), 2, "ann's and bob's; what is gone is deleted");
}

/// How many secrets are kept.
fn secrets(office: &Office) -> usize {
    let kept = "SELECT id AS value FROM opening WHERE kind = 'second_factor'";
    office.database.values(kept).expect("the openings").len()
}

#[test]
fn usr_11_a_reset_takes_the_second_factor_away_and_old_codes_open_nothing() {
    let (office, ann, device, codes) = with_device();
    let reset = office.first.post("/users/ann/reset", &json!({})).expect(201);
    let one_time = reset["reset"]["one_time_password"].as_str().expect("a password");
    assert_eq!(ann.get("/me").problem(401), "not-authenticated");
    assert_eq!(secrets(&office), 0);
    let mut owner = Client::log_in(office.base(), "ann", one_time);
    let change = json!({ "old_password": one_time, "new_password": "another long passphrase" });
    assert_eq!(owner.post("/me/password", &change).status, 204);
    owner.0.password = "another long passphrase".to_owned();
    let (new, _codes) = Authenticator::set_up(&owner, &office.clock);
    office.clock.advance(60);
    for old in [&device.code(&office.clock), &codes[0]] {
        assert_eq!(log_in(office.base(), &owner, old).problem(401), "wrong-code");
    }
    log_in(office.base(), &owner, &new.code(&office.clock)).expect(201);
}

#[test]
fn usr_07_guessing_codes_is_slowed_down_and_locks_nobody_out() {
    let (office, ann, device, _codes) = with_device();
    let right = device.code(&office.clock);
    let wrong = if right == "123456" { "654321" } else { "123456" };
    for _ in 0..5 {
        assert_eq!(log_in(office.base(), &ann, wrong).problem(401), "wrong-code");
    }
    let slowed = log_in(office.base(), &ann, &right);
    assert_eq!(slowed.problem(429), "too-many-attempts", "the right one has to wait, too");
    assert_eq!(give(&ann, &right).problem(429), "too-many-attempts", "in a session as well");
    for _ in 0..20 {
        office.clock.advance(60);
        assert_eq!(log_in(office.base(), &ann, wrong).problem(401), "wrong-code");
        assert_eq!(log_in(office.base(), &ann, wrong).problem(429), "too-many-attempts");
    }
    office.clock.advance(60);
    assert_eq!(
        log_in(office.base(), &ann, &device.code(&office.clock)).status,
        201,
        "a minute is the longest"
    );
    service::people::flush(&office.service).expect("written down");
    assert!(office.acts().contains(&"log_ins_failed".to_owned()), "and it stands in the journal");
}

#[test]
fn a_clock_that_is_wrong_by_a_minute_works_and_one_that_is_wrong_by_five_is_told() {
    let office = Office::open();
    for (login, ahead) in [("slow", -60), ("late", -30), ("soon", 30), ("fast", 60)] {
        let person = office.person(login);
        let mut device = Authenticator::offered(&person);
        device.ahead = ahead;
        person.post(CONFIRMATION, &json!({ "code": device.code(&office.clock) })).expect(201);
        for _ in 0..3 {
            office.clock.advance(30);
            let reply = log_in(office.base(), &person, &device.code(&office.clock));
            assert_eq!(reply.status, 201, "{login}: {}", reply.body);
        }
    }
    for (login, ahead, side) in [("behind", -300, "behind"), ("ahead", 300, "ahead")] {
        let person = office.person(login);
        let mut device = Authenticator::offered(&person);
        device.ahead = ahead;
        let told = person.post(CONFIRMATION, &json!({ "code": device.code(&office.clock) })).expect(422);
        assert_eq!(told["field"], "code");
        let words = format!("about 5 minutes {side}");
        assert!(told["detail"].as_str().is_some_and(|detail| detail.contains(&words)), "{told}");
        assert_eq!(person.get("/me").expect(200)["me"]["has_second_factor"], false);
    }
    let (office, ann, mut device, _codes) = with_device();
    device.ahead = 300;
    let refused = log_in(office.base(), &ann, &device.code(&office.clock)).expect(401);
    let detail = refused["detail"].as_str().expect("words");
    assert!(detail.contains("It is 08:01:00 UTC here"), "whoever logs in is told the time: {detail}");
}

#[test]
fn a_recovery_code_is_good_once_however_it_is_typed() {
    let (office, ann, _device, codes) = with_device();
    log_in(office.base(), &ann, &codes[0]).expect(201);
    assert_eq!(log_in(office.base(), &ann, &codes[0]).problem(401), "wrong-code");
    let spaced = format!(" {} ", codes[1].replace('-', " "));
    assert_eq!(give(&ann, &spaced).status, 204);
    assert_eq!(ann.get("/me").expect(200)["me"]["recovery_codes"], 8);
    assert_eq!(office.acts().iter().filter(|act| *act == "recovery_code_used").count(), 2);
    let made =
        ann.post("/me/second-factor/recovery-codes", &json!({ "password": ann.0.password })).expect(201);
    let made: Vec<String> = serde_json::from_value(made["recovery_codes"].clone()).expect("codes");
    assert_eq!(log_in(office.base(), &ann, &codes[2]).problem(401), "wrong-code", "an old one");
    log_in(office.base(), &ann, &made[0]).expect(201);
    assert_eq!(mails(&office, "ann"), ["set", "code_used", "code_used", "code_used", "codes_made"]);
}

/// What the owner of an account was told by mail of the second factor, in order.
fn mails(office: &Office, user: &str) -> Vec<String> {
    let select = "SELECT params AS value FROM notice WHERE template = 'second_factor_changed'";
    let of = format!("{select} AND recipient = '{user}@test.invalid' ORDER BY queued_at, params");
    let read = |params: &String| {
        let params: Value = serde_json::from_str(params).expect("parameters");
        text(&params["event"]["second_factor_changed"]["what"]).to_owned()
    };
    office.database.values(&of).expect("the outbox").iter().map(read).collect()
}

#[test]
fn whoever_needs_none_gives_it_up_with_the_password() {
    let (office, ann, device, _codes) = with_device();
    assert_eq!(give(&ann, &device.code(&office.clock)).status, 204);
    let removal = |password: &str| ann.post("/me/second-factor/removal", &json!({ "password": password }));
    assert_eq!(removal("not the password").problem(401), "wrong-credentials");
    assert_eq!(removal(&ann.0.password).status, 204);
    assert_eq!(removal(&ann.0.password).problem(404), "not-found");
    let session = office.log_in("ann", &ann.0.password).expect(201);
    assert_eq!(session["session"]["must_give_code"], false);
    assert_eq!(secrets(&office), 0);
    assert_eq!(mails(&office, "ann"), ["set", "removed"]);
    log_in(office.base(), &ann, "123456").expect(201);
}

#[test]
fn a_new_second_factor_ends_the_other_sessions() {
    let office = Office::open();
    let ann = office.person("ann");
    let elsewhere = Client::log_in(office.base(), "ann", &ann.0.password);
    elsewhere.get("/studies").expect(200);
    Authenticator::set_up(&ann, &office.clock);
    assert_eq!(elsewhere.get("/me").problem(401), "not-authenticated");
    ann.get("/studies").expect(200);
}

#[test]
fn bld_11_the_secret_is_sealed_and_goes_on_after_a_rotation() {
    let (office, ann, device, codes) = with_device();
    let kept = "SELECT hex(ciphertext) AS value FROM opening WHERE kind = 'second_factor'";
    let kept_there = "SELECT encode(ciphertext, 'hex') AS value FROM opening WHERE kind = 'second_factor'";
    let sealed = office.database.values(kept).or_else(|_other| office.database.values(kept_there));
    let sealed = sealed.expect("the opening").remove(0).to_lowercase();
    let secret = format!("{device:?}");
    let secret: Vec<u8> =
        serde_json::from_str(&secret[secret.find('[').expect("bytes")..=secret.find(']').expect("bytes")])
            .expect("bytes");
    assert_eq!(secret.len(), 20);
    assert!(!sealed.contains(&hex::encode(&secret)), "{sealed}");
    let everything = format!("{:?}", office.leaves(&office.installation()));
    assert!(codes.iter().all(|code| !everything.contains(code)));
    rotate(&office.service, None).expect("rotated");
    log_in(office.base(), &ann, &device.code(&office.clock)).expect(201);
    log_in(office.base(), &ann, &codes[0]).expect(201);
}

fn without_code(app: &TestApp, who: &str) -> Client {
    let person = app.person(who);
    Authenticator::set_up(&person, &app.clock);
    app.clock.advance(60);
    Client(person.0.log_in_again().expect("a log-in"))
}

#[test]
fn unb_08_a_lost_second_factor_is_never_in_the_way_of_a_code_break() {
    let app = TestApp::in_world(World { second_factor: SecondFactorRule::Offered, ..World::default() });
    app.randomize("S-001", 1961, "male");
    let investigator = without_code(&app, "investigator");
    assert_eq!(investigator.get(&app.path("/subjects")).problem(403), "code-needed");
    let randomization = app.path("/subjects/S-001/randomization");
    let signed = try_sign(&investigator, "randomize", &randomization, &eligible());
    assert_eq!(signed.problem(403), "code-needed", "it signs nothing else");
    let ask = json!({ "screening_number": "S-001", "reason": "overdose" });
    let shown = investigator.sign_and_post("unblind", &app.path("/unblindings"), &ask).expect(201);
    assert!(shown["unblinding"]["treatment"]["name"].is_string());
    let note = json!({ "text": "at night" });
    let path = app.path(&format!("/unblindings/{}/notes", text(&shown["unblinding"]["id"])));
    assert_eq!(investigator.post(&path, &note).problem(403), "code-needed", "nor anything after it");
    let mut emergency = ask.clone();
    emergency["login"] = json!("investigator");
    emergency["password"] = json!(investigator.0.password);
    let path = app.path("/emergency-unblindings");
    app.anonymous().post_with_key(&path, &emergency, "at-night").expect(201);
    assert_eq!(count_in_installation(&app, "logged_in_by_password_alone"), 1);
}

#[test]
fn unb_08_wrong_codes_delay_no_code_break() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let investigator = without_code(&app, "investigator");
    for _ in 0..8 {
        give(&investigator, "000000");
    }
    assert_eq!(give(&investigator, "000000").problem(429), "too-many-attempts");
    let ask = json!({ "screening_number": "S-001", "reason": "overdose" });
    investigator.sign_and_post("unblind", &app.path("/unblindings"), &ask).expect(201);
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
