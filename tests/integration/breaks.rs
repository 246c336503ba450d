//! Code breaks without the database: recorded in the break file before they are shown, and entered into the journal
//! afterwards (UNB-01, UNB-04, UNB-08).

use std::fs;
use std::path::Path;
use std::thread;

use iwrs::Running;
use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, service};
use iwrs_tests::client::{Client, Expect};
use iwrs_tests::database::Engine;
use iwrs_tests::folder::TempFolder;
use iwrs_tests::process::Installation;
use journal::{Check, Entry, Outcome};
use serde_json::{Value, json};
use service::Shared;
use service::trust::Trust;
use service::unblind::{Merged, Why, merge};
use terms::Moment;
use trial::replay::{Given, replay};

use crate::once::{PROGRAM, assert_journal_holds};
use crate::record::{count, leaves};
use crate::unblinding::{arm, treated};

/// IMODALS in an instance that remembers, and records code breaks, in the folder.
pub(crate) fn imodals(folder: &Path) -> TestApp {
    let trust = Trust::in_folder(folder).expect("a state folder");
    TestApp::in_world(World { trust, breaks: Some(folder.to_owned()), ..World::default() })
}

/// Another instance on a database of a test.
fn instance(app: &TestApp, remembers: Trust, breaks: &Path) -> Shared {
    let world = World { trust: remembers, breaks: Some(breaks.to_owned()), ..World::default() };
    let (service, clock) = service(app.database.url(), world);
    clock.set(app.clock.now());
    service
}

/// From now on every write fails, as it does on a full disk.
pub(crate) fn stop_writes(app: &TestApp) {
    let sql = match Engine::from_env() {
        Engine::Sqlite => {
            "CREATE TRIGGER full BEFORE UPDATE ON tree_head
             BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        }
        Engine::Postgres => {
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN RAISE EXCEPTION ''could not extend file: No space left on device''; END';
             CREATE TRIGGER full_disk BEFORE UPDATE ON tree_head
             FOR EACH STATEMENT EXECUTE FUNCTION no_space()"
        }
    };
    app.database.execute(sql).expect("the disk is full");
}

/// From now on the database can be written again.
fn let_writes(app: &TestApp) {
    let sql = match Engine::from_env() {
        Engine::Sqlite => "DROP TRIGGER full",
        Engine::Postgres => "DROP TRIGGER full_disk ON tree_head; DROP FUNCTION no_space()",
    };
    app.database.execute(sql).expect("there is space");
}

/// A body by somebody's name and password.
fn body(login: &str, password: &str, field: &str, number: &str) -> Value {
    json!({ "login": login, "password": password, field: number, "reason": "medical_emergency" })
}

/// Asks at a server, with nobody logged in.
fn ask(base: &str, body: &Value) -> Reply {
    Client::anonymous(base).post("/studies/imodals/emergency-unblindings", body)
}

/// Asks as somebody of the cast.
fn break_code(app: &TestApp, login: &str, field: &str, number: &str) -> Reply {
    ask(app.base(), &body(login, &app.person(login).0.password, field, number))
}

/// The places of the break file in which something is.
fn records(folder: &Path) -> usize {
    let bytes = fs::read(folder.join("breaks")).expect("the break file");
    bytes.chunks(512).filter(|record| record.iter().any(|byte| *byte != 0)).count()
}

fn left(merged: &Merged) -> Vec<Why> {
    merged.left.iter().map(|left| left.why).collect()
}

/// When the leaves of a kind happened, where that is not when they were saved.
fn happened(app: &TestApp, kind: &str) -> Vec<Value> {
    let of_kind = leaves(app).into_iter().filter(|leaf| leaf["act"]["kind"] == kind);
    of_kind.map(|leaf| leaf["happened"].clone()).collect()
}

#[test]
fn unb_04_a_code_is_broken_on_a_full_disk_and_entered_once_by_two_servers() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    let kits = treated(&app, "S-001", 1960);
    treated(&app, "S-002", 1961);
    let arms = [arm(&app, "S-001"), arm(&app, "S-002")];
    stop_writes(&app);
    let night = app.clock.now();
    let first = break_code(&app, "oncall", "kit_number", &kits[0]).expect(201)["unblinding"].clone();
    assert_eq!((&first["recorded"], &first["broken_by"]), (&json!("break_file"), &json!("oncall")));
    assert_eq!((&first["treatment"]["name"], &first["mismatch"]), (&json!(arms[0]), &json!(false)));
    assert_eq!(first["kits"][0]["number"], json!(kits[0]));
    let again = break_code(&app, "investigator", "screening_number", "S-001").expect(201);
    assert_eq!(again["unblinding"], first, "who broke it first does not change, in the file either");
    let other = break_code(&app, "oncall", "randomization_number", "R0002").expect(201);
    assert_eq!(other["unblinding"]["treatment"]["name"], json!(arms[1]));
    assert_eq!((records(folder.path()), count(&app, "unblinded")), (3, 0));
    let bytes = fs::read(folder.path().join("breaks")).expect("the break file");
    let text = String::from_utf8_lossy(&bytes);
    assert!(["placebo", "MIU", "vehicle"].iter().all(|word| !text.contains(word)), "no arm is in it");
    assert!(merge(&app.service).is_err(), "the disk is full still");
    let_writes(&app);
    app.clock.set(night.plus_seconds(300));
    let trust = Trust::in_folder(folder.path()).expect("a state folder");
    let second = instance(&app, trust, folder.path());
    let entered: usize = thread::scope(|scope| {
        let servers = [&app.service, &second].map(|server| scope.spawn(|| merge(server).expect("merged")));
        servers.into_iter().map(|server| server.join().expect("no panic").entered.len()).sum()
    });
    assert_eq!(entered, 3, "each record once, whoever entered it");
    assert_eq!(merge(&second).expect("nothing to be done"), Merged::default());
    assert_eq!(happened(&app, "unblinded"), [json!(night.to_string()), json!(night.to_string())]);
    assert_eq!(happened(&app, "unblinding_viewed"), [(); 3].map(|()| json!(night.to_string())));
    let listed = app.person("monitor").get(&app.path("/unblindings")).expect(200)["unblindings"].clone();
    let of = |id: &Value| listed.as_array().expect("breaks").iter().find(|of| of["id"] == *id).cloned();
    let listed = of(&first["id"]).expect("the break, under the id that was shown");
    assert_eq!(listed["broken_at"], first["broken_at"]);
    assert_eq!((&listed["broken_by"], &listed["found_by"]), (&json!("oncall"), &json!("kit_number")));
    assert_journal_holds(&app.person("statistician"));
    let notes = app.path(&format!("/unblindings/{}/notes", first["id"].as_str().expect("an id")));
    app.person("oncall").post(&notes, &json!({ "text": "Seen at three in the night." })).expect(201);
}

#[test]
fn unb_02_who_is_refused_is_refused_in_the_same_words_and_nothing_is_recorded() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    treated(&app, "S-001", 1960);
    app.screen("S-003", 1962, "male");
    app.add_site("44-001");
    let away = app.add_person("away", "investigator", Some("44-001"));
    let on_call = app.person("oncall").0.password.clone();
    let monitor = app.person("monitor").0.password.clone();
    let with = |login: &str, password: &str, number| body(login, password, "screening_number", number);
    #[rustfmt::skip]
    let table = [
        (with("oncall", "not the password of anybody", "S-001"), 401, "wrong-credentials"),
        (with("nobody", "not the password of anybody", "S-001"), 401, "wrong-credentials"),
        (with("oncall", &on_call, "S-999"),                      404, "not-found"),
        (with("away", &away.0.password, "S-001"),                404, "not-found"),
        (with("monitor", &monitor, "S-001"),                     403, "forbidden"),
        (with("monitor", &monitor, "S-999"),                     403, "forbidden"),
        (with("oncall", &on_call, "S-003"),                      409, "not-randomized"),
        (with("oncall", &on_call, "S-00*"),                      422, "invalid-field"),
    ];
    let answers = || -> Vec<String> {
        let answer = |(body, status, problem): &(Value, u16, &str)| {
            let reply = ask(app.base(), body);
            assert_eq!(reply.problem(*status), *problem, "{body}");
            reply.body
        };
        table.iter().map(answer).collect()
    };
    let before = answers();
    assert_eq!(before[0], before[1], "nobody learns who exists");
    stop_writes(&app);
    assert_eq!(answers(), before, "the disk changes no refusal");
    assert_eq!((records(folder.path()), count(&app, "unblinded")), (0, 0));
}

#[test]
fn asked_twice_in_one_request_each_it_is_one_break_and_two_views() {
    let app = TestApp::imodals();
    treated(&app, "S-001", 1960);
    let path = app.path("/emergency-unblindings");
    let body = body("OnCall ", &app.person("oncall").0.password, "screening_number", "S-001");
    let first = app.anonymous().post_with_key(&path, &body, "night-1").expect(201);
    assert_eq!(first["unblinding"]["recorded"], "journal");
    assert_eq!(app.anonymous().post_with_key(&path, &body, "night-1").expect(201), first);
    assert_eq!((count(&app, "unblinded"), count(&app, "unblinding_viewed")), (1, 2));
    assert_eq!(count(&app, "asked_again"), 1);
    let hash = "SELECT idem_key AS value FROM receipt WHERE action = 'unblind'";
    assert_eq!(app.database.values(hash).expect("receipts"), ["night-1"]);
    assert_journal_holds(&app.person("statistician"));
}

#[test]
fn usr_07_the_emergency_door_is_no_way_round_the_delays_of_the_log_in() {
    let app = TestApp::imodals();
    app.randomize("S-001", 1960, "female");
    let wrong = body("oncall", "not the password of anybody", "screening_number", "S-001");
    let statuses: Vec<u16> = (0..8).map(|_| ask(app.base(), &wrong).status).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
    assert_eq!(break_code(&app, "oncall", "screening_number", "S-001").problem(429), "too-many-attempts");
    let unblind = json!({ "screening_number": "S-001", "reason": "overdose" });
    app.person("oncall").sign_and_post("unblind", &app.path("/unblindings"), &unblind).expect(201);
    app.clock.set(app.clock.now().plus_seconds(60));
    break_code(&app, "oncall", "screening_number", "S-001").expect(201);
}

#[test]
fn unb_04_without_a_break_file_nothing_is_shown_that_is_not_recorded() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    treated(&app, "S-001", 1960);
    stop_writes(&app);
    let full = vec![1; 256 * 512];
    for contents in [b"not a break file".as_slice(), &full] {
        fs::write(folder.path().join("breaks"), contents).expect("spoilt");
        let reply = break_code(&app, "oncall", "screening_number", "S-001");
        assert_eq!(reply.problem(503), "unavailable");
        assert!(reply.body.contains("on paper"), "{}", reply.body);
        assert!(["placebo", "aldesleukin"].iter().all(|word| !reply.body.contains(word)), "{}", reply.body);
    }
    let_writes(&app);
    let shown = break_code(&app, "oncall", "screening_number", "S-001").expect(201);
    assert_eq!(shown["unblinding"]["recorded"], "journal");
}

#[test]
fn a_break_in_a_database_that_is_not_trusted_is_not_lost_with_it() {
    let (folder, elsewhere) = (TempFolder::new(), TempFolder::new());
    let (app, swapped) = (imodals(folder.path()), imodals(elsewhere.path()));
    for app in [&app, &swapped] {
        treated(app, "S-001", 1960);
    }
    treated(&swapped, "S-002", 1961);
    let remembers = |folder: &TempFolder| Trust::in_folder(folder.path()).expect("a state folder");
    let service = instance(&swapped, remembers(&folder), folder.path());
    let running = Running::start(&service).expect("the server starts");
    let password = |login: &str| swapped.person(login).0.password.clone();
    let asked = body("oncall", &password("oncall"), "screening_number", "S-001");
    let shown = ask(running.base(), &asked).expect(201);
    assert_eq!(shown["unblinding"]["recorded"], "journal_and_break_file");
    let on_call = Client::log_in(running.base(), "oncall", &password("oncall"));
    let unblind = json!({ "screening_number": "S-002", "reason": "overdose" });
    let shown = on_call.sign_and_post("unblind", "/studies/imodals/unblindings", &unblind).expect(201);
    assert_eq!(shown["unblinding"]["recorded"], "journal_and_break_file", "signed ones, too");
    assert_eq!((count(&swapped, "unblinded"), records(folder.path())), (2, 2));
    assert_eq!(left(&merge(&service).expect("read")), [Why::Distrusted; 2]);
    // The database that is remembered comes back: it does not know S-002 as randomized.
    let merged = merge(&app.service).expect("merged");
    assert_eq!((merged.entered.len(), left(&merged)), (1, vec![Why::Unknown]));
    assert_eq!((count(&app, "unblinded"), count(&app, "unblinding_viewed")), (1, 1));
    assert_eq!(left(&merge(&app.service).expect("read")), [Why::Unknown], "it stays, and is said again");
    assert_journal_holds(&app.person("statistician"));
    // The one that was swapped in has both already, should it be the one to be trusted.
    let trusted = instance(&swapped, remembers(&elsewhere), folder.path());
    assert_eq!(merge(&trusted).expect("read"), Merged::default());
    assert_eq!((count(&swapped, "unblinded"), count(&swapped, "unblinding_viewed")), (2, 2));
    assert_journal_holds(&swapped.person("statistician"));
}

#[test]
fn a_torn_and_an_altered_record_are_not_entered_and_are_said() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    for (subject, born) in [("S-001", 1960), ("S-002", 1961), ("S-003", 1962)] {
        app.randomize(subject, born, "female");
    }
    stop_writes(&app);
    for subject in ["S-001", "S-002", "S-003"] {
        break_code(&app, "oncall", "screening_number", subject).expect(201);
    }
    let path = folder.path().join("breaks");
    let mut bytes = fs::read(&path).expect("the break file");
    let subject = bytes.windows(5).position(|text| text == b"S-001").expect("the subject");
    bytes[subject + 4] = b'2';
    bytes[2 * 512 + 100..3 * 512].fill(0);
    fs::write(&path, bytes).expect("written");
    let_writes(&app);
    let merged = merge(&app.service).expect("merged");
    assert_eq!((merged.entered.len(), left(&merged)), (1, vec![Why::Damaged; 2]));
    assert_eq!(merged.left.iter().map(|left| left.place).collect::<Vec<_>>(), [0, 2]);
    let broken: Vec<Value> = leaves(&app)
        .iter()
        .filter(|leaf| leaf["act"]["kind"] == "unblinded")
        .map(|leaf| leaf["act"]["subject"].clone())
        .collect();
    assert_eq!(broken, ["S-002"]);
}

#[test]
fn usr_01_a_break_of_the_night_is_entered_after_its_role_has_ended_and_replays() {
    let folder = TempFolder::new();
    let app = imodals(folder.path());
    app.randomize("S-001", 1960, "female");
    app.clock.set(app.clock.now().plus_seconds(60));
    let night = app.clock.now().to_string();
    stop_writes(&app);
    break_code(&app, "oncall", "screening_number", "S-001").expect(201);
    let_writes(&app);
    app.clock.set(app.clock.now().plus_seconds(60));
    let users = app.person("admin").get("/users").expect(200);
    let user = users["users"].as_array().expect("users").iter().find(|user| user["id"] == "oncall");
    let grant = user.expect("the person")["grants"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/users/oncall/grants/{grant}/revocation");
    app.person("admin").post(&path, &json!({ "reason": "has left" })).expect(201);
    assert_eq!(merge(&app.service).expect("merged").entered.len(), 1);
    assert_eq!(count(&app, "unblinded"), 1);
    let mut export = assert_journal_holds(&app.person("statistician"));
    // One that is said to have happened after the role had ended was done by nobody who could.
    for entry in &mut export.entries {
        if let Entry::Leaf(text) = entry {
            *text = text.replace(&night, &app.clock.now().to_string());
        }
    }
    let failed = |check: &Check| matches!(check.outcome, Outcome::Failed(_));
    let failed: Vec<_> = replay(&export, &Given::default()).into_iter().filter(failed).collect();
    assert_eq!(failed.iter().map(|check| check.name).collect::<Vec<_>>(), ["roles are held when they act"]);
}

#[test]
fn unb_08_a_break_that_was_shown_outlives_its_server_and_is_entered_by_the_next() {
    let installation = Installation::imodals(PROGRAM);
    let mut server = installation.start();
    let investigator = installation.log_in(&server, "investigator");
    let entry = json!({ "screening_number": "S-001", "site": "34-001", "birth_year": 1960, "sex": "male" });
    investigator.post("/studies/imodals/subjects", &entry).expect(201);
    let path = "/studies/imodals/subjects/S-001/randomization";
    investigator.sign_and_post("randomize", path, &iwrs_tests::app::eligible()).expect(201);
    // Somebody else holds the lock of the journal's head, and does not let go: on SQLite that of all writes.
    let held = installation
        .database
        .hold("UPDATE tree_head SET version = version + 1 WHERE tree IN ('installation', 'study/imodals')");
    let asked = body("investigator", &investigator.0.password, "screening_number", "S-001");
    let shown = ask(server.base(), &asked).expect(201);
    assert_eq!(shown["unblinding"]["recorded"], "break_file");
    server.kill();
    drop(held);
    let server = installation.start();
    let log = server.log().join("\n");
    assert!(log.contains("code breaks of the break file are in the journal now"), "{log}");
    let monitor = installation.log_in(&server, "monitor");
    let listed = monitor.get("/studies/imodals/unblindings").expect(200);
    assert_eq!(listed["unblindings"][0]["id"], shown["unblinding"]["id"]);
    let at = listed["unblindings"][0]["broken_at"].as_str().expect("an instant");
    assert!(Moment::parse(at).is_some() && shown["unblinding"]["broken_at"] == at);
    assert_journal_holds(&installation.log_in(&server, "statistician"));
}
