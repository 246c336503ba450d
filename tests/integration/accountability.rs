//! What came back: counts at the site, doses against the plan, and who may not touch them.

mod disposal;
mod printed;

use iwrs_tests::app::{TestApp, files};
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};
use terms::Moment;
use trial::study::StudyDesign;

const NO_KIT: &str = "7955171567";

/// IMODALS with somebody of every role, and kits that were handed over.
struct Trial {
    app: TestApp,
}

impl Trial {
    /// One subject who was given the kit of the first course.
    fn begun() -> (Self, String) {
        let trial = Self { app: TestApp::imodals() };
        trial.app.randomize("S-001", 1961, "male");
        let kit = trial.hand_over("S-001", "D1");
        (trial, kit)
    }

    /// Somebody, logged in now.
    fn person(&self, login: &str) -> Client {
        Client(self.app.person(login).0.log_in_again().expect("a log-in"))
    }

    fn post(&self, login: &str, rest: &str, body: &Value) -> iwrs::client::Reply {
        self.person(login).post(&self.app.path(rest), body)
    }

    fn read(&self, login: &str, rest: &str) -> iwrs::client::Reply {
        self.person(login).get(&self.app.path(rest))
    }

    fn dispense(&self, subject: &str, visit: &str) -> (String, String) {
        let path = format!("/subjects/{subject}/dispensations");
        let told = self.post("pharmacist", &path, &json!({ "visit": visit })).expect(201);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&told["dispensation"]["id"]), text(&told["dispensation"]["kits"][0]))
    }

    fn hand_over(&self, subject: &str, visit: &str) -> String {
        let (id, kit) = self.dispense(subject, visit);
        let scan = json!({ "kit_number": kit });
        self.post("pharmacist", &format!("/dispensations/{id}/confirmation"), &scan).expect(201);
        kit
    }

    fn count(&self, login: &str, kit: &str, body: &Value) -> iwrs::client::Reply {
        self.post(login, &format!("/kits/{kit}/return"), body)
    }

    fn state(&self, kit: &str) -> String {
        let kit = self.read("monitor", &format!("/kits/{kit}")).expect(200);
        kit["kit"]["state"].as_str().expect("a state").to_owned()
    }

    fn at(&self, moment: &str) {
        self.app.clock.set(Moment::parse(moment).expect("an instant"));
    }

    /// The journal tells a history that can have happened, and every rule about kits could be checked.
    #[track_caller]
    fn verifies(&self) {
        let export = self.person("reviewer").send("GET", &self.app.path("/journal/export"), None, &[]);
        assert_eq!(export.status, 200);
        let export = journal::Export::parse(&export.body).expect("an export");
        let design = StudyDesign::from_toml(&files().design).expect("a design");
        let given = trial::replay::Given { design: Some(design), ..Default::default() };
        for check in trial::replay::replay(&export, &given) {
            let failed = matches!(check.outcome, journal::Outcome::Failed(_));
            assert!(!failed, "{}: {:?}", check.name, check.outcome);
            let words = ["counts of kits", "by two", "ledger"];
            let is_about_kits = words.iter().any(|word| check.name.contains(word));
            assert!(!is_about_kits || check.outcome == journal::Outcome::Passed, "{check:?}");
        }
    }
}

/// Everything that this is about, once, with and without a reason: after it every row of it is there.
pub(crate) fn play(app: TestApp) -> TestApp {
    let trial = Trial { app };
    let told = trial.read("pharmacist", "/subjects/S-001/dispensations").expect(200);
    let kit = told["dispensations"][0]["kits"][0].as_str().expect("a number");
    trial.count("pharmacist", kit, &vials(5, 0, 0)).expect(201);
    trial.count("pharmacist", kit, &because(vials(4, 1, 0), "counted by another")).expect(201);
    let kept = trial.hand_over("S-002", "D1");
    disposal::play(&trial, kit, &kept);
    trial.app
}

fn vials(used: u32, unused: u32, missing: u32) -> Value {
    json!({ "used": used, "unused": unused, "missing": missing })
}

fn doses(planned: u32, given: u32, missed: u32, extra: u32) -> Value {
    json!({ "planned": planned, "given": given, "missed": missed, "extra": extra })
}

fn because(mut count: Value, reason: &str) -> Value {
    count["reason"] = json!(reason);
    count
}

#[test]
fn kit_18_the_count_decides_the_state_and_counting_again_is_another_entry() {
    let (trial, kit) = Trial::begun();
    let table = [
        (vials(3, 1, 0), "reason"),
        (vials(5, 1, 0), "reason"),
        (because(vials(3, 1, 0), " "), "reason"),
        (because(vials(1_001, 0, 0), "a slip"), "used"),
        (json!({ "used": 5, "unused": 0 }), "missing"),
        (json!({ "used": -1, "unused": 0, "missing": 0 }), "used"),
        (json!({ "used": 5, "unused": 0, "missing": 0, "arm": "placebo" }), "arm"),
    ];
    for (body, field) in table {
        assert_eq!(trial.count("pharmacist", &kit, &body).expect(422)["field"], field, "{body}");
    }
    assert_eq!(trial.state(&kit), "dispensed", "a refusal leaves nothing");
    let pharmacist = trial.person("pharmacist");
    let path = trial.app.path(&format!("/kits/{kit}/return"));
    let first = pharmacist.post_with_key(&path, &vials(5, 0, 0), "count").expect(201);
    assert_eq!(first["return"]["state"], "returned_used");
    assert_eq!(first["return"]["counted_by"], "pharmacist");
    assert_eq!(pharmacist.post_with_key(&path, &vials(5, 0, 0), "count").expect(201), first);
    assert_eq!(trial.count("pharmacist", &kit, &vials(4, 1, 0)).expect(422)["field"], "reason");
    let again = [
        (because(vials(4, 1, 0), "one was behind the flap"), "returned_partly_used"),
        (because(vials(0, 5, 0), "the wrong kit was counted"), "returned_unused"),
        (because(vials(0, 4, 1), "one has gone"), "returned_partly_used"),
        (because(vials(5, 0, 0), "as it was at first"), "returned_used"),
    ];
    for (body, state) in again {
        assert_eq!(trial.count("pharmacist", &kit, &body).expect(201)["return"]["state"], state);
        assert_eq!(trial.state(&kit), state);
    }
    assert_eq!(pharmacist.post_with_key(&path, &vials(5, 0, 0), "count").expect(201), first, "as it was");
    let counts = trial.app.database.values("SELECT CAST(entry AS TEXT) AS value FROM kit_count");
    assert_eq!(counts.expect("the counts").len(), 5, "none was changed or replaced");
    let line =
        &trial.read("pharmacist", "/subjects/S-001/accountability").expect(200)["accountability"]["kits"][0];
    assert_eq!((&line["count"]["times"], &line["count"]["used"]), (&json!(5), &json!(5)));
    trial.verifies();
}

#[test]
fn kit_16_only_what_somebody_was_given_comes_back() {
    let (trial, _) = Trial::begun();
    trial.app.randomize("S-002", 1962, "female");
    let (_, told) = trial.dispense("S-002", "D1");
    let shelf = trial.read("pharmacist", "/kits?state=available").expect(200);
    let on_shelf = shelf["kits"][0]["number"].as_str().expect("a number");
    for kit in [told.as_str(), on_shelf] {
        assert_eq!(trial.count("pharmacist", kit, &vials(0, 5, 0)).problem(409), "kit-state", "{kit}");
    }
    for kit in [NO_KIT, "1234567890", "nonsense"] {
        trial.count("pharmacist", kit, &vials(0, 5, 0)).problem(404);
    }
}

#[test]
fn kit_20_the_counts_are_the_sites_own() {
    let (trial, kit) = Trial::begun();
    trial.app.add_site("44-001");
    let away = trial.app.add_person("away", "pharmacist", Some("44-001"));
    let away_reads = away.get(&trial.app.path("/subjects/S-001/accountability"));
    assert_eq!(away_reads.problem(404), "not-found");
    away.post(&trial.app.path(&format!("/kits/{kit}/return")), &vials(5, 0, 0)).problem(404);
    for sponsor in ["supply", "depot", "quality", "monitor", "statistician", "reviewer", "investigator"] {
        let refused = trial.count(sponsor, &kit, &vials(5, 0, 0));
        assert_eq!(refused.problem(403), "forbidden", "{sponsor}");
    }
    assert_eq!(trial.state(&kit), "dispensed");
    // A sponsor's role may say that it is lost, which is the inventory's state; the count stays what the site wrote.
    trial.count("pharmacist", &kit, &vials(5, 0, 0)).expect(201);
    for reader in ["supply", "depot", "quality"] {
        trial.read(reader, "/subjects/S-001/accountability").problem(403);
    }
    for reader in ["investigator", "pharmacist", "monitor", "statistician", "reviewer"] {
        let log = trial.read(reader, "/subjects/S-001/accountability").expect(200);
        assert_eq!(log["accountability"]["kits"][0]["count"]["used"], 5, "{reader}");
    }
}

#[test]
fn kit_21_doses_given_are_shown_against_doses_planned() {
    let (trial, first) = Trial::begun();
    let log =
        || trial.read("pharmacist", "/subjects/S-001/accountability").expect(200)["accountability"].clone();
    assert_eq!((&log()["planned_doses"], &log()["counted"]), (&json!(15), &doses(0, 0, 0, 0)));
    assert_eq!(log()["kits"][0]["handed_over_at"], "2015-10-05T08:00:00.000000Z");
    assert_eq!(log()["kits"][0].get("doses"), None, "nothing is known before it is counted");
    trial.at("2015-11-02T09:00:00Z");
    let second = trial.hand_over("S-001", "D29");
    trial.at("2015-11-30T09:00:00Z");
    let third = trial.hand_over("S-001", "D57");
    for kit in [&first, &second, &third] {
        trial.count("pharmacist", kit, &vials(0, 5, 0)).expect(201);
    }
    assert_eq!(log()["counted"], doses(15, 0, 15, 0));
    for kit in [&first, &second, &third] {
        trial.count("pharmacist", kit, &because(vials(5, 0, 0), "counted by another")).expect(201);
    }
    assert_eq!(log()["counted"], doses(15, 15, 0, 0));
    trial.count("pharmacist", &third, &because(vials(6, 0, 0), "six were in the pack")).expect(201);
    assert_eq!(log()["counted"], doses(15, 16, 0, 1));
    let kits: Vec<Value> =
        log()["kits"].as_array().expect("kits").iter().map(|kit| kit["kit"].clone()).collect();
    assert_eq!(kits.len(), 3);
    let of_third = kits.iter().position(|kit| *kit == json!(third)).expect("the third kit");
    assert_eq!(log()["kits"][of_third]["doses"], doses(5, 6, 0, 1));
    assert_eq!(log()["kits"][of_third]["visit"], "D57");
    trial.verifies();
}

/// The pharmacist is told which kit is whose when it is dispensed, and not before.
#[test]
fn a_kit_that_is_only_meant_for_a_subject_is_not_in_the_subjects_log() {
    let trial = Trial { app: TestApp::imodals() };
    trial.app.randomize("S-001", 1961, "male");
    let kits = || {
        trial.read("monitor", "/subjects/S-001/accountability").expect(200)["accountability"]["kits"].clone()
    };
    assert_eq!(kits(), json!([]));
    let (_, kit) = trial.dispense("S-001", "D1");
    assert_eq!((&kits()[0]["kit"], &kits()[0]["state"]), (&json!(kit), &json!("allocated")));
}
