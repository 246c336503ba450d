//! A small trial that was really played, and what to check its export against.

use iwrs_tests::app::{CHECKPOINT_SEED, TestApp, World, files};
use iwrs_tests::client::Expect;
use journal::{Check, Export, Outcome, SigningKey};
use serde_json::json;
use trial::replay::{Given, replay};
use trial::study::{SealedDesign, StudyDesign};

/// Four subjects, of whom the first gets a kit after a wrong one was scanned, has the code broken and looked at
/// twice; a hold in between.
pub(crate) fn played() -> TestApp {
    played_in(World::default())
}

/// The same in another world.
pub(crate) fn played_in(world: World) -> TestApp {
    let app = TestApp::in_world(world);
    let (investigator, pharmacist) = (app.person("investigator"), app.person("pharmacist"));
    app.randomize("S-001", 1960, "female");
    let hold = json!({ "on": "randomization", "reason": "a question of the sponsor" });
    let placed = app.person("monitor").post(&app.path("/holds"), &hold).expect(201);
    let release = app.path(&format!("/holds/{}/release", placed["hold"]["id"].as_str().expect("an id")));
    app.person("monitor").post(&release, &json!({ "reason": "answered" })).expect(201);
    app.randomize("S-002", 1961, "male");
    app.randomize("S-003", 1962, "female");
    app.randomize("S-004", 1963, "male");
    let dispense = json!({ "visit": "D1" });
    let dispensed = pharmacist.post(&app.path("/subjects/S-001/dispensations"), &dispense).expect(201);
    let dispensation = &dispensed["dispensation"];
    let confirm =
        app.path(&format!("/dispensations/{}/confirmation", dispensation["id"].as_str().expect("an id")));
    pharmacist.post(&confirm, &json!({ "kit_number": "0000000000" })).problem(409);
    pharmacist.post(&confirm, &json!({ "kit_number": dispensation["kits"][0] })).expect(201);
    let path = app.path("/unblindings");
    let by_number = json!({ "screening_number": "S-001", "reason": "overdose" });
    let broken = investigator.sign_and_post("unblind", &path, &by_number).expect(201);
    investigator.sign_and_post("unblind", &path, &by_number).expect(201);
    let notes = format!("{path}/{}/notes", broken["unblinding"]["id"].as_str().expect("an id"));
    investigator.post(&notes, &json!({ "text": "the intensive care unit was told" })).expect(201);
    app
}

/// The files of the demo, as a reader has them.
pub(crate) fn given() -> Given {
    let files = files();
    let design = StudyDesign::from_toml(&files.design).expect("a design");
    let sealed = SealedDesign::from_toml(&files.sealed, &design).expect("a sealed design");
    Given { design: Some(design), sealed: Some(sealed), seeds: Vec::new() }
}

/// A key of the name that signs in tests; the right one has the seed 8.
pub(crate) fn key(seed: u8) -> SigningKey {
    assert_eq!(CHECKPOINT_SEED, [8; 32]);
    SigningKey::from_seed("iwrs-test", [seed; 32]).expect("a key")
}

/// The export, read.
pub(crate) fn open(export: &str) -> Export {
    Export::parse(export).unwrap_or_else(|bad| panic!("{bad}: {export}"))
}

/// Every check, with the right key and no mailed checkpoint.
pub(crate) fn checks(export: &str, given: &Given) -> Vec<Check> {
    all(export, &[], given)
}

/// The names of the checks that failed.
pub(crate) fn failed(export: &str, mailed: &[String], given: &Given) -> Vec<&'static str> {
    let checks = all(export, mailed, given);
    let failed = checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_)));
    failed.map(|check| check.name).collect()
}

fn all(export: &str, mailed: &[String], given: &Given) -> Vec<Check> {
    let keys = [key(8).verifying_key().clone()];
    let mut checks = journal::verify_text(export, mailed, &keys);
    checks.extend(Export::parse(export).iter().flat_map(|export| replay(export, given)));
    checks
}
