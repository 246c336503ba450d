//! What a stranger proves afterwards: from the reconciliation, and from the exported journal alone.

use iwrs_tests::app::CHECKPOINT_SEED;
use iwrs_tests::client::{Client, Expect};
use journal::{Check, Entry, Export, Outcome, SigningKey};
use serde_json::Value;
use trial::replay::{Given, replay};

/// The subjects as the statistician sees them, when nothing about them is amiss.
#[track_caller]
pub(crate) fn reconciled(statistician: &Client) -> Vec<Value> {
    let answer = statistician.get("/studies/imodals/reconciliation").expect(200);
    assert_eq!(answer["reconciliation"]["mismatches"], 0, "{answer}");
    answer["reconciliation"]["subjects"].as_array().expect("subjects").clone()
}

/// Exports the journal as the statistician, and asserts that it is signed, whole, and tells what can have happened.
#[track_caller]
pub(crate) fn assert_journal_holds(statistician: &Client) -> Export {
    let reply = statistician.get("/studies/imodals/journal/export");
    assert_eq!(reply.status, 200, "{}", reply.body);
    let export = Export::parse(&reply.body).unwrap_or_else(|bad| panic!("no export: {bad}"));
    let keys = ["iwrs", "iwrs-test"].map(|name| SigningKey::from_seed(name, CHECKPOINT_SEED).expect("a key"));
    let keys = keys.map(|key| key.verifying_key().clone());
    let mut checks = journal::verify_text(&reply.body, &[], &keys);
    checks.extend(replay(&export, &Given::default()));
    let failed: Vec<&Check> =
        checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_))).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    let signed = checks.iter().find(|check| check.name == "export is signed whole");
    assert_eq!(signed.map(|check| &check.outcome), Some(&Outcome::Passed));
    export
}

/// The leaves of one kind of act, in order.
pub(crate) fn leaves(export: &Export, kind: &str) -> Vec<Value> {
    let read = |entry: &Entry| match entry {
        Entry::Leaf(text) => serde_json::from_str(text).ok(),
        Entry::Hash(_) => None,
    };
    let leaves = export.entries.iter().filter_map(read);
    leaves.filter(|leaf: &Value| leaf["act"]["kind"] == kind).collect()
}
