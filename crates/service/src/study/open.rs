//! Opening a study.

use std::sync::Arc;

use store::rows::{secret, study};
use store::{Fault, Identity, Tree, Tx};
use terms::StudyId;
use trial::Refusal;
use trial::act::Act;
use trial::study::StudyDesign;
use zeroize::Zeroizing;

use super::operator::Operator;
use super::{NoDesign, parse};
use crate::failure::Failure;
use crate::keys::Kind;
use crate::service::{Service, Shared};
use crate::vault::{Stored, Vault};

/// Opens a study: its journal, its first data key, the seeds of its kit numbers and picks, and version 1 of its
/// design. From here on the study stands on what is stored, and no file is read for it again.
///
/// # Errors
/// All problems of a file at once; [`Refusal::Exists`] when the study was opened before; faults.
pub fn open(service: &Shared, design: &str, sealed: &str) -> Result<StudyId, NoDesign> {
    let parsed = parse(design, sealed)?;
    let study = parsed.id.clone();
    // An empty tree is no study: a run that stops here leaves nothing that anybody could see.
    service.store.create_tree(&Tree::Study(study.clone()))?;
    let (shared, text, sealed) = (Arc::clone(service), design.to_owned(), Zeroizing::new(sealed.to_owned()));
    let (frontier, identity) = service.store.write(Tree::Study(study.clone()), move |tx: &mut Tx| {
        write(&shared, tx, &parsed, &text, &sealed)?;
        Ok::<_, Failure>((tx.frontier().clone(), Identity::of(tx)?))
    })?;
    service.trust.begin(&study, frontier, identity);
    Ok(study)
}

fn write(
    service: &Service,
    tx: &mut Tx,
    design: &StudyDesign,
    text: &str,
    sealed: &str,
) -> Result<(), Failure> {
    let id = &design.id;
    study::add(tx, service.clock.now()).map_err(exists)?;
    Vault::furnish(service, tx)?;
    let mut operator = Operator::of(service, tx, id, None)?;
    let kit_numbers = add_seed(&operator, tx, "kit_number_seed")?;
    let picks = add_seed(&operator, tx, "pick_seed")?;
    secret::add(tx, &secret::Seeds { kit_numbers: kit_numbers.opening, picks: picks.opening })?;
    let act = Act::StudyOpened {
        study: id.clone(),
        kit_number_seed: kit_numbers.commitment,
        pick_seed: picks.commitment,
    };
    operator.append(tx, None, act)?;
    operator.activate_design(tx, 1, text, design.fingerprint(), sealed)
}

fn add_seed(operator: &Operator<'_>, tx: &mut Tx, field: &str) -> Result<Stored, Failure> {
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(operator.service.entropy.bytes()?);
    operator.vault.seal(tx, Kind::Seed, field, seed.as_slice())
}

fn exists(fault: Fault) -> Failure {
    match fault {
        Fault::Conflict("study_pkey") => Refusal::Exists("study").into(),
        fault => fault.into(),
    }
}
