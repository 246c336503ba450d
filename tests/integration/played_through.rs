//! The replay of the demo: the whole of IMODALS with its supply, and a report that can fail.

use iwrs::Running;
use iwrs::demo::{Files, Line, Replay};
use iwrs_tests::app::{CHECKPOINT_SEED, World, files, root, service};
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::{TestDatabase, fresh_database};
use journal::SigningKey;
use serde_json::json;

/// A replay that has begun, with what it runs on.
struct Stage {
    replay: Replay,
    // The order of dropping: the server before the database.
    _running: Running,
    _database: TestDatabase,
}

impl Stage {
    /// Everything is played until the last kits have come back; no place is closed yet.
    fn played(files: &Files) -> Self {
        let database = fresh_database();
        let world = World { now: Replay::opening(files).expect("a day"), ..World::default() };
        let (service, clock) = service(database.url(), world);
        let running = Running::start(&service).expect("the server starts");
        let mut replay = Replay::begin(&service, running.base(), &clock, files).expect("the replay begins");
        replay.play().expect("it is played");
        Self { replay, _running: running, _database: database }
    }

    /// Closes the places, and gives the report.
    fn end(&mut self) -> Vec<Line> {
        self.replay.close().expect("the places are closed, or said not to be");
        let key = SigningKey::from_seed("iwrs-test", CHECKPOINT_SEED).expect("a signing key");
        self.replay.report(key.verifying_key()).expect("a report")
    }

    fn pharmacist(&self) -> Client {
        Client(self.replay.cast().person("pharmacist").expect("somebody of the cast").clone())
    }
}

#[track_caller]
fn assert_failed(lines: &[Line], expected: &[&str]) {
    let failed: Vec<&str> = lines.iter().filter(|line| !line.passed).map(|line| line.what.as_str()).collect();
    assert_eq!(failed.len(), expected.len(), "{failed:#?}");
    for (failed, expected) in failed.iter().zip(expected) {
        assert!(failed.starts_with(expected), "{failed:?} is not {expected:?}");
    }
}

/// The headline of the supply: every visit has its kit, and every kit its end.
#[test]
fn the_whole_of_imodals_is_played_with_its_supply_and_every_kit_is_accounted_for() {
    let lines = Stage::played(&files()).end();
    assert_failed(&lines, &[]);
    let told: Vec<&str> = lines.iter().map(|line| line.what.as_str()).collect();
    let without_counts = |line: &&str| !line.starts_with("journal") && !line.starts_with("rows");
    let told: Vec<&str> = told.into_iter().filter(without_counts).collect();
    assert_eq!(told, TOLD);
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let shown = TOLD.map(|line| format!("passed  {line}\n")).concat();
    assert!(readme.contains(&shown), "the README shows what is told:\n{shown}");
    assert_eq!(lines.len(), TOLD.len() + 2, "and the journal and the rows");
}

/// What the report tells, as the README has it.
const TOLD: [&str; 18] = [
    "subjects randomized: 36 (expected 36)",
    "kits handed over: 109 (expected 109)",
    "kits that replaced a damaged or a lost one: 2 (expected 2)",
    "code broken and shown: 1 (expected 1)",
    "subjects in every arm: 12/12/12",
    "courses of every kit type: 36/36/36",
    "list recomputed from its seed, and as committed to before anyone read it",
    "mismatches between list, allocation and handover: 0 (expected 0)",
    "courses handed over on their day: 108 (expected 108)",
    "requests refused for want of a kit: 0 (expected 0)",
    "shipments received: 5 of 5, 1 after an excursion",
    "kits counted when they came back: 108 (expected 108)",
    "doses given, by their vials: 538 (expected 538)",
    "places closed by two signatures: 2 (expected 2)",
    "kits of 30-DEPOT: 36, of which destroyed 36, lost and signed for 0, open 0",
    "kits of 34-001: 144, of which destroyed 143, lost and signed for 1, open 0",
    "kits at their end, of all that were registered: 180 (expected 180)",
    "pairs of subjects of which the supply proves that they share an arm or not: 0 of 630",
];

/// A subject who had a vial left is given another kit for it, and that one never comes back.
#[test]
fn a_kit_that_never_came_back_leaves_its_site_open_and_the_report_says_so() {
    let mut stage = Stage::played(&files());
    let (pharmacist, path) = (stage.pharmacist(), |rest: &str| stage.replay.cast().path(rest));
    let told = pharmacist.get(&path("/subjects/S-030/dispensations")).expect(200);
    let last = &told["dispensations"][2];
    let dispensation = format!("/dispensations/{}", last["id"].as_str().expect("an id"));
    let not_taken = json!({ "kit_number": last["kits"][0], "reason": "not_taken" });
    let replaced = pharmacist.post(&path(&format!("{dispensation}/replacements")), &not_taken).expect(201);
    let kit = replaced["replacement"]["kit_number"].clone();
    let scan = json!({ "kit_number": kit });
    pharmacist.post(&path(&format!("{dispensation}/confirmation")), &scan).expect(201);
    let why = format!("34-001: These kits are not explained: {}.", kit.as_str().expect("a number"));
    let expected = [
        "kits handed over: 110 ",
        "kits that replaced a damaged or a lost one: 3 ",
        &format!("places closed by two signatures: 1 (expected 2); {why}"),
        "kits of 34-001: 144, of which destroyed 0, lost and signed for 0, open 144",
        "kits at their end, of all that were registered: 36 (expected 180)",
    ];
    assert_failed(&stage.end(), &expected);
}

/// With a single group in the depot the play goes on without kits, and tells for how many requests there was none.
#[test]
fn where_kits_run_out_the_play_goes_on_and_the_report_says_so() {
    let mut files = files();
    files.plan.depot.kits_per_type = 12;
    let lines = Stage::played(&files).end();
    let failed: Vec<&str> = lines.iter().filter(|line| !line.passed).map(|line| line.what.as_str()).collect();
    for expected in
        ["subjects randomized: ", "courses handed over on", "requests refused for want of a kit: "]
    {
        assert!(failed.iter().any(|line| line.starts_with(expected)), "{expected:?} is not in {failed:#?}");
    }
    for sound in ["journal", "rows", "mismatches", "kits of 34-001: 36, of which destroyed"] {
        let line = lines.iter().find(|line| line.what.starts_with(sound)).expect("a line");
        assert!(line.passed, "what was done was done well: {line:?}");
    }
}
