//! Everything that can be read, by everybody.

use iwrs_tests::client::Expect;
use serde_json::Value;

use super::super::trial::Trial;

/// What nobody who is blinded may ask for, and what stands in no answer: it must be refused like an unknown
/// name.
const HIDDEN: [&str; 6] = [
    "/kits?state=placebo",
    "/kits?arm=placebo",
    "/kits?kit_type=x",
    "/kits?order=kit_type",
    "/subjects?arm=placebo",
    "/studies?include=arms",
];
/// What every role reads, or is refused.
const OF_A_STUDY: [&str; 27] = [
    "",
    "/holds",
    "/batches",
    "/batches/B-4/expiry-changes",
    "/batches/B-4/recall",
    "/batches/B-4/lot-recalls",
    "/batches/B-4/packings",
    "/batches/B-2026-01/recall",
    "/alerts",
    "/resupply-plans",
    "/shipments",
    "/shipments/no-such-shipment",
    "/accountability",
    "/kit-reconciliations",
    "/destructions",
    "/unblindings",
    "/subjects",
    "/subjects/S-999",
    "/kits",
    "/kits/0000000000",
    "/lists",
    "/reconciliation",
    "/stock-by-type",
    "/journal",
    "/journal/checkpoint",
    "/journal/export",
    "/redactions",
];
/// The same in other cuts.
const CUTS: [&str; 6] = [
    "/kits?state=available",
    "/kits?state=dispensed",
    "/kits?site=34-001&batch=B-2026-01",
    "/accountability?format=csv",
    "/accountability?site=34-001&format=pdf",
    "/journal?from=3&limit=500",
];

/// Everybody asks for everything that has an address of its own; of each role one person, for every thing
/// there is.
pub(super) fn everything(trial: &mut Trial) {
    let lists = trial.read("statistician", "/lists").expect(200);
    let lists = lists["lists"].as_array().expect("lists").iter();
    let active = lists.rev().find(|list| list["state"] == "active").expect("the list in use");
    let list = format!("/lists/{}", active["id"].as_str().expect("an id"));
    let (positions, envelopes) = (format!("{list}/positions"), format!("{list}/envelopes"));
    for who in trial.blinded() {
        for path in ["/me", "/studies", "/users", "/studies/other"] {
            trial.get(&who, path);
        }
        for path in OF_A_STUDY {
            trial.read(&who, path);
        }
        for path in [&list, &positions, &envelopes] {
            trial.read(&who, path);
        }
    }
    for who in ["investigator", "pharmacist", "monitor", "far"] {
        for path in HIDDEN.iter().chain(&CUTS) {
            trial.read(who, path);
        }
        each(trial, who);
    }
    for path in ["/lists", &list, &positions, &envelopes, "/reconciliation", "/journal/export"] {
        trial.read("statistician", path).expect(200);
    }
    trial.read("supply", "/stock-by-type").expect(200);
}

/// Every subject, and every sixth kit.
fn each(trial: &mut Trial, who: &str) {
    let kits = numbers(&trial.read("supply", "/kits").expect(200)["kits"], "number");
    let subjects = numbers(&trial.read("monitor", "/subjects").expect(200)["subjects"], "screening_number");
    trial.read(who, &format!("/kits/{}/accountability?format=csv", kits[0]));
    trial.read(who, &format!("/subjects/{}/accountability?format=pdf", subjects[0]));
    for kit in kits.iter().step_by(6) {
        trial.read(who, &format!("/kits/{kit}"));
    }
    for subject in subjects {
        trial.read(who, &format!("/subjects/{subject}"));
        trial.read(who, &format!("/subjects/{subject}/dispensations"));
        trial.read(who, &format!("/subjects/{subject}/units"));
    }
}

/// The numbers in a list of an answer.
fn numbers(rows: &Value, name: &str) -> Vec<String> {
    let rows = rows.as_array().expect("rows").iter();
    rows.map(|row| row[name].as_str().expect("a number").to_owned()).collect()
}
