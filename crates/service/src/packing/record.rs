//! Recording what came back from the packager (`POST /studies/{study}/batches/{batch}/packings`).

use sha2::{Digest, Sha256};
use store::Tx;
use store::rows::packing;
use terms::BatchId;
use trial::act::{Act, PackingRecorded};
use trial::decide::packing as decide;

use super::read::{self, Packing};
use super::{contents, goes_on, standing};
use crate::case::Scene;
use crate::failure::{Failure, instrument};
use crate::keys::Kind;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// Records a packing when every line of the file is what was registered, in the same order (KIT-25); otherwise nothing
/// is stored.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for an unknown batch, [`trial::Refusal::BatchState`] for one that is recalled, packed,
/// or without a packaging list, the refusals of [`decide::reconcile`], of authorization and of the idempotency key.
pub fn record(
    service: &Shared,
    envelope: Envelope,
    batch: BatchId,
    packed: String,
) -> Result<Packing, Failure> {
    let of = batch.clone();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &batch, &packed);
    once(service, envelope, effect, move |tx, scene, attempt| {
        // What became of it later does not change the answer to this request.
        Ok(Packing { check: None, ..read::numbered(tx, scene, &of, attempt)? })
    })
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, batch: &BatchId, packed: &str) -> Result<String, Failure> {
    goes_on(tx, scene, batch)?;
    let is_exported = !packing::lists_of(tx, &scene.study, batch)?.is_empty();
    let attempt = standing(tx, scene, batch)?.0.next(is_exported)?;
    let contents = contents(tx, scene, batch)?;
    decide::reconcile(&scene.sealed_design(tx)?, &contents, packed)?;
    let kits = u32::try_from(contents.len()).map_err(instrument)?;
    let file = hex::encode(Sha256::digest(packed.as_bytes()));
    let file = scene.vault.seal(tx, Kind::Text, "file", file.as_bytes())?;
    let (id, commitment) = (batch.clone(), file.commitment);
    let act = Act::PackingRecorded(PackingRecorded { batch: id, attempt, kits, file: commitment });
    scene.append(tx, None, act)?;
    let new = packing::Packing {
        batch: batch.clone(),
        attempt,
        kits,
        file: file.opening,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    packing::record(tx, &new)?;
    Ok(attempt.to_string())
}
