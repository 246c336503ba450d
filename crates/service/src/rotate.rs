//! Rotating the data key of one tree, by the operator, while servers run: reading works throughout, because every
//! ciphertext names the version of its key and older versions stay.

use std::sync::Arc;

use store::rows::opening;
use store::{Tree, Tx};
use terms::StudyId;
use trial::act::Act;

use crate::case::unknown_tree_is_not_found;
use crate::failure::{Failure, instrument};
use crate::rewrap::append;
use crate::service::{Service, Shared};
use crate::vault::Vault;

/// How many values are sealed anew in one write: no code break waits longer than that.
const BATCH: u32 = 100;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The version under which everything is sealed now.
    pub version: u32,
    /// How many values were sealed anew.
    pub values: u64,
}

/// Makes a new version of the data key of a study, or of the installation, and seals everything anew under it.
///
/// Where an earlier rotation was stopped before its end, that one is finished and no other begun.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for an unknown study. Faults: also when a value does not open; nothing goes on then.
pub fn rotate(service: &Shared, study: Option<StudyId>) -> Result<Rotated, Failure> {
    let tree = study.map_or(Tree::Installation, Tree::Study);
    let shared = Arc::clone(service);
    let begun = service.store.write(tree.clone(), move |tx: &mut Tx| begin(&shared, tx));
    let version = unknown_tree_is_not_found(begun)?;
    let mut values = 0_u64;
    loop {
        let shared = Arc::clone(service);
        match service.store.write(tree.clone(), move |tx: &mut Tx| reseal(&shared, tx))? {
            0 => return Ok(Rotated { version, values }),
            more => values = values.saturating_add(more),
        }
    }
}

fn begin(service: &Service, tx: &mut Tx) -> Result<u32, Failure> {
    let tree = tx.tree().clone();
    let newest = Vault::unlock(service, tx, &tree)?.newest()?;
    if !opening::older_than(tx, &tree, u64::from(newest), 1)?.is_empty() {
        return Ok(newest);
    }
    let version = newest.saturating_add(1);
    Vault::add_key(service, tx, version)?;
    append(service, tx, Act::DataKeyRotated { version })?;
    Ok(version)
}

fn reseal(service: &Service, tx: &mut Tx) -> Result<u64, Failure> {
    let tree = tx.tree().clone();
    let vault = Vault::unlock(service, tx, &tree)?;
    let rows = opening::older_than(tx, &tree, u64::from(vault.newest()?), BATCH)?;
    rows.iter().try_for_each(|row| vault.reseal(tx, row))?;
    u64::try_from(rows.len()).map_err(instrument)
}
