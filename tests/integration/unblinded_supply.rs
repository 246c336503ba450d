//! The supply manager knows what is in every kit, and so is never told which subject got which (BLD-04).

use iwrs_tests::app::TestApp;
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};

use crate::authorization::routes::routes;

const SUBJECTS: [&str; 2] = ["S-001", "S-002"];

/// A trial in which everything was done that ties a kit to a subject; its dispensations, and the kits of both.
struct Played {
    app: TestApp,
    dispensations: Vec<String>,
    kits: Vec<String>,
}

fn play() -> Played {
    let app = TestApp::imodals();
    let pharmacist = app.person("pharmacist");
    let (mut dispensations, mut kits) = (Vec::new(), Vec::new());
    for (subject, birth_year) in SUBJECTS.into_iter().zip([1961, 1962]) {
        app.randomize(subject, birth_year, "male");
        let path = app.path(&format!("/subjects/{subject}/dispensations"));
        let told = pharmacist.post(&path, &json!({ "visit": "D1" })).expect(201);
        dispensations.push(text(&told["dispensation"]["id"]));
        kits.push(text(&told["dispensation"]["kits"][0]));
    }
    let scan = |dispensation: &str, kit: &str| {
        let path = app.path(&format!("/dispensations/{dispensation}/confirmation"));
        pharmacist.post(&path, &json!({ "kit_number": kit }))
    };
    scan(&dispensations[0], &kits[1]).problem(409);
    scan(&dispensations[0], &kits[0]).expect(201);
    let count = json!({ "used": 5, "unused": 0, "missing": 0 });
    pharmacist.post(&app.path(&format!("/kits/{}/return", kits[0])), &count).expect(201);
    let body = json!({ "screening_number": "S-002", "reason": "overdose" });
    app.person("oncall").sign_and_post("unblind", &app.path("/unblindings"), &body).expect(201);
    for (action, rest) in [("shorten_expiry", "expiry-shortening"), ("recall_batch", "recall")] {
        let mut body = json!({ "evidence_sha256": "ab".repeat(32), "reason": "for the test" });
        if action == "shorten_expiry" {
            body["label_expiry"] = json!("2015-10-06");
        }
        let path = app.path(&format!("/batches/B-2026-01/{rest}"));
        app.person("quality").sign_and_post(action, &path, &body).expect(201);
    }
    Played { app, dispensations, kits }
}

/// Everything that the person can read of the study: every route, for every subject and kit, whole answers but for
/// the journal, of which each leaf is an answer.
fn readings(played: &Played, reader: &Client) -> Vec<(String, String)> {
    let mut readings = Vec::new();
    for route in routes().into_iter().filter(|route| route.method == "GET") {
        for (subject, kit) in SUBJECTS.iter().zip(&played.kits) {
            let path = route.path.replace("{study}", "imodals").replace("{subject}", subject);
            let path = path.replace("{number}", kit).replace("{list}", "no-list");
            let path = path.replace("{batch}", "B-2026-01");
            let reply = reader.get(&path);
            let body = reply.body.clone();
            if path.ends_with("/journal") {
                let leaves = reply.json()["journal"]["leaves"].as_array().expect("leaves").clone();
                readings.extend(leaves.iter().map(|leaf| (path.clone(), leaf.to_string())));
            } else if path.ends_with("/export") {
                readings.extend(body.lines().map(|line| (path.clone(), line.to_owned())));
            } else {
                readings.push((path, body));
            }
        }
    }
    readings
}

/// Whether a subject, by its number or its dispensation's id, stands beside a kit.
fn ties(played: &Played, reading: &str) -> bool {
    let holds = |names: &[String]| names.iter().any(|name| reading.contains(name.as_str()));
    let subject = SUBJECTS.iter().any(|subject| reading.contains(subject));
    (subject || holds(&played.dispensations)) && holds(&played.kits)
}

#[test]
fn bld_04_no_answer_to_the_supply_manager_ties_a_kit_to_a_subject() {
    let played = play();
    let supply = played.app.person("supply");
    let mut seen = readings(&played, &supply);
    assert!(seen.iter().any(|(_, reading)| reading.contains(&played.kits[0])), "kits are read");
    assert!(seen.iter().any(|(_, reading)| reading.contains("S-002")), "subjects are read");
    seen.retain(|(_, reading)| ties(&played, reading));
    assert_eq!(seen, [], "each holds a subject and a kit");
    // What is looked for is there to be found: the monitor, who knows no kit type, reads it.
    let monitor = readings(&played, &played.app.person("monitor"));
    assert!(monitor.iter().any(|(path, reading)| path.ends_with("/dispensations") && ties(&played, reading)));
    assert!(monitor.iter().any(|(path, reading)| path.ends_with("/journal") && ties(&played, reading)));
}

/// That something was asked again may name a kit, and tells when somebody stood at the counter.
#[test]
fn bld_04_the_supply_manager_does_not_see_that_an_act_at_a_site_was_asked_again() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1961, "male");
    let dispensations = app.path("/subjects/S-001/dispensations");
    let pharmacist = app.person("pharmacist");
    for _ in 0..2 {
        pharmacist.post_with_key(&dispensations, &json!({ "visit": "D1" }), "again").expect(201);
    }
    let reads = |who: &str| app.person(who).get(&app.path("/journal?limit=500")).body;
    assert!(reads("monitor").contains("asked_again"), "it is there to be seen");
    assert!(!reads("supply").contains("asked_again"));
}

#[test]
fn bld_04_no_mail_ties_a_kit_to_a_subject() {
    let played = play();
    let Played { app, .. } = &played;
    let mailer = service::mail::Mailer::memory();
    let head = service::mail::Letterhead {
        from: "iwrs@test.invalid".parse().expect("an address"),
        service: "https://iwrs.test".to_owned(),
    };
    while service::notices::send_due(&app.service, &mailer, &head).expect("the outbox is read").sent > 0 {}
    let supply = "unblinded-supply@demo.invalid".parse().expect("an address");
    let mails = mailer.sent_to(&supply);
    assert!(mails.iter().any(|mail| mail.subject().contains("A wrong kit was stopped")));
    assert!(mails.iter().all(|mail| !ties(&played, mail.body())), "a mail holds a subject and a kit");
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

#[test]
fn bld_04_the_supply_manager_sees_no_kit_change_when_a_subject_is_randomized_and_served() {
    let app = TestApp::imodals();
    let supply = app.person("supply");
    let seen = || {
        let all = supply.get(&app.path("/kits")).body;
        (all, supply.get(&app.path("/kits?state=available")).body)
    };
    let before = seen();
    let shelf = app.person("pharmacist").get(&app.path("/kits")).body;
    app.randomize("S-001", 1961, "male");
    assert_eq!(seen(), before, "what changes at that moment would be the subject's kit");
    app.person("pharmacist")
        .post(&app.path("/subjects/S-001/dispensations"), &json!({ "visit": "D1" }))
        .expect(201);
    assert_eq!(seen(), before);
    // The pharmacist, who knows no kit type, sees it.
    assert_ne!(app.person("pharmacist").get(&app.path("/kits")).body, shelf);
}
