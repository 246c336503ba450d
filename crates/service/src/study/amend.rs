//! Amending a study before its first subject.

use std::sync::Arc;

use store::rows::{design, kit, list, randomization};
use store::{Tree, Tx};
use terms::StudyId;
use trial::study::StudyDesign;
use trial::{ListState, Refusal};
use zeroize::Zeroizing;

use super::operator::Operator;
use super::{NoDesign, parse};
use crate::case::unknown_tree_is_not_found;
use crate::failure::{Failure, instrument};
use crate::service::{Service, Shared};

/// Brings a new version of a study's design into force.
///
/// Every list must have been discarded before, by the people who may and with their reason: giving up a list is a
/// signed act of an unblinded person, which the operator is not. Kits registered under the old version would change
/// their meaning with it, so there must be none.
///
/// # Errors
/// All problems of a file at once; [`Refusal::NotFound`] for a study that was never opened, [`Refusal::DesignFixed`]
/// once a subject is randomized or a kit registered, [`Refusal::ListState`] while a list is not discarded; faults.
pub fn amend(service: &Shared, study: &StudyId, design: &str, sealed: &str) -> Result<u32, NoDesign> {
    let parsed = parse(design, sealed)?;
    if parsed.id != *study {
        return Err(Refusal::field("study.id", "is another study").into());
    }
    let (shared, text, sealed) = (Arc::clone(service), design.to_owned(), Zeroizing::new(sealed.to_owned()));
    let write = move |tx: &mut Tx| write(&shared, tx, &parsed, &text, &sealed);
    Ok(unknown_tree_is_not_found(service.store.write(Tree::Study(study.clone()), write))?)
}

fn write(
    service: &Service,
    tx: &mut Tx,
    design: &StudyDesign,
    text: &str,
    sealed: &str,
) -> Result<u32, Failure> {
    let study = &design.id;
    let latest = design::latest(tx, study)?.ok_or(Refusal::NotFound)?;
    let version = u32::try_from(latest.version.saturating_add(1)).map_err(instrument)?;
    if randomization::count(tx, study)? > 0 || kit::any(tx, study)? {
        return Err(Refusal::DesignFixed.into());
    }
    if list::all(tx, study)?.iter().any(|list| list.state != ListState::Discarded) {
        return Err(Refusal::ListState("not discarded").into());
    }
    let mut operator = Operator::of(service, tx, study, None)?;
    operator.activate_design(tx, version, text, design.fingerprint(), sealed)?;
    Ok(version)
}
