//! A text is redacted: by two people, and by nobody who may not.

use iwrs_tests::client::Expect;
use serde_json::json;

use super::super::trial::Trial;
use super::text;

/// The reason of the first hold.
pub(super) fn of_a_hold(trial: &mut Trial) {
    let journal = trial.read("monitor", "/journal?limit=1000").expect(200);
    let leaves = journal["journal"]["leaves"].as_array().expect("leaves");
    let leaf = leaves.iter().position(|leaf| leaf["leaf"]["act"]["kind"] == "hold_placed").expect("a hold");
    let (path, body) = (trial.path("/redactions"), json!({ "leaf": leaf, "why": "identifies_another" }));
    trial.post("monitor", &path, &body).problem(403);
    let unknown = json!({ "leaf": leaf, "why": "a reason in words" });
    trial.signed("monitor", "propose_redaction", &path, &unknown).problem(422);
    let no_text = json!({ "leaf": 0, "why": "identifies_another" });
    trial.signed("monitor", "propose_redaction", &path, &no_text).problem(422);
    let proposed = trial.signed("monitor", "propose_redaction", &path, &body).expect(201);
    let confirmation = format!("{path}/{}/confirmation", text(&proposed, "/redaction/id"));
    trial.signed("investigator", "confirm_redaction", &confirmation, &json!({})).problem(403);
    trial.signed("statistician", "confirm_redaction", &confirmation, &json!({})).expect(201);
    trial.signed("monitor", "propose_redaction", &path, &body).problem(409);
    trial.read("monitor", "/holds").expect(200);
}
