//! The study's journal as it is stored, for tests that ask what was recorded.

use iwrs_tests::app::TestApp;
use serde_json::Value;
use store::rows::leaf;
use store::{Store, Tree};
use trial::Refusal;

/// All leaves of the study, in order.
pub(crate) fn leaves(app: &TestApp) -> Vec<Value> {
    of_tree(app, &Tree::Study("imodals".parse().expect("an id")))
}

fn of_tree(app: &TestApp, tree: &Tree) -> Vec<Value> {
    let store = Store::open(app.database.url()).expect("the store opens");
    let leaves = store.read::<_, Refusal>(|conn| Ok(leaf::page(conn, tree, 0, 10_000)?)).expect("the leaves");
    leaves.iter().map(|leaf| serde_json::from_slice(&leaf.canonical).expect("a leaf is JSON")).collect()
}

/// How many leaves of the installation are of this kind.
pub(crate) fn count_in_installation(app: &TestApp, kind: &str) -> usize {
    of_tree(app, &Tree::Installation).iter().filter(|leaf| leaf["act"]["kind"] == kind).count()
}

/// How many leaves of the study are of this kind.
pub(crate) fn count(app: &TestApp, kind: &str) -> usize {
    leaves(app).iter().filter(|leaf| leaf["act"]["kind"] == kind).count()
}
