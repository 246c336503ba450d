//! Subjects through the interface: entering them, their visits, and their leaving.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};

use crate::record::{count, leaves};

fn entry(number: &str, birth_year: u16, sex: &str) -> Value {
    json!({ "screening_number": number, "site": "34-001", "birth_year": birth_year, "sex": sex })
}

/// Randomizes a subject that has been entered.
fn randomize(app: &TestApp, subject: &str) {
    let path = app.path(&format!("/subjects/{subject}/randomization"));
    let body = iwrs_tests::app::eligible();
    app.person("investigator").sign_and_post("randomize", &path, &body).expect(201);
}

fn post(who: &Client, app: &TestApp, path: &str, body: &Value) -> Result<Value, String> {
    let reply = who.post(&app.path(path), body);
    if reply.status == 201 { Ok(reply.json()) } else { Err(reply.problem(reply.status)) }
}

#[test]
fn prv_02_a_subject_is_a_number_a_year_and_a_sex() {
    let app = TestApp::imodals();
    let investigator = app.person("investigator");
    let entered = post(&investigator, &app, "/subjects", &entry("S-001", 1961, "male")).expect("entered");
    assert_eq!(entered["subject"]["state"], "screened");
    let table = [
        (entry("S-001", 1970, "female"), "subject-exists"),
        // Whoever types in a hurry takes it for the other one.
        (entry("s-001", 1970, "female"), "subject-exists"),
        (entry("S-002", 1961, "male"), "possible-duplicate"),
        (entry("S-002", 2016, "male"), "invalid-field"),
        (entry("S-002", 1961, "other"), "invalid-field"),
        (entry("S 002", 1961, "female"), "invalid-field"),
        (json!({ "screening_number": "S-002", "site": "34-001", "birth_year": 1961 }), "malformed-request"),
    ];
    for (body, problem) in table {
        assert_eq!(post(&investigator, &app, "/subjects", &body), Err(problem.to_owned()), "{body}");
    }
    let mut named = entry("S-002", 1961, "female");
    named["name"] = json!("somebody");
    assert_eq!(post(&investigator, &app, "/subjects", &named), Err("malformed-request".to_owned()));
    let mut elsewhere = entry("S-002", 1961, "female");
    elsewhere["site"] = json!("34-999");
    assert_eq!(post(&investigator, &app, "/subjects", &elsewhere), Err("not-found".to_owned()));
    let subjects = investigator.get(&app.path("/subjects")).expect(200);
    assert_eq!(
        subjects["subjects"].as_array().map(Vec::len),
        Some(1),
        "a refusal leaves nothing: {subjects}"
    );
    let mut twin = entry("S-002", 1961, "male");
    twin["duplicate_reason"] = json!("the twin brother, seen together");
    post(&investigator, &app, "/subjects", &twin).expect("a reason lets the second in");
    let stored = app.database.values("SELECT id AS value FROM subject WHERE duplicate_opening IS NOT NULL");
    assert_eq!(stored.expect("the subjects"), ["S-002"]);
}

#[test]
fn sent_again_it_is_one_subject_and_one_answer() {
    let app = TestApp::imodals();
    let investigator = app.person("investigator");
    let path = app.path("/subjects");
    let body = entry("S-001", 1961, "male");
    let first = investigator.post_with_key(&path, &body, "key-1");
    randomize(&app, "S-001");
    let again = investigator.post_with_key(&path, &body, "key-1");
    assert_eq!((first.status, &first.body), (201, &again.body));
    let other = entry("S-002", 1962, "female");
    assert_eq!(investigator.post_with_key(&path, &other, "key-1").problem(422), "idempotency-key-reused");
    assert_eq!(app.person("oncall").post_with_key(&path, &body, "key-1").problem(404), "not-found");
    assert_eq!((count(&app, "subject_screened"), count(&app, "asked_again")), (1, 1));
}

#[test]
fn who_may_enter_and_who_may_read() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    let away = app.add_person("away", "investigator", Some("44-001"));
    app.screen("S-001", 1961, "male");
    let new = entry("S-002", 1971, "female");
    let end = json!({ "stops": "drug", "reason": "withdrew" });
    let failed = json!({ "criteria": [] });
    let visit = json!({ "visit": "SCR", "date": "2015-10-01" });
    let acts = [
        ("/subjects", &new),
        ("/subjects/S-001/withdrawal", &end),
        ("/subjects/S-001/screen-failure", &failed),
        ("/subjects/S-001/visits", &visit),
    ];
    for (path, body) in acts {
        for login in ["pharmacist", "monitor", "supply", "statistician", "reviewer"] {
            assert_eq!(
                post(&app.person(login), &app, path, body),
                Err("forbidden".to_owned()),
                "{login} {path}"
            );
        }
        assert_eq!(post(&away, &app, path, body), Err("not-found".to_owned()), "{path}");
        assert_eq!(post(&app.person("admin"), &app, path, body), Err("not-found".to_owned()), "{path}");
        assert_eq!(post(&app.anonymous(), &app, path, body), Err("not-authenticated".to_owned()), "{path}");
    }
    assert_eq!(away.get(&app.path("/subjects")).expect(200)["subjects"], json!([]));
    assert_eq!(away.get(&app.path("/subjects/S-001")).problem(404), "not-found");
    for login in ["pharmacist", "monitor", "supply", "statistician", "reviewer"] {
        app.person(login).get(&app.path("/subjects/S-001")).expect(200);
    }
    let one = app.person("investigator").get(&app.path("/subjects/S-001")).expect(200);
    assert_eq!(one["subject"]["state"], "screened", "nothing was done by any of them");
}

#[test]
fn stopping_the_drug_is_not_leaving_the_study() {
    let app = TestApp::imodals();
    let investigator = app.person("investigator");
    app.randomize("S-001", 1961, "male");
    let withdraw = |stops: &str, reason: &str| {
        let body = json!({ "stops": stops, "reason": reason });
        post(&investigator, &app, "/subjects/S-001/withdrawal", &body)
    };
    assert_eq!(withdraw("drug", "tired"), Err("unknown-reason".to_owned()));
    assert_eq!(withdraw("everything", "withdrew"), Err("invalid-field".to_owned()));
    let stopped = withdraw("drug", "serious_adverse_event").expect("off the drug");
    assert_eq!(stopped["subject"]["state"], "off_drug");
    assert_eq!(stopped["subject"]["reason"], "serious_adverse_event");
    assert_eq!(withdraw("drug", "withdrew"), Err("subject-state".to_owned()));
    let left = withdraw("study", "withdrew").expect("out of the study");
    assert_eq!(left["subject"]["state"], "left_study");
    assert_eq!(withdraw("study", "withdrew"), Err("subject-state".to_owned()));
    let failed = json!({ "criteria": ["I1"] });
    assert_eq!(
        post(&investigator, &app, "/subjects/S-001/screen-failure", &failed),
        Err("subject-state".to_owned())
    );
    assert_eq!(count(&app, "subject_stopped"), 2);
}

#[test]
fn a_screen_failure_names_criteria_of_the_design() {
    let app = TestApp::imodals();
    let investigator = app.person("investigator");
    app.screen("S-001", 1961, "male");
    let known = iwrs_tests::app::eligible()["answers"].as_object().expect("answers").keys().next().cloned();
    let known = known.expect("a criterion");
    let path = "/subjects/S-001/screen-failure";
    let fail = |criteria: &[&str]| post(&investigator, &app, path, &json!({ "criteria": criteria }));
    assert_eq!(fail(&[known.as_str(), "X99"]), Err("invalid-field".to_owned()));
    assert_eq!(fail(&[known.as_str()]).expect("a screen failure")["subject"]["state"], "screen_failed");
    assert_eq!(fail(&[]), Err("subject-state".to_owned()));
    let stop = json!({ "stops": "study", "reason": "withdrew" });
    let withdrawn = post(&investigator, &app, "/subjects/S-001/withdrawal", &stop);
    assert_eq!(withdrawn, Err("not-randomized".to_owned()));
    let leaf = leaves(&app).pop().expect("a leaf");
    assert_eq!(leaf["act"], json!({ "kind": "screening_failed", "subject": "S-001", "criteria": [known] }));
}

#[test]
fn aud_07_a_visit_keeps_both_times_and_a_window_never_blocks() {
    let app = TestApp::imodals();
    let investigator = app.person("investigator");
    let record = |visit: &str, date: &str, reason: Option<&str>| {
        let body = json!({ "visit": visit, "date": date, "correction_reason": reason });
        post(&investigator, &app, "/subjects/S-001/visits", &body)
    };
    app.screen("S-001", 1961, "male");
    let before = record("SCR", "2015-09-28", None).expect("recorded");
    assert_eq!((&before["visit"]["in_window"], &before["visit"]["warning"]), (&Value::Null, &Value::Null));
    randomize(&app, "S-001");
    // It is 08:00 in UTC on 2015-10-05, which is day 1, and the clock goes on to the evening of day 8 at the site,
    // where summer time makes it the next day already.
    app.clock.set(terms::Moment::parse("2015-10-12T21:59:59Z").expect("an instant"));
    let again = |login: &str| Client(app.person(login).0.log_in_again().expect("a log-in"));
    let investigator = again("investigator");
    let record = |visit: &str, date: &str, reason: Option<&str>| {
        let body = json!({ "visit": visit, "date": date, "correction_reason": reason });
        post(&investigator, &app, "/subjects/S-001/visits", &body)
    };
    assert_eq!(record("D8", "2015-10-13", None), Err("invalid-field".to_owned()), "tomorrow at the site");
    app.clock.advance(1);
    let outside = record("D8", "2015-10-08", None).expect("recorded");
    assert_eq!(outside["visit"]["in_window"], false);
    assert!(outside["visit"]["warning"].is_string(), "{outside}");
    assert_eq!(outside["visit"]["date"], "2015-10-08");
    assert_eq!(outside["visit"]["recorded_at"], "2015-10-12T22:00:00.000000Z");
    assert_eq!(
        record("D8", "2015-10-13", None),
        Err("invalid-field".to_owned()),
        "a correction has a reason"
    );
    let inside = record("D8", "2015-10-13", Some("a slip of the pen")).expect("corrected");
    assert_eq!((&inside["visit"]["in_window"], &inside["visit"]["corrects"]), (&json!(true), &json!(true)));
    assert_eq!(record("D9", "2015-10-12", None), Err("invalid-field".to_owned()));
    let subject = investigator.get(&app.path("/subjects/S-001")).expect(200);
    let visits = subject["subject"]["visits"].as_array().expect("visits");
    let day_8 = visits.iter().find(|visit| visit["visit"] == "D8").expect("D8");
    let days = ["planned", "earliest", "latest"].map(|day| day_8[day].as_str().expect("a day"));
    assert_eq!(days, ["2015-10-12", "2015-10-11", "2015-10-13"]);
    assert_eq!(day_8["recorded"]["date"], "2015-10-13", "the last record counts");
    let kept = app.database.values("SELECT CAST(day AS TEXT) AS value FROM visit_record WHERE visit = 'D8'");
    assert_eq!(kept.expect("the records").len(), 2, "and the first one is kept");
}
