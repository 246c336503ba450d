//! Counting what came back of a kit (`POST /studies/{study}/kits/{number}/return`).

use ledger::{KitState, Place};
use store::Tx;
use store::rows::kit;
use store::rows::kit_count::{self, KitCount};
use terms::{KitNumber, Moment, UserId};
use trial::Refusal;
use trial::act::Act;
use trial::decide::accountability::{self as decide, Count};

use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::kits::leaf_at;
use crate::once::once;
use crate::posting::{Step, post_after};
use crate::request::Envelope;
use crate::service::Shared;

/// What was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// The kit.
    pub kit: KitNumber,
    /// Its vials.
    pub count: Count,
    /// The state in which the count left it.
    pub state: KitState,
    /// Who counted.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Counts the vials of a kit that came back, or counts them again: each count is an entry of its own, and the last one
/// says how the kit stands (KIT-18). The site's own count: nobody of the sponsor has this right (KIT-20).
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown kit and one out of reach, the refusals of
/// [`trial::decide::accountability::count`], [`Refusal::KitState`] for a kit that nobody was given or that is
/// destroyed; the refusals of authorization and of the idempotency key.
pub fn count(
    service: &Shared,
    envelope: Envelope,
    number: KitNumber,
    count: Count,
    reason: Option<String>,
) -> Result<Returned, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, number, count, reason.as_deref());
    once(service, envelope, effect, answer)
}

fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    number: KitNumber,
    count: Count,
    reason: Option<&str>,
) -> Result<String, Failure> {
    let row = kit::find(tx, &scene.study, number)?.ok_or(Refusal::NotFound)?;
    let site = row.place.site().ok_or(Refusal::NotFound)?;
    scene.authority.reaches(site)?;
    let was_counted = !kit_count::of_kit(tx, &scene.study, number)?.is_empty();
    decide::count(&scene.design().supply, count, was_counted, reason.is_some())?;
    let reason = reason.map(|text| scene.vault.seal_text(tx, "reason", text)).transpose()?;
    let Count { used, unused, missing } = count;
    let commitment = reason.as_ref().map(|reason| reason.commitment);
    let act = Act::KitReturned { kit: number, used, unused, missing, reason: commitment };
    let entry = scene.append(tx, Some(site), act)?;
    let step = Step::new(count.a_move(), Place::Site(site.clone()));
    post_after(tx, scene, entry, number, Some(&row.in_ledger()), step)?;
    let (by, at, reason) = (scene.actor.user.clone(), scene.now, reason.map(|reason| reason.opening));
    kit_count::add(tx, &KitCount { entry, kit: number, used, unused, missing, reason, by, at })?;
    Ok(entry.to_string())
}

/// It is read back from its leaf, which nothing can change.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Returned, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    // Whoever asks again may have moved to another site since.
    scene.authority.reaches(leaf.site.as_ref().ok_or_else(|| missing("site"))?)?;
    match (leaf.act, leaf.actor) {
        (Act::KitReturned { kit, used, unused, missing, .. }, Some(by)) => {
            let count = Count { used, unused, missing };
            Ok(Returned { kit, count, state: count.state(), by, at: leaf.saved })
        }
        _ => Err(missing("count")),
    }
}
