//! Redacting what was typed by mistake (AUD-13): by two people, and the journal verifies as before.

use iwrs_tests::app::TestApp;
use iwrs_tests::client::Expect;
use iwrs_tests::database::Engine;
use journal::Outcome;
use serde_json::{Value, json};
use service::rebuild::compare;
use store::Store;

use crate::journal::played::{checks, failed, given, open, played};

/// What was typed by mistake, as the note to a code break.
const NOTE: &str = "the intensive care unit was told";

fn export(app: &TestApp, login: &str) -> String {
    app.person(login).get(&app.path("/journal/export")).body
}

/// The index of the first leaf that tells of an act of this kind.
pub(crate) fn leaf(app: &TestApp, kind: &str) -> u64 {
    let page = app.person("monitor").get(&app.path("/journal?limit=1000")).expect(200);
    let leaves = page["journal"]["leaves"].as_array().expect("leaves");
    let found = leaves.iter().position(|leaf| leaf["leaf"]["act"]["kind"] == kind);
    u64::try_from(found.expect("such a leaf")).expect("an index")
}

pub(crate) fn body(leaf: u64) -> Value {
    json!({ "leaf": leaf, "why": "identifies_subject" })
}

pub(crate) fn propose(app: &TestApp, login: &str, body: &Value) -> iwrs::client::Reply {
    app.person(login).sign_and_post("propose_redaction", &app.path("/redactions"), body)
}

fn confirm(app: &TestApp, login: &str, proposed: &Value) -> iwrs::client::Reply {
    let id = proposed["redaction"]["id"].as_str().expect("an id");
    let path = app.path(&format!("/redactions/{id}/confirmation"));
    app.person(login).sign_and_post("confirm_redaction", &path, &json!({}))
}

/// A text of the first leaf of this kind, redacted by two people.
pub(crate) fn redacted(app: &TestApp, kind: &str) -> Value {
    let proposed = propose(app, "investigator", &body(leaf(app, kind))).expect(201);
    confirm(app, "reviewer", &proposed).expect(201)
}

fn texts(app: &TestApp, login: &str) -> Vec<String> {
    let export = open(&export(app, login));
    let texts = export.openings.iter().filter(|opening| opening.field != "kit_type");
    texts.map(|opening| String::from_utf8_lossy(&opening.value).into_owned()).collect()
}

fn differences(app: &TestApp) -> Vec<String> {
    let compared = compare(&app.service).expect("compared");
    let tables = compared.iter().flat_map(|tree| &tree.tables);
    tables.flat_map(|table| &table.differences).map(ToString::to_string).collect()
}

#[test]
fn aud_13_a_text_goes_by_two_signatures_and_its_commitment_stays() {
    let app = played();
    let note = leaf(&app, "unblinding_noted");
    let proposed = propose(&app, "investigator", &body(note)).expect(201);
    assert_eq!(
        (&proposed["redaction"]["leaf"], &proposed["redaction"]["field"]),
        (&json!(note), &json!("text"))
    );
    assert_eq!(proposed["redaction"]["confirmed_by"], Value::Null);
    assert!(texts(&app, "reviewer").iter().any(|text| text == NOTE), "one signature takes nothing away");
    let confirmed = confirm(&app, "reviewer", &proposed).expect(201);
    assert_eq!(confirmed["redaction"]["confirmed_by"], "reviewer");
    assert_eq!(confirmed["redaction"]["commitment"], proposed["redaction"]["commitment"]);
    for login in ["reviewer", "statistician"] {
        assert!(!texts(&app, login).iter().any(|text| text == NOTE), "{login} reads it no more");
        assert_eq!(failed(&export(&app, login), &[], &given()), [""; 0], "{login}");
    }
    let passed = |name: &str| {
        let checks = checks(&export(&app, "statistician"), &given());
        checks.iter().any(|check| check.name == name && check.outcome == Outcome::Passed)
    };
    assert!(passed("texts are redacted by two") && passed("texts are opened or redacted"));
    assert_eq!(differences(&app), [""; 0]);
    let all = app.person("investigator").get(&app.path("/redactions")).expect(200);
    assert_eq!(all["redactions"], json!([confirmed["redaction"]]));
}

#[test]
fn what_was_shown_of_a_redacted_text_says_so() {
    let app = played();
    let reason = |login: &str| {
        let holds = app.person(login).get(&app.path("/holds")).expect(200);
        holds["holds"][0]["reason"].clone()
    };
    assert_eq!(reason("reviewer"), "a question of the sponsor");
    redacted(&app, "hold_placed");
    assert_eq!(reason("reviewer"), "[redacted]");
    assert_eq!(reason("monitor"), Value::Null, "a blinded reader never saw it");
    let study = terms::StudyId::parse("imodals").expect("an id");
    service::rotate::rotate(&app.service, Some(study)).expect("a key can be rotated after it");
    assert_eq!(reason("reviewer"), "[redacted]");
    assert_eq!(differences(&app), [""; 0]);
}

#[test]
fn a_redaction_takes_two_people_of_whom_the_second_sees_texts() {
    let app = played();
    let of = body(leaf(&app, "unblinding_noted"));
    app.person("investigator").post(&app.path("/redactions"), &of).problem(403);
    let proposed = propose(&app, "reviewer", &of).expect(201);
    assert_eq!(confirm(&app, "reviewer", &proposed).problem(409), "same-person");
    for login in ["investigator", "pharmacist", "monitor", "supply"] {
        confirm(&app, login, &proposed).problem(403);
    }
    let again = propose(&app, "monitor", &of).expect(201);
    confirm(&app, "statistician", &proposed).expect(201);
    assert_eq!(confirm(&app, "statistician", &proposed).problem(409), "already-confirmed");
    assert_eq!(confirm(&app, "statistician", &again).problem(409), "already-confirmed", "it is gone already");
    assert_eq!(propose(&app, "monitor", &of).problem(409), "already-confirmed");
}

#[test]
fn only_what_a_person_wrote_can_be_redacted_and_only_where_it_is_shown() {
    let app = played();
    for kind in ["kits_registered", "list_generated", "study_opened", "randomized", "unblinded"] {
        assert_eq!(propose(&app, "monitor", &body(leaf(&app, kind))).expect(422)["field"], "leaf", "{kind}");
    }
    let note = leaf(&app, "unblinding_noted");
    let other = json!({ "leaf": note, "why": "identifies_subject", "commitment": "00".repeat(32) });
    assert_eq!(propose(&app, "monitor", &other).expect(422)["field"], "commitment");
    let unspelled = json!({ "leaf": note, "why": "identifies_subject", "commitment": "it" });
    assert_eq!(propose(&app, "monitor", &unspelled).expect(422)["field"], "commitment");
    assert_eq!(
        propose(&app, "monitor", &json!({ "leaf": note, "why": "a secret" })).problem(422),
        "unknown-reason"
    );
    propose(&app, "monitor", &body(1_000_000)).problem(404);
    app.add_site("44-001");
    let away = app.add_person("away", "investigator", Some("44-001"));
    away.sign_and_post("propose_redaction", &app.path("/redactions"), &body(note)).problem(404);
    let proposed = propose(&app, "investigator", &body(note)).expect(201);
    let seen = away.get(&app.path("/redactions")).expect(200);
    assert_eq!(
        (seen["redactions"].as_array().map(Vec::len), proposed["redaction"]["site"].as_str()),
        (Some(0), Some("34-001"))
    );
}

#[test]
fn the_same_request_has_one_effect() {
    let app = played();
    let ask = |login: &str, action: &str, path: &str, body: &Value| {
        let signature = app.person(login).sign(action, path, body);
        app.person(login).post_signed(path, body, action, &signature).expect(201)
    };
    let (path, of) = (app.path("/redactions"), body(leaf(&app, "hold_placed")));
    let propose = || ask("investigator", "propose_redaction", &path, &of);
    let proposed = propose();
    let id = proposed["redaction"]["id"].as_str().expect("an id");
    let path = app.path(&format!("/redactions/{id}/confirmation"));
    let confirm = || ask("reviewer", "confirm_redaction", &path, &json!({}));
    let confirmed = confirm();
    assert_eq!(confirm(), confirmed);
    assert_eq!(propose(), proposed, "what became of it later does not change the answer");
    assert_eq!(crate::record::count(&app, "text_redacted"), 1);
}

#[test]
fn a_role_can_be_confirmed_whose_reason_was_redacted() {
    let app = played();
    let invited = json!({ "login": "late", "display_name": "Late", "email": "late@test.invalid" });
    app.person("admin").post("/users", &invited).expect(201);
    let grant = json!({ "role": "statistician", "study": "imodals", "reason": "somebody's full name" });
    let proposed = app.person("admin").sign_and_post("grant_role", "/users/late/grants", &grant).expect(201);
    let redaction = propose(&app, "reviewer", &body(last(&app, "role_proposed"))).expect(201);
    confirm(&app, "statistician", &redaction).expect(201);
    let id = proposed["grant"]["id"].as_str().expect("an id");
    let path = format!("/users/late/grants/{id}/confirmation");
    app.person("admin2").sign_and_post("grant_role", &path, &json!({})).expect(201);
    assert_eq!(failed(&export(&app, "statistician"), &[], &given()), [""; 0]);
    assert_eq!(differences(&app), [""; 0]);
}

/// The index of the last leaf that tells of an act of this kind.
fn last(app: &TestApp, kind: &str) -> u64 {
    let page = app.person("monitor").get(&app.path("/journal?limit=1000")).expect(200);
    let leaves = page["journal"]["leaves"].as_array().expect("leaves");
    let found = leaves.iter().rposition(|leaf| leaf["leaf"]["act"]["kind"] == kind);
    u64::try_from(found.expect("such a leaf")).expect("an index")
}

#[test]
fn a_text_that_was_lost_or_put_back_is_told_from_a_redacted_one() {
    let app = played();
    let kept = "CREATE TABLE kept AS SELECT * FROM opening";
    app.database.execute(kept).expect("a copy of all openings, as a backup has one");
    redacted(&app, "unblinding_noted");
    let gone = "id IN (SELECT opening FROM redaction)";
    app.database.execute(&format!("INSERT INTO opening SELECT * FROM kept WHERE {gone}")).expect("put back");
    assert_eq!(failed(&export(&app, "reviewer"), &[], &given()), ["texts are opened or redacted"]);
    let told = differences(&app);
    assert!(told.iter().any(|told| told.contains("which was redacted and is there")), "{told:?}");
    app.database.execute(&format!("DELETE FROM opening WHERE {gone}")).expect("taken away again");
    assert_eq!(failed(&export(&app, "reviewer"), &[], &given()), [""; 0]);
    app.database
        .execute("DELETE FROM opening WHERE id IN (SELECT reason_opening FROM hold)")
        .expect("taken away past the service");
    assert_eq!(failed(&export(&app, "reviewer"), &[], &given()), ["texts are opened or redacted"]);
    let told = differences(&app);
    assert!(told.iter().any(|told| told.contains("which is not there")), "{told:?}");
    app.person("reviewer").get(&app.path("/holds")).problem(500);
}

/// On PostgreSQL dead rows are the operator's to clear away, so there this test has the row alone to ask about.
#[test]
fn nothing_of_a_redacted_text_is_left_in_the_database() {
    let app = played();
    let proposed = propose(&app, "investigator", &body(leaf(&app, "unblinding_noted"))).expect(201);
    let sealed =
        app.database.values("SELECT id AS value FROM opening WHERE id IN (SELECT opening FROM redaction)");
    assert_eq!(sealed.expect("read").len(), 1);
    let bytes = ciphertext(&app);
    assert!(files_hold(&app, &bytes), "it stands in the files before");
    confirm(&app, "reviewer", &proposed).expect(201);
    let left =
        app.database.values("SELECT id AS value FROM opening WHERE id IN (SELECT opening FROM redaction)");
    assert_eq!(left.expect("read"), [""; 0]);
    assert!(Engine::from_env() == Engine::Postgres || !files_hold(&app, &bytes), "it is in no file");
}

#[test]
fn texts_that_do_not_open_hinder_no_redaction_of_another() {
    let app = played();
    let note = leaf(&app, "unblinding_noted");
    let others = "kind = 'text' AND id NOT IN (SELECT opening FROM unblinding_note)";
    app.database.execute(&format!("UPDATE opening SET key_version = 99 WHERE {others}")).expect("altered");
    let proposed = propose(&app, "investigator", &body(note)).expect(201);
    confirm(&app, "reviewer", &proposed).expect(201);
    propose(&app, "investigator", &body(leaf(&app, "hold_placed"))).problem(500);
}

#[test]
fn who_reads_on_is_not_waited_for_and_the_text_leaves_the_files_afterwards() {
    let app = played();
    let proposed = propose(&app, "investigator", &body(leaf(&app, "unblinding_noted"))).expect(201);
    let bytes = ciphertext(&app);
    let store = Store::open(app.database.url()).expect("the store opens");
    let held = store.read::<_, trial::Refusal>(|conn| {
        tree_head(conn)?;
        confirm(&app, "reviewer", &proposed).expect(201);
        service::redact::forget(&app.service);
        Ok(files_hold(&app, &bytes))
    });
    assert!(held.expect("read"), "the reader still stands on the old pages");
    service::redact::forget(&app.service);
    assert!(Engine::from_env() == Engine::Postgres || !files_hold(&app, &bytes), "and then it is gone");
}

/// Reads something, so that the reader's instant is fixed.
fn tree_head(conn: &mut store::Conn) -> Result<(), store::Fault> {
    store::rows::leaf::page(conn, &store::Tree::Installation, 0, 1).map(drop)
}

fn ciphertext(app: &TestApp) -> Vec<u8> {
    let query = match Engine::from_env() {
        Engine::Sqlite => "SELECT hex(ciphertext) AS value FROM opening",
        Engine::Postgres => "SELECT encode(ciphertext, 'hex') AS value FROM opening",
    };
    let hex = app.database.values(&format!("{query} WHERE id IN (SELECT opening FROM redaction)"));
    hex::decode(hex.expect("read").concat()).expect("bytes")
}

/// Whether some file of the database holds these bytes.
fn files_hold(app: &TestApp, bytes: &[u8]) -> bool {
    let Some(folder) = app.database.folder() else { return true };
    let files = std::fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path());
    files.filter(|path| path.is_file()).any(|path| {
        let file = std::fs::read(path).expect("the file");
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}
