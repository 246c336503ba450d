//! Releasing a batch in two steps (KIT-01): the certification (`POST .../batches/{batch}/certification`) and the
//! sponsor's release (`POST .../batches/{batch}/release`), each for a country, in either order.

use ledger::{KitState, Move, Place};
use store::Tx;
use store::rows::{batch, kit};
use terms::{BatchId, Country};
use trial::act::Act;
use trial::decide::batch::{self as decide, Taken};
use trial::{Refusal, ReleaseStep};

use super::read::{self, Batch};
use crate::batches::recall::is_not_recalled;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::packing;
use crate::posting::{Step, post_after};
use crate::request::Envelope;
use crate::service::Shared;

/// Takes a step towards the use of a batch in a country. With the second of them for the first country, its kits are
/// released, all at once.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, [`Refusal::BatchState`] for one that is recalled and for a step taken
/// before, those of [`trial::decide::packing::Standing::may_be_released`] before its packing is recorded and its sample
/// passed (KIT-25), and the refusals of authorization, of the signature and of the idempotency key.
pub fn take_step(
    service: &Shared,
    envelope: Envelope,
    batch: BatchId,
    country: Country,
    step: ReleaseStep,
) -> Result<Batch, Failure> {
    let taken = Taken { country, step };
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &batch, taken);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, batch: &BatchId, new: Taken) -> Result<String, Failure> {
    batch::find(tx, &scene.study, batch)?.ok_or(Refusal::NotFound)?;
    is_not_recalled(tx, scene, batch)?;
    packing::may_be_released(tx, scene, batch)?;
    let mut taken = batch::steps_of(tx, &scene.study, batch)?;
    decide::take_step(&taken, new)?;
    let (id, country) = (batch.clone(), new.country);
    let act = match new.step {
        ReleaseStep::Certification => Act::BatchCertified { batch: id, country },
        ReleaseStep::RegulatoryRelease => Act::BatchReleased { batch: id, country },
    };
    let entry = scene.append(tx, None, act)?;
    let (id, by) = (batch.clone(), scene.actor.user.clone());
    batch::take_step(tx, &batch::Step { batch: id, taken: new, by, at: scene.now })?;
    let was_released = decide::is_released(&taken);
    taken.push(new);
    if !was_released && decide::is_released(&taken) {
        release_kits(tx, scene, batch, entry)?;
    }
    Ok(batch.to_string())
}

/// What was damaged or lost before stays what it is.
fn release_kits(tx: &mut Tx, scene: &Scene<'_>, batch: &BatchId, entry: u64) -> Result<(), Failure> {
    for kit in kit::of_batch(tx, &scene.study, batch)? {
        if kit.state == KitState::Registered {
            let step = Step::new(Move::Release, Place::Store);
            post_after(tx, scene, entry, kit.number, Some(&kit.in_ledger()), step)?;
        }
    }
    Ok(())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, batch: &str) -> Result<Batch, Failure> {
    let batch = BatchId::parse(batch).map_err(|_malformed| missing("receipt"))?;
    read::one(tx, scene, &batch)?.ok_or_else(|| missing("batch"))
}
