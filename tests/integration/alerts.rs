//! Alerts: raised, seen, acknowledged and cleared. None of these tests but those of the round needs a loop to run.

mod acknowledging;
mod boundaries;
mod round;

use iwrs::client::Reply;
use iwrs_tests::app::{TestApp, World, files};
use iwrs_tests::client::{Client, Expect};
use serde_json::{Value, json};
use terms::Moment;

use crate::shipments::{Supplied, receipt};

const SITE: &str = "34-001";
const EVIDENCE: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const PEOPLE: [&str; 7] =
    ["investigator", "pharmacist", "monitor", "depot", "quality", "supply", "statistician"];

/// A study that is under way gets an alert that is acknowledged and cleared, so that every table of it has rows. Days
/// pass.
pub(crate) fn play(app: TestApp) -> TestApp {
    let mut s = Supplied { app };
    s.post("pharmacist", "/quarantines", &json!({ "site": SITE, "cause": "complaint" })).expect(201);
    pass_days(&mut s.app, 20);
    round(&s.app);
    acknowledge(&s.app, "quality", &id(&s.app, "quality", "old_quarantine")).expect(201);
    s.release_from_quarantine(json!({ "site": SITE }));
    round(&s.app);
    s.app
}

/// IMODALS as a larger trial, which has too little at its site from the start.
pub(crate) fn with_low_stock() -> TestApp {
    with_design(&[
        ("target = 36", "target = 200"),
        ("cap = 36", "cap = 200"),
        ("list_length = 48", "list_length = 204"),
        ("low_stock_kits = 18", "low_stock_kits = 200"),
    ])
}

/// The id of that alert, raised.
pub(crate) fn of_low_stock(app: &TestApp) -> String {
    round(app);
    id(app, "depot", "low_stock")
}

/// IMODALS with a shipment from a batch B-3, of which more is left, that the site should have received the day
/// before; and the id of that alert, raised, which everybody in the study may see.
pub(crate) fn with_overdue_receipt() -> (TestApp, String) {
    let none = ("overdue_receipt_days = 7", "overdue_receipt_days = 0");
    let mut s = Supplied { app: with_design(&[crate::units::PREPARATIONS, none]) };
    s.register("B-3", 24, "2031-03-31");
    send(&s);
    pass_days(&mut s.app, 1);
    round(&s.app);
    let alert = id(&s.app, "pharmacist", "overdue_receipt");
    (s.app, alert)
}

fn pass_days(app: &mut TestApp, days: i64) {
    app.clock.set(app.clock.now().plus_seconds(days * 86_400));
    app.cast.log_in_again(&PEOPLE).expect("a log-in");
    app.cast.log_in_again(&["admin", "admin2", "reviewer", "oncall"]).expect("a log-in");
}

fn round(app: &TestApp) {
    service::alerts::round::round(&app.service).expect("a round");
}

fn set_clock(app: &mut TestApp, moment: &str) {
    app.clock.set(Moment::parse(moment).expect("an instant"));
    app.cast.log_in_again(&PEOPLE).expect("a log-in");
}

/// The alerts that somebody sees.
fn seen(client: &Client, app: &TestApp) -> Vec<Value> {
    let body = client.get(&app.path("/alerts")).expect(200);
    body["alerts"].as_array().unwrap_or_else(|| panic!("alerts: {body}")).clone()
}

/// The same as kind, place and reference; with a star once it is raised.
fn standing(app: &TestApp, who: &str) -> Vec<String> {
    let word = |alert: &Value, key: &str| alert[key].as_str().expect("a text").to_owned();
    let line = |alert: &Value| {
        let star = if alert["id"].is_string() { " *" } else { "" };
        format!("{} {} {}{star}", word(alert, "kind"), word(alert, "place"), word(alert, "reference"))
    };
    seen(&app.person(who), app).iter().map(line).collect()
}

/// The only alert of a kind that somebody sees.
fn of_kind(app: &TestApp, who: &str, kind: &str) -> Value {
    let mut alerts = seen(&app.person(who), app);
    alerts.retain(|alert| alert["kind"] == kind);
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    alerts.remove(0)
}

fn id(app: &TestApp, who: &str, kind: &str) -> String {
    of_kind(app, who, kind)["id"].as_str().expect("it is raised").to_owned()
}

fn acknowledge(app: &TestApp, who: &str, alert: &str) -> Reply {
    acknowledge_as(&app.person(who), app, alert, &json!({}))
}

fn acknowledge_as(client: &Client, app: &TestApp, alert: &str, body: &Value) -> Reply {
    client.post(&app.path(&format!("/alerts/{alert}/acknowledgement")), body)
}

/// IMODALS with other lines in its public design.
fn with_design(edits: &[(&str, &str)]) -> TestApp {
    let edited = |design: String, (old, new): &(&str, &str)| {
        assert!(design.contains(old), "{old:?} is not in the design");
        design.replacen(old, new, 1)
    };
    let design = edits.iter().fold(files().design, edited);
    TestApp::in_world(World { design: Some(design), ..World::default() })
}

/// Sends a group of kits to the site; their numbers, and the id and the address of the shipment.
fn send(s: &Supplied) -> (Vec<String>, String, String) {
    let (address, kits) = s.send(&json!({ "to_site": SITE, "groups": 1 }));
    let id = address.trim_start_matches("/shipments/").to_owned();
    (kits, id, address)
}

fn unpack(s: &Supplied, (kits, _, address): &(Vec<String>, String, String)) {
    s.post("pharmacist", &format!("{address}/receipt"), &receipt(kits, &[], &[], false)).expect(201);
}

fn recall(app: &TestApp, batch: &str) {
    let body = json!({ "evidence_sha256": EVIDENCE, "reason": "a torn seal" });
    let path = app.path(&format!("/batches/{batch}/recall"));
    app.person("quality").sign_and_post("recall_batch", &path, &body).expect(201);
}

/// How many notices that an alert was raised were queued for an address.
fn told(app: &TestApp, recipient: &str) -> usize {
    queued(app, "alert_raised", recipient)
}

/// The same of notices that nobody has acknowledged one.
fn reminded(app: &TestApp, recipient: &str) -> usize {
    queued(app, "alert_reminded", recipient)
}

fn queued(app: &TestApp, template: &str, recipient: &str) -> usize {
    let sql =
        format!("SELECT id AS value FROM notice WHERE template = '{template}' AND recipient = '{recipient}'");
    app.database.values(&sql).expect("the notices").len()
}
