//! What happened to one kit outside the planned way (`POST /studies/{study}/kits/{number}/incidents`).

use ledger::Place;
use store::Tx;
use store::rows::kit;
use terms::{KitNumber, Moment, UserId};
use trial::act::Act;
use trial::decide::quarantine as decide;
use trial::{Incident, Refusal};

use super::{At, acts_at};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::kits::leaf_at;
use crate::once::once;
use crate::posting::{Step, post_after};
use crate::request::Envelope;
use crate::service::Shared;

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The kit.
    pub kit: KitNumber,
    /// What happened to it.
    pub incident: Incident,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Records that a kit was found damaged or missing, or turned up (KIT-17): what is found goes into quarantine. A kit
/// that was lost on its way turns up where its shipment went.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown kit and one out of reach, [`Refusal::KitState`] when its state does not allow
/// it, [`Refusal::Field`] without a reason; the refusals of authorization and of the idempotency key.
pub fn record(
    service: &Shared,
    envelope: Envelope,
    number: KitNumber,
    incident: Incident,
    reason: String,
) -> Result<Recorded, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, number, incident, &reason);
    once(service, envelope, effect, answer)
}

fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    number: KitNumber,
    incident: Incident,
    reason: &str,
) -> Result<String, Failure> {
    let row = kit::find(tx, &scene.study, number)?.ok_or(Refusal::NotFound)?;
    let at = whereabouts(tx, scene, &row.place)?;
    acts_at(scene, &at, || Refusal::KitState(number.to_string()))?;
    let text = scene.vault.seal_text(tx, "reason", reason)?;
    let (depot, reason) = (at.depot().cloned(), text.commitment);
    let entry = scene.append(tx, at.site(), Act::KitIncident { depot, kit: number, incident, reason })?;
    let code: &'static str = incident.into();
    let step = Step::new(decide::incident(incident), at.place()).because(code);
    post_after(tx, scene, entry, number, Some(&row.in_ledger()), step)?;
    Ok(entry.to_string())
}

/// Where it happened: what a shipment accounts for lies where the shipment went.
fn whereabouts(tx: &mut Tx, scene: &Scene<'_>, place: &Place) -> Result<At, Failure> {
    let place = match place {
        Place::Shipment(id) => super::found(tx, scene, id)?.to,
        place => place.clone(),
    };
    Ok(At::of(&place).ok_or(Refusal::NotFound)?)
}

/// It is read back from its leaf, which nothing can change.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Recorded, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    if let Some(site) = &leaf.site {
        acts_at(scene, &At::Site(site.clone()), || Refusal::NotFound)?;
    }
    match (leaf.act, leaf.actor) {
        (Act::KitIncident { kit, incident, .. }, Some(by)) => {
            Ok(Recorded { kit, incident, by, at: leaf.saved })
        }
        _ => Err(missing("incident")),
    }
}
