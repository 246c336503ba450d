//! Kits of a dispensation that are replaced, each by one of the same arm.

use std::thread;

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, files};
use iwrs_tests::client::Expect;
use journal::{Entry, Export, Outcome};
use serde_json::{Value, json};
use service::rebuild::compare;
use terms::Moment;
use trial::replay::{Given, replay};
use trial::study::{SealedDesign, StudyDesign};

use crate::record::{count, leaves};

/// A subject whose first kit was asked for: the dispensation's id and the kit.
fn dispensed(app: &TestApp, subject: &str, birth_year: u16) -> (String, String) {
    app.randomize(subject, birth_year, "female");
    dispense(app, subject)
}

fn dispense(app: &TestApp, subject: &str) -> (String, String) {
    let path = app.path(&format!("/subjects/{subject}/dispensations"));
    let answer = app.person("pharmacist").post(&path, &json!({ "visit": "D1" })).expect(201);
    (text(&answer["dispensation"]["id"]), text(&answer["dispensation"]["kits"][0]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}

fn replace(app: &TestApp, dispensation: &str, kit: &str, reason: &str) -> Reply {
    let body = json!({ "kit_number": kit, "reason": reason });
    app.person("pharmacist").post(&path(app, dispensation), &body)
}

fn path(app: &TestApp, dispensation: &str) -> String {
    app.path(&format!("/dispensations/{dispensation}/replacements"))
}

/// The number of the kit that takes the place of another one.
fn new_kit(reply: &Reply) -> String {
    text(&reply.expect(201)["replacement"]["kit_number"])
}

fn scan(app: &TestApp, dispensation: &str, kit: &str) -> Reply {
    let path = app.path(&format!("/dispensations/{dispensation}/confirmation"));
    app.person("pharmacist").post(&path, &json!({ "kit_number": kit }))
}

fn state(app: &TestApp, number: &str) -> String {
    text(&app.person("monitor").get(&app.path(&format!("/kits/{number}"))).expect(200)["kit"]["state"])
}

/// Everything that can be checked holds: the replay with all openings, the rows, and the reconciliation.
pub(crate) fn assert_sound(app: &TestApp) {
    assert_sound_by(app, (&files().design, &files().sealed));
}

/// The same of a study with other designs, public and sealed.
pub(crate) fn assert_sound_by(app: &TestApp, (design, sealed): (&str, &str)) {
    let export = app.person("statistician").get(&app.path("/journal/export")).body;
    let export = Export::parse(&export).unwrap_or_else(|bad| panic!("{bad}"));
    let design = StudyDesign::from_toml(design).expect("a design");
    let Ok(sealed) = SealedDesign::from_toml(sealed, &design) else { panic!("a sealed design") };
    let given = Given { design: Some(design), sealed: Some(sealed), ..Given::default() };
    for check in replay(&export, &given) {
        let elsewhere = check.name == "lists follow from their seeds";
        assert!(elsewhere || check.outcome == Outcome::Passed, "{check:?}");
    }
    for compared in compare(&app.service).expect("it can be compared") {
        assert!(compared.is_sound(), "{compared:?}");
    }
    let reconciled = app.person("statistician").get(&app.path("/reconciliation")).expect(200);
    assert_eq!(reconciled["reconciliation"]["mismatches"], 0, "{reconciled}");
}

#[test]
fn a_lost_kit_is_replaced_once_and_the_new_one_is_handed_over_in_its_place() {
    let app = TestApp::imodals();
    let (id, old) = dispensed(&app, "S-001", 1960);
    scan(&app, &id, &old).expect(201);
    let pharmacist = app.person("pharmacist");
    let body = json!({ "kit_number": old, "reason": "lost" });
    let first = pharmacist.post_with_key(&path(&app, &id), &body, "replace").expect(201);
    let new = text(&first["replacement"]["kit_number"]);
    assert_ne!(old, new);
    let told = &first["replacement"];
    assert_eq!((&told["replaced_kit"], &told["over_limit"]), (&json!(old), &json!(false)));
    assert_eq!((&told["reason"], &told["covers_through"]), (&json!("lost"), &json!("2015-10-09")));
    assert_eq!((state(&app, &old), state(&app, &new)), ("lost".into(), "allocated".into()));
    assert_eq!(pharmacist.post_with_key(&path(&app, &id), &body, "replace").expect(201), first);
    assert_eq!(pharmacist.post(&path(&app, &id), &body).expect(201), first, "nor under another key");
    assert_eq!((count(&app, "kit_replaced"), count(&app, "asked_again")), (1, 2));
    assert_eq!(scan(&app, &id, &old).problem(409), "wrong-kit", "the old number is stopped");
    scan(&app, &id, &new).expect(201);
    assert_eq!(scan(&app, &id, &new).problem(409), "already-handed-over");
    let listed = pharmacist.get(&app.path("/subjects/S-001/dispensations")).expect(200);
    let listed = &listed["dispensations"][0];
    let pair = json!([{ "replaced_kit": old, "kit_number": new }]);
    assert_eq!((&listed["kits"], &listed["replacements"]), (&json!([old]), &pair));
    assert_eq!(listed["handed_over"].as_array().map(Vec::len), Some(2));
    let leaf = leaves(&app).into_iter().find(|leaf| leaf["act"]["kind"] == "kit_replaced").expect("a leaf");
    let (act, attempt) = (&leaf["act"], json!(2));
    assert_eq!((&act["old"], &act["new"], &act["attempt"]), (&json!(old), &json!(new), &attempt));
    let seen = app.person("supply").get(&app.path("/journal/export")).body;
    assert!(!seen.contains("kit_replaced"), "BLD-04: who knows the kits sees no kit with its subject");
    assert_sound(&app);
}

#[test]
fn kit_17_what_became_of_the_old_kit_is_recorded_as_it_is() {
    let app = TestApp::imodals();
    #[rustfmt::skip]
    let table = [
        // handed over, reason, expected, the old kit afterwards
        ("S-1", false, "lost",        Ok(()),                "lost"),
        ("S-2", false, "damaged",     Ok(()),                "damaged"),
        ("S-3", true,  "damaged",     Ok(()),                "dispensed"),
        ("S-4", true,  "not_taken",   Ok(()),                "dispensed"),
        ("S-5", false, "not_taken",   Err("kit-state"),      "allocated"),
        ("S-6", false, "expired",     Err("kit-state"),      "allocated"),
        ("S-7", true,  "quarantined", Err("kit-state"),      "dispensed"),
        ("S-8", true,  "too heavy",   Err("unknown-reason"), "dispensed"),
    ];
    for (birth_year, (subject, given, reason, expected, after)) in (1960..).zip(table) {
        let (id, kit) = dispensed(&app, subject, birth_year);
        if given {
            scan(&app, &id, &kit).expect(201);
        }
        let reply = replace(&app, &id, &kit, reason);
        match expected {
            Ok(()) => drop(scan(&app, &id, &new_kit(&reply)).expect(201)),
            Err(code) => assert_eq!(reply.problem(reply.status), code, "{subject}"),
        }
        assert_eq!(state(&app, &kit), after, "{subject}");
    }
    assert_eq!(count(&app, "kit_replaced"), 4, "what is refused leaves nothing");
    assert_sound(&app);
}

#[test]
fn beyond_the_limit_it_asks_for_an_explanation_and_is_told() {
    let app = TestApp::imodals();
    let (id, first) = dispensed(&app, "S-001", 1960);
    let second = new_kit(&replace(&app, &id, &first, "damaged"));
    let notices = || {
        let rows = "SELECT recipient AS value FROM notice WHERE template = 'many_replacements'";
        app.database.values(rows).expect("the notices").len()
    };
    assert_eq!(replace(&app, &id, &second, "damaged").problem(409), "replacement-limit");
    assert_eq!((count(&app, "kit_replaced"), notices()), (1, 0));
    let body = json!({ "kit_number": second, "reason": "damaged", "explanation": "both fell down" });
    let third = app.person("pharmacist").post(&path(&app, &id), &body);
    assert_eq!(third.expect(201)["replacement"]["over_limit"], true);
    assert!(notices() > 0, "blinded recipients are told");
    assert!(leaves(&app).iter().all(|leaf| !leaf.to_string().contains("fell")), "free text is committed to");
    scan(&app, &id, &new_kit(&third)).expect(201);
    assert_sound(&app);
}

#[test]
fn a_kit_that_expires_before_its_handover_is_replaced_when_there_is_one_that_lasts() {
    // The label says 2030-12-31; with five dosing days and the margin the last day of use is 2030-12-26.
    let mut app = TestApp::imodals();
    let people = ["investigator", "pharmacist", "monitor", "quality", "supply", "statistician", "reviewer"];
    set_clock(&mut app, "2030-12-26T09:00:00Z", &people);
    let (id, kit) = dispensed(&app, "S-001", 1960);
    set_clock(&mut app, "2030-12-27T09:00:00Z", &people);
    assert_eq!(scan(&app, &id, &kit).problem(409), "kit-expired");
    let before = leaves(&app).len();
    assert_eq!(replace(&app, &id, &kit, "expired").problem(409), "supply-short");
    assert_eq!(leaves(&app).len(), before, "a refusal leaves nothing");
    let alerts = "SELECT recipient AS value FROM notice WHERE template = 'shortage_alert'";
    assert_eq!(app.database.values(alerts).expect("the notices").len(), 3, "of every type");
    receive_batch(&app);
    let new = new_kit(&replace(&app, &id, &kit, "expired"));
    assert_eq!(state(&app, &kit), "quarantined");
    scan(&app, &id, &new).expect(201);
    assert_sound(&app);
}

fn set_clock(app: &mut TestApp, moment: &str, people: &[&str]) {
    app.clock.set(Moment::parse(moment).expect("an instant"));
    app.cast.log_in_again(people).expect("a log-in");
}

/// A batch that lasts, on the shelf of the site.
fn receive_batch(app: &TestApp) {
    let content =
        |kit_type: &str| json!({ "kit_type": kit_type, "kits": 2, "lot": "L", "expiry": "2032-06-30" });
    let contents = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"].map(content);
    let body = json!({ "batch": "B-2", "label_expiry": "2032-06-30", "contents": contents });
    let registered = app.person("supply").post(&app.path("/kits"), &body).expect(201);
    app.pack("B-2");
    let country = json!({ "country": "FR" });
    let (certification, release) = (app.path("/batches/B-2/certification"), app.path("/batches/B-2/release"));
    app.person("quality").sign_and_post("certify_batch", &certification, &country).expect(201);
    app.person("supply").sign_and_post("release_batch", &release, &country).expect(201);
    let receipt = json!({ "site": "34-001", "received": registered["batch"]["kits"] });
    app.person("pharmacist").post(&app.path("/batches/B-2/receipts"), &receipt).expect(201);
}

#[test]
fn replacements_of_one_kit_at_once_are_one() {
    let app = TestApp::imodals();
    let (id, kit) = dispensed(&app, "S-001", 1960);
    let answers: Vec<Value> = thread::scope(|scope| {
        let ask = || scope.spawn(|| replace(&app, &id, &kit, "damaged").expect(201));
        let asked: Vec<_> = (0..8).map(|_| ask()).collect();
        asked.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!((count(&app, "kit_replaced"), count(&app, "kits_allocated")), (1, 2));
}

#[test]
fn only_a_kit_of_the_dispensation_is_replaced_and_only_by_its_pharmacist() {
    let app = TestApp::imodals();
    app.add_site("44-001");
    let away = app.add_person("away", "pharmacist", Some("44-001"));
    let (id, kit) = dispensed(&app, "S-001", 1960);
    let (_, of_another) = dispensed(&app, "S-002", 1961);
    let mut answers = Vec::new();
    for not_of_it in [of_another.as_str(), "7955171567", "a pack of aspirin"] {
        let refused = replace(&app, &id, not_of_it, "lost").expect(422);
        assert_eq!(refused["field"], "kit_number", "{not_of_it}");
        answers.push(refused);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "one answer, whatever it was");
    let body = json!({ "kit_number": kit, "reason": "lost" });
    assert_eq!(away.post(&path(&app, &id), &body).problem(404), "not-found");
    assert_eq!(app.person("investigator").post(&path(&app, &id), &body).problem(403), "forbidden");
    let stop = json!({ "stops": "drug", "reason": "withdrew" });
    app.person("investigator").post(&app.path("/subjects/S-001/withdrawal"), &stop).expect(201);
    assert_eq!(replace(&app, &id, &kit, "lost").problem(409), "subject-state");
    assert_eq!(count(&app, "kit_replaced"), 0);
}

#[test]
fn kit_22_a_kit_of_another_study_is_a_wrong_kit_and_nothing_is_told_of_it() {
    let app = TestApp::imodals();
    let (id, _) = dispensed(&app, "S-001", 1960);
    let (_, of_another) = dispensed(&app, "S-002", 1961);
    // The check digits of the second are right, as those of any kit are; the study has no such kit.
    let scanned = [of_another.as_str(), "7955171567", "OTHER-STUDY kit 12"];
    let replies = scanned.map(|number| scan(&app, &id, number));
    for (number, reply) in scanned.iter().zip(&replies) {
        assert_eq!(reply.problem(409), "wrong-kit", "{number}");
        assert_eq!(reply.body, replies[0].body, "{number}");
        assert!(!reply.body.contains(number) && !reply.body.contains("imodals"), "{}", reply.body);
    }
}

#[test]
fn a_replacement_that_was_altered_or_left_out_is_found_by_the_replay() {
    let app = TestApp::imodals();
    let (id, old) = dispensed(&app, "S-001", 1960);
    let (_, of_another) = dispensed(&app, "S-002", 1961);
    let new = new_kit(&replace(&app, &id, &old, "damaged"));
    scan(&app, &id, &new).expect(201);
    let export = app.person("statistician").get(&app.path("/journal/export")).body;
    let honest = Export::parse(&export).unwrap_or_else(|bad| panic!("{bad}"));
    assert_eq!(failed(&honest), [""; 0]);
    let as_dispensed = "kits are handed over once, as dispensed";
    let table = [
        ("another new kit", format!("\"new\":\"{new}\""), format!("\"new\":\"{of_another}\""), as_dispensed),
        ("another old kit", format!("\"old\":\"{old}\""), format!("\"old\":\"{of_another}\""), as_dispensed),
        (
            "by an investigator",
            "\"role\":\"pharmacist\"".into(),
            "\"role\":\"investigator\"".into(),
            "acts are within the rights of their role",
        ),
    ];
    for (what, from, to, check) in table {
        let found = failed(&altered(&honest, |leaf| leaf.replace(&from, &to)));
        assert!(found.contains(&check), "{what}: {found:?}");
    }
    let left_out = altered(&honest, |leaf| {
        let act = leaf.find("\"act\":").zip(leaf.find(",\"actor\"")).expect("an act before its actor");
        leaf.replacen(&leaf[act.0..act.1], "\"act\":{\"kind\":\"reconciliation_read\"}", 1)
    });
    assert!(failed(&left_out).contains(&as_dispensed), "{:?}", failed(&left_out));
}

/// The export with the leaf of the replacement changed.
fn altered(honest: &Export, change: impl Fn(&str) -> String) -> Export {
    let mut export = honest.clone();
    for entry in &mut export.entries {
        if let Entry::Leaf(leaf) = entry
            && leaf.contains("\"kit_replaced\"")
        {
            *leaf = change(leaf);
        }
    }
    export
}

/// The checks that find something wrong.
fn failed(export: &Export) -> Vec<&'static str> {
    let checks = replay(export, &Given::default()).into_iter();
    checks.filter(|check| matches!(check.outcome, Outcome::Failed(_))).map(|check| check.name).collect()
}
