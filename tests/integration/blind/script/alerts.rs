//! Taking note of an alert.

use iwrs_tests::client::Expect;
use serde_json::json;

use super::super::trial::Trial;
use super::{SITE, text};

/// What is left of the first batch at the first site expires; the depot, which sends other kits, takes note of it.
pub(super) fn acknowledge(trial: &mut Trial) {
    trial.round();
    let alerts = trial.read("depot", "/alerts").expect(200);
    let alerts = alerts["alerts"].as_array().expect("alerts").iter();
    let place = format!("site/{SITE}");
    let of_batch = |reference: &str| reference == "B-2026-01";
    let mut expiring = alerts.filter(|alert| {
        alert["kind"] == "expiry_horizon"
            && alert["place"] == place
            && alert["reference"].as_str().is_some_and(of_batch)
    });
    let alert = expiring.next().expect("what is out of date").clone();
    let path = format!("/alerts/{}/acknowledgement", text(&alert, "/id"));
    let body = json!({ "text": "other kits are on their way" });
    for who in ["investigator", "monitor", "far"] {
        trial.act(who, &path, &body).problem(403);
    }
    trial.act("farpharm", &path, &body).problem(404);
    assert_eq!(trial.act("pharmacist", &path, &body).problem(403), "not-alert-owner");
    trial.act("depot", &path, &body).expect(201);
    trial.act("depot", &path, &body).problem(409);
    for who in ["pharmacist", "depot", "quality", "farpharm"] {
        trial.read(who, "/alerts").expect(200);
    }
}
