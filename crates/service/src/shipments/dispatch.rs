//! Dispatching a shipment (`POST /studies/{study}/shipments/{shipment}/dispatch`), or giving it up
//! (`POST .../cancellation`).

use std::collections::BTreeSet;

use ledger::{Move, Place};
use store::Tx;
use store::rows::kit;
use store::rows::shipment::{self, StepKind};
use terms::{KitNumber, ShipmentId};
use trial::Refusal;
use trial::act::Act;
use trial::decide::ship;

use super::read::{Shipment, shown};
use super::request::arrival;
use super::{At, found, has_taken};
use crate::batches::recall::none_is_recalled;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::posting::{Step, post};
use crate::request::Envelope;
use crate::service::Shared;

/// Records that a shipment left, with exactly the kits that were picked for it; each is scanned when it is packed.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown shipment, [`Refusal::ShipmentState`] for one that left before, the refusals of
/// [`trial::decide::ship::dispatch`], [`Refusal::BatchState`] for a batch that was recalled since,
/// [`Refusal::KitExpired`] for a kit that would not arrive in time any more, [`Refusal::KitState`] for one that was
/// damaged or lost, and the refusals of authorization and of the idempotency key.
pub fn dispatch(
    service: &Shared,
    envelope: Envelope,
    id: ShipmentId,
    scanned: Vec<(String, KitNumber)>,
) -> Result<Shipment, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &id, &scanned);
    once(service, envelope, effect, answer)
}

fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    id: &ShipmentId,
    scanned: &[(String, KitNumber)],
) -> Result<String, Failure> {
    let row = found(tx, scene, id)?;
    is_still_to_leave(tx, scene, id)?;
    let kits = shipment::kits(tx, &scene.study, id)?;
    ship::dispatch(&kits, scanned)?;
    still_good(tx, scene, &kits)?;
    let to = At::of(&row.to).ok_or_else(|| missing("place of a shipment"))?;
    let entry = scene.append(tx, to.site(), Act::ShipmentDispatched { shipment: id.clone() })?;
    for kit in kits {
        post(tx, scene, entry, kit, Step::new(Move::Dispatch, Place::Shipment(id.clone())))?;
    }
    let by = scene.actor.user.clone();
    let step = shipment::Step { shipment: id.clone(), kind: StepKind::Dispatched, entry, by, at: scene.now };
    shipment::take_step(tx, &step)?;
    Ok(id.to_string())
}

/// Passes while every kit could be picked today: its batch may have been recalled or shortened since, or the shipment
/// waited too long.
fn still_good(tx: &mut Tx, scene: &Scene<'_>, kits: &BTreeSet<KitNumber>) -> Result<(), Failure> {
    none_is_recalled(tx, scene, kits.iter().copied())?;
    let earliest = ship::earliest_expiry(scene.design(), arrival(scene));
    for number in kits {
        let kit = kit::find(tx, &scene.study, *number)?.ok_or_else(|| missing("kit"))?;
        if kit.label_expiry < earliest {
            return Err(Refusal::KitExpired(number.to_string()).into());
        }
    }
    Ok(())
}

/// Gives up a shipment that has not left, for example because one of its kits was found damaged: what was promised to
/// it is free again.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown shipment, [`Refusal::ShipmentState`] for one that left or was given up before,
/// [`Refusal::Field`] without a reason; the refusals of authorization and of the idempotency key.
pub fn cancel(
    service: &Shared,
    envelope: Envelope,
    id: ShipmentId,
    reason: String,
) -> Result<Shipment, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = found(tx, scene, &id)?;
        is_still_to_leave(tx, scene, &id)?;
        let to = At::of(&row.to).ok_or_else(|| missing("place of a shipment"))?;
        let reason = scene.vault.seal_text(tx, "reason", &reason)?.commitment;
        let act = Act::ShipmentCancelled { shipment: id.clone(), reason };
        let entry = scene.append(tx, to.site(), act)?;
        let by = scene.actor.user.clone();
        let step =
            shipment::Step { shipment: id.clone(), kind: StepKind::Cancelled, entry, by, at: scene.now };
        shipment::take_step(tx, &step)?;
        Ok(id.to_string())
    };
    once(service, envelope, effect, answer)
}

fn is_still_to_leave(tx: &mut Tx, scene: &Scene<'_>, id: &ShipmentId) -> Result<(), Failure> {
    if has_taken(tx, scene, id, StepKind::Dispatched)? {
        return Err(Refusal::ShipmentState("dispatched").into());
    }
    if has_taken(tx, scene, id, StepKind::Cancelled)? {
        return Err(Refusal::ShipmentState("cancelled").into());
    }
    Ok(())
}

/// As it left: what became of it later does not change the answer to this request.
fn answer(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Shipment, Failure> {
    let id = ShipmentId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = shipment::find(tx, &scene.study, &id)?.ok_or_else(|| missing("shipment"))?;
    let mut steps = shipment::steps_of(tx, &scene.study, &id)?;
    steps.retain(|step| step.kind != StepKind::Received);
    shown(tx, scene, row, &steps)
}
