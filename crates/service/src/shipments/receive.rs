//! Receiving a shipment (`POST /studies/{study}/shipments/{shipment}/receipt`).

use journal::Hash;
use ledger::{Move, Place};
use store::Tx;
use store::rows::kit;
use store::rows::shipment::{self, StepKind};
use terms::{KitNumber, ShipmentId};
use trial::Refusal;
use trial::act::Act;
use trial::decide::batch::{Arrival, Listed};
use trial::decide::quarantine::EXCURSION;
use trial::decide::ship;
use trial::rebuild::{DAMAGED_ON_RECEIPT, MISSING_ON_RECEIPT};

use super::read::{Shipment, shown};
use super::{At, acts_at, found, has_taken};
use crate::batches::recall::{is_recalled, quarantine};
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::posting::{Step, post_after};
use crate::request::Envelope;
use crate::service::Shared;

/// What came out of the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The shipment.
    pub shipment: ShipmentId,
    /// Every kit of it.
    pub kits: Vec<Listed>,
    /// Whether it was too warm or too cold on the way.
    pub excursion: bool,
    /// The SHA-256 of the temperature record.
    pub temperature_record: Option<Hash>,
}

/// Records a receipt, all of it or nothing. After an excursion the whole shipment is set aside in the same act
/// (KIT-12).
///
/// # Errors
/// [`Refusal::NotFound`] for a shipment to elsewhere, [`Refusal::ShipmentState`] for one that is not on its way, the
/// refusals of [`trial::decide::ship::receive`], of authorization and of the idempotency key.
pub fn receive(service: &Shared, envelope: Envelope, command: Command) -> Result<Shipment, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    let id = &command.shipment;
    let row = found(tx, scene, id)?;
    let to = At::of(&row.to).ok_or_else(|| missing("place of a shipment"))?;
    acts_at(scene, &to, || Refusal::ShipmentState("for a site"))?;
    if !has_taken(tx, scene, id, StepKind::Dispatched)? {
        return Err(Refusal::ShipmentState("not dispatched").into());
    }
    if has_taken(tx, scene, id, StepKind::Received)? {
        return Err(Refusal::ShipmentState("received").into());
    }
    ship::receive(&shipment::kits(tx, &scene.study, id)?, &command.kits)?;
    let entry = scene.append(tx, to.site(), act(command))?;
    for listed in &command.kits {
        unpack(tx, scene, entry, command, &row.to, listed)?;
    }
    let by = scene.actor.user.clone();
    let step = shipment::Step { shipment: id.clone(), kind: StepKind::Received, entry, by, at: scene.now };
    shipment::take_step(tx, &step)?;
    Ok(id.to_string())
}

fn act(command: &Command) -> Act {
    let numbers = |arrival| {
        let of_it = command.kits.iter().filter(|kit| kit.arrival == arrival);
        let mut numbers: Vec<KitNumber> = of_it.map(|kit| kit.number).collect();
        numbers.sort_unstable();
        numbers
    };
    Act::ShipmentReceived {
        shipment: command.shipment.clone(),
        received: numbers(Arrival::Received),
        missing: numbers(Arrival::Missing),
        damaged: numbers(Arrival::Damaged),
        excursion: command.excursion,
        temperature_record: command.temperature_record,
    }
}

fn unpack(
    tx: &mut Tx,
    scene: &Scene<'_>,
    entry: u64,
    command: &Command,
    to: &Place,
    listed: &Listed,
) -> Result<(), Failure> {
    let arrives = if to.site().is_some() { Move::Receive } else { Move::Stock };
    let row = kit::find(tx, &scene.study, listed.number)?.ok_or_else(|| missing("kit"))?;
    let mut before = row.in_ledger();
    // KIT-13: what is recalled goes no further when it arrives.
    let is_aside = command.excursion || is_recalled(tx, scene, &row)?;
    for a_move in ship::moves(arrives, listed.arrival, is_aside) {
        let step = match a_move {
            Move::Lose => Step::new(Move::Lose, before.place.clone()).because(MISSING_ON_RECEIPT),
            Move::Damage => Step::new(Move::Damage, to.clone()).because(DAMAGED_ON_RECEIPT),
            Move::Quarantine if command.excursion => {
                Step::new(Move::Quarantine, to.clone()).because(EXCURSION)
            }
            Move::Quarantine => quarantine(to),
            a_move => Step::new(a_move, to.clone()),
        };
        before = post_after(tx, scene, entry, listed.number, Some(&before), step)?;
    }
    Ok(())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Shipment, Failure> {
    let id = ShipmentId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = shipment::find(tx, &scene.study, &id)?.ok_or_else(|| missing("shipment"))?;
    // Whoever asks again may have moved to another site since.
    let to = At::of(&row.to).ok_or_else(|| missing("place of a shipment"))?;
    acts_at(scene, &to, || Refusal::ShipmentState("for a site"))?;
    let steps = shipment::steps_of(tx, &scene.study, &id)?;
    shown(tx, scene, row, &steps)
}
