//! Trust that comes from outside: a checkpoint that was mailed, given by the operator.

use std::slice;

use journal::{BadNote, Checkpoint, Frontier};
use store::rows::{leaf, study};
use store::{Conn, Fault, Tree};
use terms::StudyId;
use trial::view;

use super::Standing;
use crate::failure::Failure;
use crate::service::Service;

/// Why a checkpoint gives no trust.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// It is no checkpoint that this installation has signed.
    #[error("the checkpoint is not to be believed")]
    Note(#[from] BadNote),
    /// The database holds no such study.
    #[error("the database holds no journal of {0}")]
    NoStudy(String),
    /// The journal in the database is another, or ends before the checkpoint.
    #[error("the journal in the database does not extend the checkpoint")]
    NotAPrefix,
    /// The journal in the database contradicts what this instance remembers.
    #[error("the journal in the database does not extend what this instance remembers of it")]
    Contradicts,
    /// It could not be remembered.
    #[error("the frontier cannot be written to the state folder")]
    NotKept,
    /// The machine failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Untrusted> for store::Failure<Untrusted> {
    fn from(untrusted: Untrusted) -> Self {
        Self::Refusal(untrusted)
    }
}

/// Trusts the database with a study when its journal extends a checkpoint that was signed by this installation and
/// kept elsewhere; and says which study.
///
/// What this instance remembers is never overruled: after a loss that was looked into, the operator removes the
/// study's file from the state folder first, which is an act of its own.
///
/// # Errors
/// [`Untrusted`].
pub fn accept(service: &Service, note: &str) -> Result<StudyId, Untrusted> {
    let key = service.checkpoints.verifying_key();
    let checkpoint = Checkpoint::parse_and_verify(note, slice::from_ref(key))?;
    let read =
        service.store.read(|conn| Ok::<_, store::Failure<Untrusted>>(proved(service, conn, &checkpoint)?));
    let (study, frontier) = read.map_err(|failure| match failure {
        store::Failure::Refusal(untrusted) => untrusted,
        store::Failure::Fault(fault) => Untrusted::Fault(fault),
    })?;
    if service.trust.keep(&study, &frontier) { Ok(study) } else { Err(Untrusted::NotKept) }
}

/// The study of a checkpoint, with the frontier of its journal now.
fn proved(service: &Service, conn: &mut Conn, of: &Checkpoint) -> Result<(StudyId, Frontier), Untrusted> {
    let studies = study::all(conn)?.into_iter().map(|(study, _)| study);
    let study = studies.into_iter().find(|study| view::origin(study) == of.origin);
    let study = study.ok_or_else(|| Untrusted::NoStudy(of.origin.clone()))?;
    let mut frontier = Frontier::empty();
    let mut is_prefix = of.head() == frontier.head();
    for hash in leaf::hashes_from(conn, &Tree::Study(study.clone()), 0)? {
        frontier.append(hash);
        is_prefix |= of.head() == frontier.head();
    }
    let head = leaf::frontier(conn, &Tree::Study(study.clone()))?;
    if !is_prefix || frontier != head {
        return Err(Untrusted::NotAPrefix);
    }
    match service.trust.standing(conn, &study, &head)? {
        Standing::Contradicts => Err(Untrusted::Contradicts),
        Standing::Extends | Standing::Unknown => Ok((study, head)),
    }
}

/// The studies in the database that this instance does not trust it with, so that nothing is allocated in them: to be
/// told at the start.
///
/// # Errors
/// Faults.
pub fn distrusted(service: &Service) -> Result<Vec<StudyId>, Failure> {
    service.store.read(|conn| {
        let mut distrusted = Vec::new();
        for (study, _) in study::all(conn)? {
            let head = leaf::frontier(conn, &Tree::Study(study.clone()))?;
            if service.trust.standing(conn, &study, &head)? != Standing::Extends {
                distrusted.push(study);
            }
        }
        Ok(distrusted)
    })
}
