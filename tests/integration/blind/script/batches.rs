//! A batch whose label expiry is extended and shortened, and which is then called back while some of it is on its way.

use iwrs_tests::client::Expect;
use serde_json::{Value, json};

use super::super::trial::Trial;
use super::supply::picked;
use super::{packing, text};

const EVIDENCE: &str = "abababababababababababababababababababababababababababababababab";

/// A fourth batch, with one group at the first site and one on its way: extended by two signatures, and shortened.
pub(super) fn change(trial: &mut Trial) {
    let content = |(index, kit_type): (usize, String)| {
        let expiry = ["2030-06-30", "2030-09-30", "2031-01-31"][index];
        json!({ "kit_type": kit_type, "kits": 36, "lot": format!("LOT-4-{index}"), "expiry": expiry })
    };
    let contents: Vec<Value> = trial.kit_types().into_iter().enumerate().map(content).collect();
    let batch = json!({ "batch": "B-4", "label_expiry": "2030-06-30", "contents": contents });
    trial.act("supply", "/kits", &batch).expect(201);
    packing::whole(trial, "B-4");
    let country = json!({ "country": "FR" });
    for (who, action, step) in
        [("quality", "certify_batch", "certification"), ("supply", "release_batch", "release")]
    {
        let path = trial.path(&format!("/batches/B-4/{step}"));
        trial.signed(who, action, &path, &country).expect(201);
    }
    for arrives in [true, false] {
        let (shipment, kits) = picked(trial);
        trial.act("depot", &format!("{shipment}/dispatch"), &json!({ "kits": kits })).expect(201);
        if arrives {
            let unpacked = json!({ "received": kits, "excursion": false });
            trial.act("pharmacist", &format!("{shipment}/receipt"), &unpacked).expect(201);
        }
    }
    extend(trial);
    let path = trial.path("/batches/B-4/expiry-shortening");
    let shorten =
        json!({ "label_expiry": "2015-10-07", "evidence_sha256": EVIDENCE, "reason": "it does not keep" });
    for who in ["pharmacist", "monitor", "depot"] {
        trial.post(who, &path, &shorten).problem(403);
    }
    trial.signed("quality", "shorten_expiry", &path, &shorten).expect(201);
    trial.signed("quality", "shorten_expiry", &path, &shorten).problem(422);
    for who in ["pharmacist", "monitor", "quality", "depot", "farpharm"] {
        trial.read(who, "/batches/B-4/expiry-changes").expect(200);
    }
}

/// Until the second signature nothing changes.
fn extend(trial: &mut Trial) {
    let path = trial.path("/batches/B-4/expiry-extensions");
    let lots: Vec<Value> =
        trial.kit_types().iter().map(|code| json!({ "kit_type": code, "expiry": "2031-03-31" })).collect();
    let extension = json!({ "label_expiry": "2031-02-28", "lots": lots, "reason": "it keeps longer" });
    trial.post("pharmacist", &path, &extension).problem(403);
    let proposed = trial.signed("supply", "propose_extension", &path, &extension).expect(201);
    trial.read("pharmacist", "/batches").expect(200);
    let confirmation = format!("{path}/{}/confirmation", text(&proposed, "/expiry_change/id"));
    let evidence = json!({ "evidence_sha256": EVIDENCE });
    trial.post("pharmacist", &confirmation, &evidence).problem(403);
    trial.signed("quality", "confirm_extension", &confirmation, &evidence).expect(201);
    trial.signed("quality", "confirm_extension", &confirmation, &evidence).problem(409);
}

/// A true lot of a batch is called back: that of the kit with the lowest number, so that it hits the same kits whatever
/// they are called. Which kits it hits is told by its nature, and nothing else is.
pub(super) fn lot(trial: &mut Trial, batch: &str) {
    let kits = trial.read("supply", &format!("/kits?batch={batch}")).expect(200);
    let lot = format!("LOT-4-{}", trial.kit_type_of(&text(&kits, "/kits/0/number")));
    recall_lot(trial, batch, &lot);
    for who in ["investigator", "pharmacist", "monitor", "quality", "depot", "far"] {
        trial.read(who, &format!("/batches/{batch}/lot-recalls")).expect(200);
    }
}

/// The statement is read, on paper as well, and the lot is recalled.
pub(in super::super) fn recall_lot(trial: &mut Trial, batch: &str, lot: &str) {
    let (statements, recalls) = ("lot-statements", "lot-recalls");
    let [statements, recalls] =
        [statements, recalls].map(|rest| trial.path(&format!("/batches/{batch}/{rest}")));
    let body = json!({ "lot": lot });
    let unread = json!({
        "statement": "unread", "statement_sha256": EVIDENCE, "why": "complaint", "reason": "a torn seal",
    });
    for who in ["investigator", "pharmacist", "monitor", "depot", "quality"] {
        trial.post(who, &statements, &body).problem(403);
        trial.post(who, &recalls, &unread).problem(403);
    }
    let stated = trial.post_with_key("supply", &statements, &body, "statement").expect(201);
    let headers = [("Idempotency-Key", "statement"), ("Accept", "application/pdf")];
    trial.send("supply", "POST", &statements, Some(&body.to_string()), &headers);
    let order = json!({
        "statement": text(&stated, "/lot_statement/id"),
        "statement_sha256": text(&stated, "/lot_statement/sha256"),
        "why": "quality_defect", "reason": "particles were seen",
    });
    trial.signed("supply", "recall_lot", &recalls, &order).expect(201);
}

/// A batch is called back.
pub(super) fn recall(trial: &mut Trial, batch: &str) {
    let rest = format!("/batches/{batch}/recall");
    let (path, body) = (trial.path(&rest), json!({ "evidence_sha256": EVIDENCE, "reason": "a torn seal" }));
    trial.post("pharmacist", &path, &body).problem(403);
    trial.signed("quality", "recall_batch", &path, &body).expect(201);
    trial.signed("quality", "recall_batch", &path, &body).problem(409);
    for who in ["investigator", "pharmacist", "monitor", "quality", "depot", "far"] {
        trial.read(who, &rest).expect(200);
    }
}

/// What was on its way when its batch was recalled arrives, and stays in quarantine.
pub(super) fn arrive(trial: &mut Trial) {
    let shipments = trial.read("pharmacist", "/shipments").expect(200);
    let shipments = shipments["shipments"].as_array().expect("shipments").iter();
    let on_its_way = shipments.rev().find(|one| one["dispatched_at"].is_string() && one["receipt"].is_null());
    let on_its_way = on_its_way.expect("one that is on its way").clone();
    let shipment = format!("/shipments/{}", text(&on_its_way, "/id"));
    let unpacked = json!({ "received": on_its_way["kits"], "excursion": false });
    trial.act("pharmacist", &format!("{shipment}/receipt"), &unpacked).expect(201);
    let id = text(&on_its_way, "/id");
    let decision = json!({
        "shipment": id, "disposition": "release", "evidence_sha256": EVIDENCE, "reason": "a report",
    });
    let path = trial.path("/quarantine-decisions");
    assert_eq!(trial.signed("quality", "decide_quarantine", &path, &decision).problem(409), "batch-state");
}
