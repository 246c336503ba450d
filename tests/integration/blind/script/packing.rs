//! How the kits of a batch come to exist: what a blinded person is told of it, and refused.

use iwrs::demo::{Packager, found};
use iwrs_tests::client::Expect;
use serde_json::{Value, json};

use super::super::trial::Trial;

/// Who may not ask for it, of each role one.
const BLINDED: [&str; 6] = ["investigator", "pharmacist", "monitor", "depot", "quality", "admin"];

/// A batch is packed, and its sample passes.
pub(super) fn whole(trial: &mut Trial, batch: &str) {
    let packed = packed(trial, batch);
    let recorded = trial.act("supply", &format!("/batches/{batch}/packings"), &json!({ "packed": packed }));
    let found = found(&packed, recorded.expect(201)["packing"]["sample"].as_array().expect("a sample"));
    check(trial, batch, &found);
}

/// A batch is packed, and its sample fails: a kit of it holds nothing of the study.
pub(super) fn failed(trial: &mut Trial, batch: &str) {
    let packed = packed(trial, batch);
    let recorded = trial.act("supply", &format!("/batches/{batch}/packings"), &json!({ "packed": packed }));
    let mut found = found(&packed, recorded.expect(201)["packing"]["sample"].as_array().expect("a sample"));
    found["found"][0]["kit_type"] = Value::Null;
    check(trial, batch, &found);
    let (path, country) =
        (trial.path(&format!("/batches/{batch}/certification")), json!({ "country": "FR" }));
    trial.signed("quality", "certify_batch", &path, &country).problem(409);
}

/// The list leaves, the packager opens it, and sends something else back first.
fn packed(trial: &mut Trial, batch: &str) -> String {
    let packager = Packager::of_the_demo().expect("a packager");
    let key = packager.key().expect("a key").to_string();
    let (path, to) =
        (format!("/batches/{batch}/packaging-lists"), json!({ "recipient": "P", "recipient_key": key }));
    let packings = format!("/batches/{batch}/packings");
    for who in BLINDED {
        trial.act(who, &path, &to);
        trial.act(who, &packings, &json!({ "packed": "" }));
    }
    let list = trial.act("supply", &path, &to).expect(201);
    let packed = packager.open(list["packaging_list"]["age"].as_str().expect("a text")).expect("it opens");
    let short: Vec<&str> = packed.trim_end().lines().rev().skip(1).collect();
    let short = json!({ "packed": short.into_iter().rev().collect::<Vec<_>>().join("\n") });
    trial.act("supply", &packings, &short).problem(422);
    packed
}

fn check(trial: &mut Trial, batch: &str, found: &Value) {
    let path = trial.path(&format!("/batches/{batch}/sample-checks"));
    for who in BLINDED {
        trial.post(who, &path, &json!({ "found": [] }));
        trial.read(who, &format!("/batches/{batch}/packings"));
        trial.read(who, "/batches");
    }
    trial.read("reviewer", &format!("/batches/{batch}/packings")).expect(200);
    trial.signed("supply", "check_sample", &path, found).problem(409);
    trial.signed("reviewer", "check_sample", &path, found).expect(201);
    trial.read("pharmacist", "/batches").expect(200);
}
