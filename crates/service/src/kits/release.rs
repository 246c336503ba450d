//! Releasing a batch for use (`POST /studies/{study}/batches/{batch}/release`).

use ledger::Move;
use store::Tx;
use store::rows::{batch, kit};
use terms::BatchId;
use trial::Refusal;
use trial::act::Act;
use trial::decide::batch as decide;

use super::in_store;
use super::read::Batch;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// Releases a batch, all its kits at once.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, [`Refusal::BatchState`] for one released before, and the refusals of
/// authorization, of the signature and of the idempotency key.
pub fn release(service: &Shared, envelope: Envelope, batch: BatchId) -> Result<Batch, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &batch);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, batch: &BatchId) -> Result<String, Failure> {
    let row = batch::find(tx, &scene.study, batch)?.ok_or(Refusal::NotFound)?;
    decide::release(row.released.is_some())?;
    let entry = scene.append(tx, None, Act::BatchReleased { batch: batch.clone() })?;
    batch::release(tx, batch, &scene.actor.user, scene.now)?;
    for kit in kit::of_batch(tx, &scene.study, batch)? {
        kit::move_kit(tx, entry, &in_store(scene, kit.number, Some(kit.state), Move::Release)?)?;
    }
    Ok(batch.to_string())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, batch: &str) -> Result<Batch, Failure> {
    let batch = BatchId::parse(batch).map_err(|_malformed| missing("receipt"))?;
    let row = batch::find(tx, &scene.study, &batch)?.ok_or_else(|| missing("batch"))?;
    Ok(row.into())
}
