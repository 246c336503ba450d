//! What comes back is counted, reconciled and destroyed.

use iwrs_tests::client::Expect;
use serde_json::{Value, json};

use super::super::trial::Trial;
use super::{SITE, text};

/// One subject of the first day brings the kit back; it is counted, and counted again.
pub(super) fn returns(trial: &mut Trial) {
    let dispensed = trial.read("pharmacist", "/subjects/S-001/dispensations").expect(200);
    let kit = format!("/kits/{}/return", text(&dispensed, "/dispensations/0/kits/0"));
    let vials = |used: u32, unused: u32, reason: Option<&str>| -> Value {
        json!({ "used": used, "unused": unused, "missing": 0, "reason": reason })
    };
    for who in ["investigator", "monitor", "quality", "depot"] {
        trial.act(who, &kit, &vials(5, 0, None)).problem(403);
    }
    trial.act("farpharm", &kit, &vials(5, 0, None)).problem(404);
    trial.act("pharmacist", &kit, &vials(3, 1, None)).problem(422);
    trial.act("pharmacist", &kit, &vials(5, 0, None)).expect(201);
    trial.act("pharmacist", &kit, &vials(4, 1, Some("one was behind the flap"))).expect(201);
    for who in ["investigator", "pharmacist", "monitor"] {
        trial.read(who, "/subjects/S-001/accountability").expect(200);
    }
    for who in ["far", "farpharm"] {
        trial.read(who, "/subjects/S-001/accountability").problem(404);
    }
}

/// What came back is signed for, confirmed, and destroyed by two more signatures.
pub(super) fn disposals(trial: &mut Trial) {
    let (site, path) = (json!({ "site": SITE }), trial.path("/kit-reconciliations"));
    let closing = json!({ "site": SITE, "closing": true });
    for who in ["investigator", "monitor", "quality"] {
        trial.post(who, &path, &site).problem(403);
    }
    trial.signed("farpharm", "sign_kit_reconciliation", &path, &site).problem(404);
    let open = trial.signed("pharmacist", "sign_kit_reconciliation", &path, &closing);
    assert_eq!(open.problem(409), "kits-unexplained");
    let signed = trial.signed("pharmacist", "sign_kit_reconciliation", &path, &site).expect(201);
    let confirmation = format!("{path}/{}/confirmation", text(&signed, "/kit_reconciliation/id"));
    trial.post("pharmacist", &confirmation, &json!({})).problem(403);
    trial.signed("monitor", "confirm_kit_reconciliation", &confirmation, &json!({})).expect(201);
    trial.signed("monitor", "confirm_kit_reconciliation", &confirmation, &json!({})).problem(409);
    let kits = &signed["kit_reconciliation"]["kits"];
    let (path, body) = (trial.path("/destructions"), json!({ "site": SITE, "kits": kits }));
    trial.post("monitor", &path, &body).problem(403);
    trial.signed("farpharm", "propose_destruction", &path, &body).problem(404);
    let proposed = trial.signed("pharmacist", "propose_destruction", &path, &body).expect(201);
    let authorization = format!("{path}/{}/authorization", text(&proposed, "/destruction/id"));
    let certificate = json!({ "certificate_sha256": "ef".repeat(32) });
    trial.post("pharmacist", &authorization, &certificate).problem(403);
    trial.signed("quality", "authorize_destruction", &authorization, &certificate).expect(201);
    for who in ["pharmacist", "investigator", "monitor", "farpharm"] {
        trial.read(who, "/accountability?site=34-001&format=csv");
        trial.read(who, &format!("/kits/{}/accountability", text(kits, "/0")));
    }
}
