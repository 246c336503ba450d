//! The signed head of a study's journal (`GET /studies/{study}/journal/checkpoint`).

use journal::{Checkpoint, SignedNote, consistency_proof};
use store::rows::{checkpoint, leaf};
use store::{Tree, Tx};
use terms::{Moment, StudyId};
use trial::{Action, Refusal, view};

use crate::case::{self, Scene};
use crate::failure::{Failure, instrument};
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::trust::Standing;

/// Signs the head of the journal as it stands, keeps the signed note, and answers with it.
///
/// # Errors
/// The refusals of authorization; [`Refusal::AllocationsStopped`] when this instance does not trust the database
/// with the study; a fault when the journal does not extend the last checkpoint that was signed.
pub fn checkpoint(service: &Shared, caller: &Caller, study: &StudyId) -> Result<String, Failure> {
    case::write(service, caller, study, Action::ReadJournal, |tx, scene| Ok(sign(tx, scene)?.into()))
}

/// The checkpoints that were signed so far, and what is needed to check them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// How many leaves the journal has now.
    pub size: u64,
    /// The key that signs, as a verifier takes it.
    pub key: String,
    /// The checkpoints, in the order of their sizes.
    pub signed: Vec<Signed>,
}

/// A checkpoint that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The number of leaves that it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// When it was signed.
    pub at: Moment,
}

/// The checkpoints of the journal that were signed so far; nothing is signed for it.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn checkpoints(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Checkpoints, Failure> {
    case::read(service, caller, study, Action::ReadJournal, |conn, scene| {
        let tree = Tree::Study(scene.study.clone());
        let signed =
            |row: checkpoint::Checkpoint| Signed { size: row.size, note: row.note, at: row.signed_at };
        Ok(Checkpoints {
            size: leaf::frontier(conn, &tree)?.size(),
            key: scene.service.checkpoints.verifying_key().to_string(),
            signed: checkpoint::all(conn, &tree)?.into_iter().map(signed).collect(),
        })
    })
}

/// Signs the head with the leaves of this transaction. A head that was signed before gets the same note again, since
/// signatures are deterministic. A journal is signed only when it extends what this instance remembers: any other may
/// be a second history, and the signature would make the operator trust it.
pub(crate) fn sign(tx: &mut Tx, scene: &Scene<'_>) -> Result<SignedNote, Failure> {
    sign_head(tx, scene.service, &scene.study, scene.standing, scene.now)
}

/// The same without anybody who asks.
pub(super) fn sign_head(
    tx: &mut Tx,
    service: &Service,
    study: &StudyId,
    standing: Standing,
    now: Moment,
) -> Result<SignedNote, Failure> {
    if standing != Standing::Extends {
        return Err(Refusal::AllocationsStopped.into());
    }
    let tree = tx.tree().clone();
    let key = &service.checkpoints;
    let new = Checkpoint::new(&view::origin(study), tx.frontier().head());
    let last = checkpoint::latest(tx, &tree)?;
    let read = |row: checkpoint::Checkpoint| {
        Checkpoint::parse_and_verify(&row.note, std::slice::from_ref(key.verifying_key()))
    };
    let previous = last.map(read).transpose().map_err(instrument)?;
    let grown = previous.as_ref().filter(|previous| previous.size < new.size);
    let proof = match grown {
        Some(previous) => consistency_proof(&leaf::hashes(tx, &tree)?, previous.size).unwrap_or_default(),
        None => Vec::new(),
    };
    let note = key.sign_extension(previous.as_ref(), &proof, &new).map_err(instrument)?;
    if previous.is_none_or(|previous| previous.size < new.size) {
        let row = checkpoint::Checkpoint { size: new.size, note: note.to_string(), signed_at: now };
        checkpoint::add(tx, &row)?;
    }
    Ok(note)
}
