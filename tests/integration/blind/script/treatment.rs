//! Subjects from screening to the end of their treatment.

use iwrs_tests::app::eligible;
use iwrs_tests::client::Expect;
use serde_json::json;

use super::super::trial::Trial;
use super::{SITE, dispense, randomize, scan, screen, text, treat};

/// As many as a block, so that every arm is among them.
const SUBJECTS: [(&str, u32); 6] =
    [("S-001", 1960), ("S-002", 1961), ("S-003", 1962), ("S-004", 1963), ("S-005", 1964), ("S-006", 1965)];

/// Subjects are entered and randomized; one fails the screening.
pub(super) fn enter(trial: &mut Trial) -> Vec<&'static str> {
    screen(trial, "investigator", SITE, "S-001", 1971).problem(409);
    screen(trial, "investigator", SITE, "S-002", 1960).problem(409);
    screen(trial, "investigator", SITE, "S-002", 2016).problem(422);
    screen(trial, "pharmacist", SITE, "S-002", 1961).problem(403);
    screen(trial, "far", SITE, "S-002", 1961).problem(404);
    refused(trial);
    for (subject, born) in SUBJECTS {
        if subject != "S-001" {
            screen(trial, "investigator", SITE, subject, born).expect(201);
        }
        let path = trial.path(&format!("/subjects/{subject}/randomization"));
        let key = format!("enter-{subject}");
        let first = trial.signed_with_key("investigator", "randomize", &path, &eligible(), &key).expect(201);
        assert_eq!(trial.post_with_key("investigator", &path, &eligible(), &key).expect(201), first);
        trial.post_with_key("oncall", &path, &eligible(), &key).problem(404);
        trial
            .post_with_key(
                "investigator",
                &path,
                &json!({ "consent_date": "2015-10-02", "answers": {} }),
                &key,
            )
            .problem(422);
        randomize(trial, "investigator", subject).problem(409);
    }
    screen(trial, "investigator", SITE, "S-007", 1967).expect(201);
    let failed = json!({ "criteria": ["E01"] });
    trial.act("monitor", "/subjects/S-007/screen-failure", &failed).problem(403);
    trial.act("investigator", "/subjects/S-007/screen-failure", &failed).expect(201);
    randomize(trial, "investigator", "S-007").problem(409);
    SUBJECTS.map(|(subject, _)| subject).to_vec()
}

/// Everything that keeps a subject from being randomized, but for the state of the shelf.
fn refused(trial: &mut Trial) {
    let path = trial.path("/subjects/S-001/randomization");
    let body = eligible();
    trial.send("investigator", "POST", &path, Some(&body.to_string()), &[]).problem(400);
    trial.post("investigator", &path, &body).problem(403);
    let wrong = [("Idempotency-Key", "wrong"), ("Signature-Token", "not-a-token")];
    trial.send("investigator", "POST", &path, Some(&body.to_string()), &wrong).problem(403);
    trial.post("monitor", &path, &body).problem(403);
    let mut unfit = eligible();
    unfit["answers"]["E01"] = json!("no");
    assert_eq!(trial.signed("investigator", "randomize", &path, &unfit).problem(422), "not-eligible");
    let mut late = eligible();
    late["consent_date"] = json!("2015-10-06");
    trial.signed("investigator", "randomize", &path, &late).problem(422);
    let arm = json!({ "consent_date": "2015-10-01", "answers": {}, "arm": "placebo" });
    trial.post("investigator", &path, &arm).problem(422);
}

/// Day 1 of everybody: a wrong kit stops, the right one is handed over.
pub(super) fn first_courses(trial: &mut Trial, subjects: &[&str]) {
    assert_eq!(dispense(trial, "pharmacist", "S-001", "D29", None).problem(409), "visit-out-of-order");
    assert_eq!(dispense(trial, "pharmacist", "S-001", "D8", None).problem(409), "no-dispensing-visit");
    assert_eq!(dispense(trial, "pharmacist", "S-007", "D1", None).problem(409), "not-randomized");
    dispense(trial, "monitor", "S-001", "D1", None).problem(403);
    dispense(trial, "farpharm", "S-001", "D1", None).problem(404);
    let mut dispensed = Vec::new();
    for subject in subjects {
        let answer = dispense(trial, "pharmacist", subject, "D1", None).expect(201);
        assert_eq!(dispense(trial, "pharmacist", subject, "D1", None).expect(201), answer);
        dispensed.push((text(&answer, "/dispensation/id"), text(&answer, "/dispensation/kits/0")));
    }
    for (place, (id, kit)) in dispensed.iter().enumerate() {
        let other = &dispensed[(place + 1) % dispensed.len()].1;
        for wrong in [other.as_str(), "1234567890", "a pack of aspirin"] {
            assert_eq!(scan(trial, "pharmacist", id, wrong).problem(409), "wrong-kit");
        }
        let check = format!("/dispensations/{id}/check");
        assert_eq!(
            trial.act("pharmacist", &check, &json!({ "kit_number": other })).problem(409),
            "wrong-kit"
        );
        trial.act("pharmacist", &check, &json!({ "kit_number": kit })).expect(201);
        scan(trial, "pharmacist", id, kit).expect(201);
        scan(trial, "pharmacist", id, kit).problem(409);
    }
    replacements(trial, &dispensed);
    assert_eq!(dispense(trial, "pharmacist", "S-001", "D29", None).problem(409), "too-soon");
    for (visit, status) in [("SCR", 201), ("D8", 201), ("D9", 422)] {
        let body = json!({ "visit": visit, "date": "2015-10-04" });
        assert_eq!(trial.act("investigator", "/subjects/S-001/visits", &body).status, status);
    }
    let again = json!({ "visit": "D8", "date": "2015-10-05" });
    trial.act("investigator", "/subjects/S-001/visits", &again).problem(422);
    let corrected = json!({ "visit": "D8", "date": "2015-10-05", "correction_reason": "a slip" });
    trial.act("investigator", "/subjects/S-001/visits", &corrected).expect(201);
    trial.act("pharmacist", "/subjects/S-001/visits", &corrected).problem(403);
}

/// Kits of all six, so of every arm, are replaced; of the first one twice, and its old numbers are stopped.
fn replacements(trial: &mut Trial, dispensed: &[(String, String)]) {
    for (id, kit) in dispensed {
        let path = format!("/dispensations/{id}/replacements");
        let ask = |reason: &str| json!({ "kit_number": kit, "reason": reason });
        trial.act("investigator", &path, &ask("lost")).problem(403);
        trial.act("farpharm", &path, &ask("lost")).problem(404);
        trial.act("pharmacist", &path, &ask("too heavy")).problem(422);
        trial.act("pharmacist", &path, &ask("expired")).problem(409);
        let answer = trial.act("pharmacist", &path, &ask("lost")).expect(201);
        assert_eq!(trial.act("pharmacist", &path, &ask("lost")).expect(201), answer);
        assert_eq!(scan(trial, "pharmacist", id, kit).problem(409), "wrong-kit");
        scan(trial, "pharmacist", id, &text(&answer, "/replacement/kit_number")).expect(201);
    }
    let (id, kit) = &dispensed[0];
    let path = format!("/dispensations/{id}/replacements");
    let listed = trial.read("pharmacist", "/subjects/S-001/dispensations").expect(200);
    let second = text(&listed, "/dispensations/0/replacements/0/kit_number");
    let mut again = json!({ "kit_number": second, "reason": "not_taken" });
    assert_eq!(trial.act("pharmacist", &path, &again).problem(409), "replacement-limit");
    again["explanation"] = json!("the refrigerator failed");
    trial.act("pharmacist", &path, &again).expect(201);
    let other = json!({ "kit_number": dispensed[1].1, "reason": "lost" });
    trial.act("pharmacist", &path, &other).problem(422);
    assert_eq!(scan(trial, "pharmacist", id, kit).problem(409), "wrong-kit");
}

/// One subject's code is broken, twice, and a note is added.
pub(super) fn break_a_code(trial: &mut Trial) {
    let path = trial.path("/unblindings");
    let body = json!({ "screening_number": "S-002", "reason": "serious_adverse_event" });
    trial.post("oncall", &path, &body).problem(403);
    trial.post("monitor", &path, &body).problem(403);
    let unknown = json!({ "screening_number": "S-999", "reason": "overdose" });
    trial.signed("oncall", "unblind", &path, &unknown).problem(404);
    let no_reason = json!({ "screening_number": "S-002", "reason": "curiosity" });
    trial.signed("oncall", "unblind", &path, &no_reason).problem(422);
    trial.signed("far", "unblind", &path, &body).problem(404);
    let shown = trial.signed("oncall", "unblind", &path, &body).expect(201);
    let again = json!({ "randomization_number": "R0002", "reason": "overdose" });
    trial.signed("investigator", "unblind", &path, &again).expect(201);
    let dispensed = trial.read("pharmacist", "/subjects/S-006/dispensations").expect(200);
    let kit = text(&dispensed, "/dispensations/0/kits/0");
    let at_the_bedside = json!({ "kit_number": kit, "reason": "medical_emergency" });
    trial.signed("oncall", "unblind", &path, &at_the_bedside).expect(201);
    trial
        .signed("oncall", "unblind", &path, &json!({ "kit_number": "1234567890", "reason": "overdose" }))
        .problem(422);
    in_one_request(trial);
    let notes = format!("{path}/{}/notes", text(&shown, "/unblinding/id"));
    trial.post("oncall", &notes, &json!({ "text": "Seen in the emergency room." })).expect(201);
    trial.post("monitor", &notes, &json!({ "text": "Read." })).problem(403);
    trial.post("oncall", &notes, &json!({ "text": " " })).problem(422);
}

/// The same with no log-in before it, and what it is refused for.
fn in_one_request(trial: &mut Trial) {
    for (login, subject, status) in [
        ("oncall", "S-002", 201),
        ("oncall", "S-999", 404),
        ("far", "S-002", 404),
        ("monitor", "S-002", 403),
        ("statistician", "S-002", 403),
    ] {
        let password = trial.person(login).password;
        let body = json!({ "login": login, "password": password, "screening_number": subject,
            "reason": "medical_emergency" });
        assert_eq!(trial.act(login, "/emergency-unblindings", &body).status, status, "{login} {subject}");
    }
    let wrong = json!({ "login": "oncall", "password": "not the password of anybody",
        "screening_number": "S-002", "reason": "medical_emergency" });
    trial.act("anonymous", "/emergency-unblindings", &wrong).problem(401);
}

/// One stops the drug, one leaves the study.
pub(super) fn leave(trial: &mut Trial) {
    let stop = |stops: &str, reason: &str| json!({ "stops": stops, "reason": reason });
    for (subject, body, status) in [
        ("S-003", stop("drug", "tired"), 422),
        ("S-003", stop("drug", "serious_adverse_event"), 201),
        ("S-003", stop("drug", "withdrew"), 409),
        ("S-004", stop("study", "withdrew"), 201),
        ("S-007", stop("study", "withdrew"), 409),
    ] {
        let reply = trial.act("investigator", &format!("/subjects/{subject}/withdrawal"), &body);
        assert_eq!(reply.status, status, "{reply:?}");
    }
    trial.act("pharmacist", "/subjects/S-005/withdrawal", &stop("drug", "withdrew")).problem(403);
}

/// Day 29 of those who are still treated, and one who comes late.
pub(super) fn second_courses(trial: &mut Trial) {
    for subject in ["S-003", "S-004"] {
        assert_eq!(dispense(trial, "pharmacist", subject, "D29", None).problem(409), "subject-state");
    }
    let hold = json!({ "on": "dispensing", "reason": "the refrigerator" });
    let placed = trial.act("nurse", "/holds", &hold).expect(201);
    assert_eq!(dispense(trial, "pharmacist", "S-001", "D29", None).problem(409), "on-hold");
    let release = format!("/holds/{}/release", text(&placed, "/hold/id"));
    trial.act("nurse", &release, &json!({ "reason": "it cools" })).expect(201);
    for subject in ["S-001", "S-002"] {
        treat(trial, "pharmacist", subject, "D29", None);
    }
    let path = trial.path("/unblindings");
    let body = json!({ "screening_number": "S-003", "reason": "medical_emergency" });
    trial.signed("investigator", "unblind", &path, &body).expect(201);
    trial.at("2015-11-09T09:00:00Z");
    assert_eq!(dispense(trial, "pharmacist", "S-005", "D29", None).problem(409), "outside-window");
    treat(trial, "pharmacist", "S-005", "D29", Some("the subject travelled"));
}

/// When nothing on any shelf lasts any more, nobody is served.
pub(super) fn out_of_date(trial: &mut Trial) {
    for (subject, place) in [("S-002", 1), ("S-006", 0)] {
        let listed = trial.read("pharmacist", &format!("/subjects/{subject}/dispensations")).expect(200);
        let id = text(&listed, &format!("/dispensations/{place}/id"));
        let kit = listed.pointer(&format!("/dispensations/{place}/replacements/0/kit_number"));
        let kit = kit.unwrap_or(&listed["dispensations"][place]["kits"][0]);
        let lost = json!({ "kit_number": kit, "reason": "lost", "explanation": "looked for everywhere" });
        let reply = trial.act("pharmacist", &format!("/dispensations/{id}/replacements"), &lost);
        assert_eq!(reply.problem(409), "supply-short");
    }
    for subject in ["S-001", "S-006"] {
        let reply = dispense(trial, "pharmacist", subject, "D57", Some("very late"));
        assert_eq!(reply.problem(409), "supply-short");
    }
    screen(trial, "investigator", SITE, "S-008", 1968).expect(201);
    assert_eq!(randomize(trial, "investigator", "S-008").problem(409), "supply-short");
}
