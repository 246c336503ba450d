//! What is prepared on site, of kits of every arm.

use iwrs_tests::client::Expect;
use serde_json::json;

use super::super::trial::Trial;
use super::text;

/// As many as a block, so that every arm is among them.
const SUBJECTS: [&str; 6] = ["S-001", "S-002", "S-003", "S-004", "S-005", "S-006"];

/// Out of the kit that each was given two units are prepared: one is given, one thrown away, and others are stopped.
pub(super) fn prepare(trial: &mut Trial) {
    for (place, subject) in SUBJECTS.iter().enumerate() {
        let kits = [subject, &SUBJECTS[(place + 1) % SUBJECTS.len()]].map(|whose| {
            let path = format!("/subjects/{whose}/dispensations");
            let listed = trial.read("pharmacist", &path).expect(200);
            let replaced = listed["dispensations"][0]["replacements"].as_array().expect("a list");
            text(replaced.last().expect("it was replaced"), "/kit_number")
        });
        if place == 0 {
            // The last kit of the first one has not been handed over.
            let id = trial.read("pharmacist", "/subjects/S-001/dispensations").expect(200);
            super::scan(trial, "pharmacist", &text(&id, "/dispensations/0/id"), &kits[0]).expect(201);
        }
        let path = format!("/subjects/{subject}/units");
        let preparation = "reconstituted";
        let ask =
            |kit: &str, units: u32| json!({ "kit_number": kit, "preparation": preparation, "units": units });
        trial.act("investigator", &path, &ask(&kits[0], 2)).problem(403);
        trial.act("farpharm", &path, &ask(&kits[0], 2)).problem(404);
        trial.act("pharmacist", &path, &ask(&kits[0], 6)).problem(422);
        assert_eq!(trial.act("pharmacist", &path, &ask(&kits[1], 1)).problem(409), "wrong-unit");
        let units = trial.act("pharmacist", &path, &ask(&kits[0], 2)).expect(201);
        let (first, second) = (text(&units, "/units/0/unit"), text(&units, "/units/1/unit"));
        let given = format!("/subjects/{subject}/administrations");
        let scan = |unit: &str| json!({ "unit": unit });
        trial.act("monitor", &given, &scan(&first)).problem(403);
        assert_eq!(trial.act("pharmacist", &given, &scan(&kits[0])).problem(409), "wrong-unit");
        trial.act("investigator", &given, &scan(&first)).expect(201);
        assert_eq!(trial.act("pharmacist", &given, &scan(&first)).problem(409), "unit-state");
        let disposal = format!("{path}/{second}/disposal");
        trial.act("far", &disposal, &json!({ "reason": "it fell down" })).problem(404);
        trial.act("pharmacist", &disposal, &json!({ "reason": "it fell down" })).expect(201);
        trial.read("monitor", &format!("/kits/{}/accountability", kits[0])).expect(200);
    }
}
