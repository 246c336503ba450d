//! The rollback detector: databases that went back in time, or were swapped for others.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use iwrs::Running;
use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, eligible, service};
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::{Engine, fresh_database};
use iwrs_tests::folder::TempFolder;
use serde_json::{Value, json};
use service::Shared;
use service::journal::mail_checkpoints;
use service::trust::{Distrust, Trust, Untrusted, accept, distrusted};

use crate::redaction;

/// A service on a database, remembering in a folder.
pub(crate) fn service_in(url: &str, folder: &Path) -> Shared {
    let trust = Trust::in_folder(folder).expect("a state folder");
    service(url, World { trust, ..World::default() }).0
}

/// Why the service does not trust its database with IMODALS, if it does not.
pub(crate) fn distrusts(service: &Shared) -> Vec<Distrust> {
    distrusted(service).expect("readable").into_iter().map(|(_, distrust)| distrust).collect()
}

/// IMODALS in an instance that remembers in the folder.
pub(crate) fn imodals(folder: &Path) -> TestApp {
    let trust = Trust::in_folder(folder).expect("a state folder");
    TestApp::in_world(World { trust, ..World::default() })
}

/// Somebody of the app, at another server on the same or on a copied database.
pub(crate) fn at(app: &TestApp, running: &Running, login: &str) -> Client {
    let person = app.person(login);
    Client::log_in(running.base(), login, &person.0.password)
}

/// POST with a key that nobody else has used: the app's own people count theirs, and so would these.
pub(crate) fn post(client: &Client, path: &str, body: &Value) -> Reply {
    client.post_with_key(path, body, &key())
}

pub(crate) fn sign_and_post(client: &Client, action: &str, path: &str, body: &Value) -> Reply {
    client.0.post_signed(path, body, &key(), &client.sign(action, path, body)).expect("an answer")
}

fn key() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("trust-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A randomization by the investigator, who has entered the subject.
pub(crate) fn randomize(app: &TestApp, running: &Running, subject: &str) -> Reply {
    let investigator = at(app, running, "investigator");
    let entry = json!({ "screening_number": subject, "site": "34-001", "birth_year": 1955, "sex": "female",
                "duplicate_reason": "the same year by chance" });
    post(&investigator, &app.path("/subjects"), &entry).expect(201);
    let path = app.path(&format!("/subjects/{subject}/randomization"));
    sign_and_post(&investigator, "randomize", &path, &eligible())
}

/// What an old backup does: everything after the journal's first `leaves` leaves is gone. The rows of the trial stay,
/// since the detector reads the journal alone.
fn take_back(app: &TestApp, leaves: u64, frontier: &str) {
    let tree = "tree = 'study/imodals'";
    let (open, bytes) = match Engine::from_env() {
        Engine::Sqlite => ("DROP TRIGGER journal_leaf_no_delete", format!("x'{frontier}'")),
        Engine::Postgres => {
            ("ALTER TABLE journal_leaf DISABLE TRIGGER ALL", format!("decode('{frontier}', 'hex')"))
        }
    };
    let sql = format!(
        "{open}; DELETE FROM journal_leaf WHERE {tree} AND leaf_index >= {leaves};
         UPDATE tree_head SET size = {leaves}, frontier = {bytes} WHERE {tree}"
    );
    app.database.execute(&sql).expect("somebody with the database's password can do that");
}

/// The frontier that the instance remembers of IMODALS: what stands after the line with the database's identity.
fn remembered(folder: &Path) -> Vec<u8> {
    let bytes = std::fs::read(folder.join("imodals.frontier")).expect("something is remembered");
    let end = bytes.iter().position(|byte| *byte == b'\n').expect("a line");
    bytes[end + 1..].to_vec()
}

fn size(frontier: &[u8]) -> u64 {
    journal::Frontier::from_bytes(frontier).expect("a frontier").size()
}

#[test]
fn what_is_remembered_grows_with_every_write_and_survives_a_restart() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    app.randomize("S-001", 1960, "female");
    let before = size(&remembered(folder.path()));
    let restarted = service_in(app.database.url(), folder.path());
    assert_eq!(distrusts(&restarted), []);
    let running = Running::start(&restarted).expect("the server starts");
    randomize(&app, &running, "S-002").expect(201);
    assert!(size(&remembered(folder.path())) > before);
    let path = app.path("/journal?limit=1");
    let journal = app.person("monitor").get(&path).expect(200);
    assert_eq!(journal["journal"]["size"], size(&remembered(folder.path())), "to the last leaf");
}

#[test]
fn a_database_that_went_back_in_time_allocates_nothing_and_its_codes_can_be_broken() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    app.randomize("S-001", 1960, "female");
    let old = remembered(folder.path());
    app.randomize("S-002", 1961, "male");
    take_back(&app, size(&old), &hex::encode(&old));
    let service = service_in(app.database.url(), folder.path());
    let running = Running::start(&service).expect("the server starts");
    assert_eq!(distrusts(&service), [Distrust::Contradicts]);
    assert_eq!(randomize(&app, &running, "S-003").problem(503), "allocations-stopped");
    let dispense = json!({ "visit": "D1" });
    let path = app.path("/subjects/S-001/dispensations");
    assert_eq!(post(&at(&app, &running, "pharmacist"), &path, &dispense).problem(503), "allocations-stopped");
    let path = app.path("/journal/checkpoint");
    assert_eq!(at(&app, &running, "monitor").get(&path).problem(503), "allocations-stopped");
    let broken = json!({ "screening_number": "S-001", "reason": "overdose" });
    let investigator = at(&app, &running, "investigator");
    sign_and_post(&investigator, "unblind", &app.path("/unblindings"), &broken).expect(201);
    // The new history may grow longer than the lost one: it is still another.
    for number in 10..30 {
        let entry = json!({
            "screening_number": format!("S-0{number}"), "site": "34-001",
            "birth_year": 1900 + number, "sex": "male",
        });
        post(&investigator, &app.path("/subjects"), &entry).expect(201);
    }
    assert_eq!(randomize(&app, &running, "S-004").problem(503), "allocations-stopped");
}

#[test]
fn another_database_of_the_same_study_allocates_nothing() {
    let (folder, other) = (TempFolder::new(), TempFolder::new());
    let app = imodals(folder.path());
    app.randomize("S-001", 1960, "female");
    let swapped = imodals(other.path());
    swapped.randomize("S-001", 1960, "female");
    swapped.randomize("S-002", 1961, "male");
    let service = service_in(swapped.database.url(), folder.path());
    let running = Running::start(&service).expect("the server starts");
    assert_eq!(randomize(&swapped, &running, "S-003").problem(503), "allocations-stopped");
    let own = service_in(swapped.database.url(), other.path());
    let running = Running::start(&own).expect("the server starts");
    randomize(&swapped, &running, "S-004").expect(201);
}

#[test]
fn with_no_memory_nothing_is_allocated_until_a_checkpoint_was_given() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    let note = app.person("monitor").get(&app.path("/journal/checkpoint")).expect(200);
    let note = note["checkpoint"].as_str().expect("a note").to_owned();
    app.randomize("S-001", 1960, "female");
    let text = redaction::body(redaction::leaf(&app, "role_proposed"));
    let proposed = redaction::propose(&app, "monitor", &text).expect(201);
    let redaction =
        app.path(&format!("/redactions/{}", proposed["redaction"]["id"].as_str().expect("an id")));
    let fresh = TempFolder::new();
    let service = service_in(app.database.url(), fresh.path());
    let running = Running::start(&service).expect("the server starts");
    assert_eq!(distrusted(&service).expect("readable")[0].1, Distrust::Unknown);
    assert_eq!(randomize(&app, &running, "S-002").problem(503), "allocations-stopped");
    let redact = || {
        let reviewer = at(&app, &running, "reviewer");
        sign_and_post(&reviewer, "confirm_redaction", &format!("{redaction}/confirmation"), &json!({}))
    };
    assert_eq!(redact().problem(503), "allocations-stopped", "another history would still hold the text");
    assert!(matches!(accept(&service, &note.replace("iwrs-test", "iwrs-other")), Err(Untrusted::Note(_))));
    assert_eq!(accept(&service, &note).expect("a prefix").study.as_str(), "imodals");
    randomize(&app, &running, "S-003").expect(201);
    redact().expect(201);
}

/// The newest checkpoint, asked for and so signed now.
pub(crate) fn checkpoint(app: &TestApp) -> String {
    let answer = app.person("monitor").get(&app.path("/journal/checkpoint")).expect(200);
    answer["checkpoint"].as_str().expect("a note").to_owned()
}

#[test]
fn aud_05_with_no_memory_nothing_is_signed_and_codes_can_be_broken() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    let note = checkpoint(&app);
    app.randomize("S-001", 1960, "female");
    let fresh = TempFolder::new();
    let service = service_in(app.database.url(), fresh.path());
    let running = Running::start(&service).expect("the server starts");
    let signed = || {
        app.database.values("SELECT note AS value FROM checkpoint ORDER BY size").expect("the checkpoints")
    };
    let before = signed();
    let broken = json!({ "screening_number": "S-001", "reason": "overdose" });
    let investigator = at(&app, &running, "investigator");
    sign_and_post(&investigator, "unblind", &app.path("/unblindings"), &broken).expect(201);
    let statistician = at(&app, &running, "statistician");
    for path in ["/journal/checkpoint", "/journal/export"] {
        assert_eq!(statistician.get(&app.path(path)).problem(503), "allocations-stopped", "{path}");
    }
    let mails = || {
        app.database
            .values("SELECT id AS value FROM notice WHERE template = 'checkpoint'")
            .expect("the notices")
    };
    mail_checkpoints(&service).expect("it is logged and left for later");
    assert_eq!((signed(), mails()), (before.clone(), vec![]), "a code break makes a checkpoint due");
    accept(&service, &note).expect("a prefix");
    mail_checkpoints(&service).expect("mailed");
    assert_eq!(signed().len(), before.len() + 1);
    assert!(!mails().is_empty());
}

#[test]
fn only_the_newest_checkpoint_gives_trust_and_it_is_told_how_far_it_reaches() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    let old = (checkpoint(&app), size(&remembered(folder.path())));
    app.randomize("S-001", 1960, "female");
    let newest = (checkpoint(&app), size(&remembered(folder.path())));
    app.screen("S-002", 1961, "male");
    let fresh = TempFolder::new();
    let service = service_in(app.database.url(), fresh.path());
    let refused = accept(&service, &old.0).expect_err("a newer one is in the database");
    let Untrusted::NotTheNewest { given, newest: stored } = refused else { panic!("{refused}") };
    assert_eq!((given, stored), (old.1, newest.1));
    assert_eq!(distrusted(&service).expect("readable").len(), 1);
    let accepted = accept(&service, &newest.0).expect("the newest");
    assert_eq!((accepted.checkpoint, accepted.journal), (newest.1, size(&remembered(folder.path()))));
    assert!(accepted.journal > accepted.checkpoint);
    assert_eq!(accepted.last_saved, Some(app.clock.now()));
}

#[test]
fn a_checkpoint_of_what_was_lost_gives_no_trust() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    let old = remembered(folder.path());
    app.randomize("S-001", 1960, "female");
    let note = app.person("monitor").get(&app.path("/journal/checkpoint")).expect(200);
    let note = note["checkpoint"].as_str().expect("a note").to_owned();
    take_back(&app, size(&old), &hex::encode(&old));
    let fresh = TempFolder::new();
    let service = service_in(app.database.url(), fresh.path());
    assert!(matches!(accept(&service, &note), Err(Untrusted::NotAPrefix)));
    assert_eq!(distrusts(&service), [Distrust::Unknown]);
    let empty = fresh_database();
    let elsewhere = service_in(empty.url(), fresh.path());
    assert!(matches!(accept(&elsewhere, &note), Err(Untrusted::NoStudy(_))));
}

/// Makes the instance remember the same journal in another database, or as an earlier version did, in none.
fn remember_elsewhere(folder: &Path, line: &str) {
    let bytes = [line.as_bytes(), &remembered(folder)].concat();
    std::fs::write(folder.join("imodals.frontier"), bytes).expect("it can be written");
}

#[test]
fn a_database_that_took_the_place_of_another_allocates_nothing_until_a_checkpoint_was_given() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    app.randomize("S-001", 1960, "female");
    let note = checkpoint(&app);
    remember_elsewhere(folder.path(), "postgres/1/00000001/5/6\n");
    let service = service_in(app.database.url(), folder.path());
    let running = Running::start(&service).expect("the server starts");
    assert_eq!(distrusts(&service), [Distrust::Moved]);
    let before = remembered(folder.path());
    assert_eq!(randomize(&app, &running, "S-002").problem(503), "allocations-stopped");
    assert_eq!(remembered(folder.path()), before, "what is not trusted is not remembered");
    let broken = json!({ "screening_number": "S-001", "reason": "overdose" });
    let investigator = at(&app, &running, "investigator");
    sign_and_post(&investigator, "unblind", &app.path("/unblindings"), &broken).expect(201);
    accept(&service, &note).expect("a prefix");
    assert_eq!(distrusts(&service), []);
    randomize(&app, &running, "S-003").expect(201);
    let restarted = service_in(app.database.url(), folder.path());
    assert_eq!(distrusts(&restarted), []);
}

#[test]
fn what_an_earlier_version_remembered_is_gone_on_from() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    remember_elsewhere(folder.path(), "");
    let service = service_in(app.database.url(), folder.path());
    let running = Running::start(&service).expect("the server starts");
    randomize(&app, &running, "S-001").expect(201);
    assert!(!remembered(folder.path()).is_empty(), "with the line, from now on");
}

#[test]
fn a_file_that_was_restored_without_any_loss_allocates_nothing_until_a_checkpoint_was_given() {
    if Engine::from_env() == Engine::Postgres {
        return; // The same for a cluster is in `promotion`.
    }
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    let note = checkpoint(&app);
    let file = app.database.folder().expect("a file's folder").join("iwrs.sqlite");
    let backup = file.with_extension("backup");
    app.database.execute(&format!("VACUUM INTO '{}'", backup.display())).expect("a backup");
    for left in ["sqlite-wal", "sqlite-shm"] {
        drop(std::fs::remove_file(file.with_extension(left)));
    }
    std::fs::rename(&backup, &file).expect("put in its place");
    let service = service_in(app.database.url(), folder.path());
    let running = Running::start(&service).expect("the server starts");
    assert_eq!(distrusts(&service), [Distrust::Moved]);
    assert_eq!(randomize(&app, &running, "S-001").problem(503), "allocations-stopped");
    accept(&service, &note).expect("a prefix");
    randomize(&app, &running, "S-002").expect(201);
}
