//! The signed head of a study's journal (`GET /studies/{study}/journal/checkpoint`).

use journal::{Checkpoint, SignedNote, consistency_proof};
use store::Tx;
use store::rows::{checkpoint, leaf};
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
