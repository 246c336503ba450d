//! How far the packing of a batch is (`GET /studies/{study}/batches/{batch}/packings`).

use store::Conn;
use store::rows::{batch, packing};
use terms::{BatchId, KitNumber, Moment, StudyId, UserId};
use trial::{Action, Refusal};

use super::sample_of;
use crate::case::{self, Scene};
use crate::failure::{Failure, instrument, missing};
use crate::request::Caller;
use crate::service::Shared;

/// A packaging list that left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The recipient.
    pub recipient: String,
    /// The key that it was encrypted to.
    pub recipient_key: String,
    /// Who exported it, and when.
    pub signed: (UserId, Moment),
}

/// A packing that was reconciled, with the kits of its sample. It has no field for what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// The batch.
    pub batch: BatchId,
    /// Which packing of the batch it is, from 1.
    pub attempt: u32,
    /// How many kits were packed.
    pub kits: u32,
    /// Who recorded it, and when.
    pub recorded: (UserId, Moment),
    /// The kits to check, in the order of their numbers.
    pub sample: Vec<KitNumber>,
    /// Whether they held what was registered, who checked it, and when.
    pub check: Option<(bool, UserId, Moment)>,
}

/// The packaging lists of a batch that left, and its packings with their samples.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, and the refusals of authorization.
pub fn packings(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: &BatchId,
) -> Result<(Vec<Left>, Vec<Packing>), Failure> {
    case::read(service, caller, study, Action::ReadPacking, |conn, scene| {
        batch::find(conn, study, id)?.ok_or(Refusal::NotFound)?;
        let mut lists = Vec::new();
        for row in packing::lists_of(conn, study, id)? {
            let recipient = scene.vault.text(conn, &row.recipient)?;
            lists.push(Left { recipient, recipient_key: row.recipient_key, signed: (row.by, row.at) });
        }
        Ok((lists, of_batch(conn, scene, id)?))
    })
}

/// The packing with this number, as a receipt holds it.
pub(super) fn numbered(
    conn: &mut Conn,
    scene: &Scene<'_>,
    id: &BatchId,
    attempt: &str,
) -> Result<Packing, Failure> {
    let attempt: u32 = attempt.parse().map_err(instrument)?;
    let found = of_batch(conn, scene, id)?.into_iter().find(|packing| packing.attempt == attempt);
    found.ok_or_else(|| missing("packing"))
}

/// The packings of a batch, in order.
pub(super) fn of_batch(conn: &mut Conn, scene: &Scene<'_>, id: &BatchId) -> Result<Vec<Packing>, Failure> {
    let checks = packing::checks(conn, &scene.study)?;
    let mut packings = Vec::new();
    for row in packing::packings(conn, &scene.study)?.into_iter().filter(|row| row.batch == *id) {
        let of_it = |check: &&packing::Check| check.batch == *id && check.attempt == row.attempt;
        let check = checks.iter().find(of_it).map(|check| (check.passed, check.by.clone(), check.at));
        let sample = sample_of(conn, scene, id, row.attempt)?;
        let (attempt, kits, recorded) = (row.attempt, row.kits, (row.by, row.at));
        packings.push(Packing { batch: row.batch, attempt, kits, recorded, sample, check });
    }
    Ok(packings)
}
