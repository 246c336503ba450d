//! What is done to a whole batch: another label expiry, and a recall.

mod expiry;
pub(crate) mod lot;
mod recall;

use iwrs::client::Reply;
use iwrs_tests::app::TestApp;
use iwrs_tests::client::Expect;
use serde_json::{Value, json};
use terms::Moment;

const EVIDENCE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const KIT_TYPES: [&str; 3] = ["KUNZITE-3358", "SUGILITE-9127", "LARIMAR-4406"];

/// A batch of a study that is under way is extended, shortened and called back, so that every table of it has rows.
pub(crate) fn play(app: TestApp) -> TestApp {
    extend(&app, "B-2026-01", "2031-03-31", &["2040-03-31"; 3]).expect(201);
    shorten(&app, "B-2026-01", "2030-11-30").expect(201);
    lot::recalled(&app, "B-GIVEN-UP", "LOT-KUNZITE-3358").expect(201);
    recall(&app, "B-GIVEN-UP").expect(201);
    app
}

fn sign(app: &TestApp, who: &str, action: &str, rest: &str, body: &Value) -> Reply {
    app.person(who).sign_and_post(action, &app.path(rest), body)
}

/// Signs and posts under a key.
fn sign_once(app: &TestApp, who: &str, action: &str, path: &str, body: &Value) -> Reply {
    let person = app.person(who);
    let token = person.sign(action, path, body);
    person.post_signed(path, body, "once", &token)
}

/// The numbers of the kits that a query finds.
fn numbers(app: &TestApp, query: &str) -> Vec<String> {
    let found = app.person("monitor").get(&app.path(&format!("/kits?{query}"))).expect(200);
    found["kits"].as_array().expect("kits").iter().map(|kit| text(&kit["number"])).collect()
}

fn shorten(app: &TestApp, batch: &str, label_expiry: &str) -> Reply {
    let body = json!({ "label_expiry": label_expiry, "evidence_sha256": EVIDENCE, "reason": "new data" });
    sign(app, "quality", "shorten_expiry", &format!("/batches/{batch}/expiry-shortening"), &body)
}

/// Proposes an extension, with new expiries of the lots or none.
fn propose(app: &TestApp, batch: &str, label_expiry: &str, lots: &[&str]) -> Reply {
    let lot = |(kit_type, expiry): (&&str, &&str)| json!({ "kit_type": kit_type, "expiry": expiry });
    let lots: Vec<Value> = KIT_TYPES.iter().zip(lots).map(lot).collect();
    let body = json!({ "label_expiry": label_expiry, "lots": lots, "reason": "new data" });
    sign(app, "supply", "propose_extension", &format!("/batches/{batch}/expiry-extensions"), &body)
}

fn confirm(app: &TestApp, batch: &str, proposed: &Reply) -> Reply {
    let proposed = proposed.expect(201);
    let id = proposed["expiry_change"]["id"].as_str().expect("an id");
    let path = format!("/batches/{batch}/expiry-extensions/{id}/confirmation");
    sign(app, "quality", "confirm_extension", &path, &json!({ "evidence_sha256": EVIDENCE }))
}

/// Extends by two signatures.
fn extend(app: &TestApp, batch: &str, label_expiry: &str, lots: &[&str]) -> Reply {
    confirm(app, batch, &propose(app, batch, label_expiry, lots))
}

fn recall(app: &TestApp, batch: &str) -> Reply {
    let body = json!({ "evidence_sha256": EVIDENCE, "reason": "a torn seal" });
    sign(app, "quality", "recall_batch", &format!("/batches/{batch}/recall"), &body)
}

fn set_clock(app: &mut TestApp, moment: &str, people: &[&str]) {
    app.clock.set(Moment::parse(moment).expect("an instant"));
    app.cast.log_in_again(people).expect("a log-in");
}

/// The label expiry of a batch as everybody may see it.
fn label(app: &TestApp, batch: &str) -> String {
    let batches = app.person("monitor").get(&app.path("/batches")).expect(200);
    let batches = batches["batches"].as_array().expect("batches").clone();
    let found = batches.iter().find(|one| one["id"] == batch).expect("the batch").clone();
    text(&found["label_expiry"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text: {value}")).to_owned()
}

/// Asks for the kit of the first visit: the dispensation's id and the kit.
fn dispense(app: &TestApp, subject: &str) -> (String, String) {
    let path = app.path(&format!("/subjects/{subject}/dispensations"));
    let answer = app.person("pharmacist").post(&path, &json!({ "visit": "D1" })).expect(201);
    (text(&answer["dispensation"]["id"]), text(&answer["dispensation"]["kits"][0]))
}

fn scan(app: &TestApp, dispensation: &str, kit: &str) -> Reply {
    let path = app.path(&format!("/dispensations/{dispensation}/confirmation"));
    app.person("pharmacist").post(&path, &json!({ "kit_number": kit }))
}

fn replace(app: &TestApp, dispensation: &str, kit: &str, reason: &str) -> Reply {
    let path = app.path(&format!("/dispensations/{dispensation}/replacements"));
    app.person("pharmacist").post(&path, &json!({ "kit_number": kit, "reason": reason }))
}

/// To whom notices of a template go, each once and in order.
fn told(app: &TestApp, template: &str) -> Vec<String> {
    let sql =
        format!("SELECT DISTINCT recipient AS value FROM notice WHERE template = '{template}' ORDER BY 1");
    app.database.values(&sql).expect("the notices")
}

/// The places of an answer: of each what it is, and how many kits nobody and somebody was given.
fn places(answer: &Value) -> Vec<(String, usize, usize)> {
    let place = |at: &Value| {
        let name = ["site", "depot"].iter().find_map(|kind| at[kind].as_str());
        let name = name.unwrap_or(if at["shipment"].is_string() { "shipment" } else { "stock" });
        let count = |list: &str| at[list].as_array().expect("kits").len();
        (name.to_owned(), count("kits"), count("with_subjects"))
    };
    answer["places"].as_array().unwrap_or_else(|| panic!("places: {answer}")).iter().map(place).collect()
}

/// The journal as somebody may see it.
fn journal(app: &TestApp, who: &str) -> String {
    app.person(who).get(&app.path("/journal?limit=500")).expect(200).to_string()
}
