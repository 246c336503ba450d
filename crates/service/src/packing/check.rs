//! Recording the check of a packing's sample (`POST /studies/{study}/batches/{batch}/sample-checks`).

use store::Tx;
use store::rows::packing;
use terms::BatchId;
use trial::act::{Act, SampleChecked};
use trial::decide::sample::{self as decide, Found};
use zeroize::Zeroizing;

use super::read::{self, Packing};
use super::{contents, goes_on, sample_of, standing};
use crate::case::Scene;
use crate::failure::Failure;
use crate::keys::Kind;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// What was found. It tells what is in kits, so it has no `Debug`.
pub struct Command {
    /// The batch.
    pub batch: BatchId,
    /// What was found in each kit of the sample.
    pub found: Vec<Found>,
}

/// Records a check by another person than recorded the packing (KIT-25). A failed one is recorded like one that passed;
/// which kit made it fail stands in no answer.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for an unknown batch, [`trial::Refusal::BatchState`] for a recalled one, those of
/// [`trial::decide::packing::Standing::to_check`] and of [`decide::check`]; the refusals of authorization, of the
/// signature and of the idempotency key.
pub fn check(service: &Shared, envelope: Envelope, command: Command) -> Result<Packing, Failure> {
    let of = command.batch.clone();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command);
    once(service, envelope, effect, move |tx, scene, attempt| read::numbered(tx, scene, &of, attempt))
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    let batch = &command.batch;
    goes_on(tx, scene, batch)?;
    let (standing, packed_by) = standing(tx, scene, batch)?;
    let attempt = standing.to_check(packed_by.as_ref() == Some(&scene.actor.user))?;
    let sample = sample_of(tx, scene, batch, attempt)?;
    let contents = contents(tx, scene, batch)?;
    let checked = decide::check(&scene.sealed_design(tx)?, &sample, &contents, &command.found)?;
    let found = Zeroizing::new(checked.found);
    let found = scene.vault.seal(tx, Kind::Text, "found", found.as_bytes())?;
    let act = Act::SampleChecked(SampleChecked {
        batch: batch.clone(),
        attempt,
        kits: sample,
        passed: checked.passed,
        found: found.commitment,
    });
    let entry = scene.append(tx, None, act)?;
    let new = packing::Check {
        batch: batch.clone(),
        attempt,
        entry,
        passed: checked.passed,
        found: found.opening,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    packing::check(tx, &new)?;
    Ok(attempt.to_string())
}
