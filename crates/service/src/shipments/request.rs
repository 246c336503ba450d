//! Having kits picked for a shipment (`POST /studies/{study}/shipments`).

use std::collections::BTreeSet;

use chrono::Days;
use ledger::Place;
use store::rows::kit::ShelfAt;
use store::rows::{batch, depot, lot, shipment};
use store::{Conn, Tx};
use terms::{BatchId, Day, DepotId, KitNumber, ShipmentId};
use trial::Refusal;
use trial::act::Act;
use trial::decide::batch::is_released_in;
use trial::decide::ship::{self, Order};
use trial::decide::supply::Shelf;

use super::read::{Shipment, shown};
use super::{At, country};
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;
use crate::shelf;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Out of which depot; the sponsor's stock when none.
    pub from: Option<DepotId>,
    /// To which site or depot.
    pub to: At,
    /// How many whole groups.
    pub groups: u32,
}

/// Picks the kits of a shipment: whole groups, with as many kits of every type, so that nothing of it can go by a type
/// (BLD-10).
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown depot or site, the refusals of [`trial::decide::ship`], of authorization and of
/// the idempotency key.
pub fn request(service: &Shared, envelope: Envelope, command: Command) -> Result<Shipment, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    let id: ShipmentId = scene.service.entropy.id()?;
    let kits = choose(tx, scene, command, &id)?;
    append(tx, scene, command, &id, &kits)?;
    Ok(id.to_string())
}

/// Chooses the kits of a new shipment.
pub(super) fn choose(
    conn: &mut Conn,
    scene: &Scene<'_>,
    command: &Command,
    id: &ShipmentId,
) -> Result<Vec<KitNumber>, Failure> {
    if let Some(from) = &command.from {
        depot::find(conn, &scene.study, from)?.ok_or(Refusal::NotFound)?;
    }
    if command.from.is_some() && command.from.as_ref() == command.to.depot() {
        return Err(Refusal::field("to_depot", "is where the kits are").into());
    }
    let stock = stock(conn, scene, command)?;
    let arrives = arrival(scene);
    let order = Order { shipment: id, groups: command.groups, arrives };
    Ok(ship::pick(scene.design(), &scene.sealed_design(conn)?, &stock, order)?)
}

/// Writes a shipment of these kits.
pub(super) fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    command: &Command,
    id: &ShipmentId,
    kits: &[KitNumber],
) -> Result<(), Failure> {
    let act = Act::ShipmentPicked {
        shipment: id.clone(),
        from_depot: command.from.clone(),
        to_depot: command.to.depot().cloned(),
        groups: command.groups,
        kits: kits.to_vec(),
    };
    scene.append(tx, command.to.site(), act)?;
    let new = shipment::Shipment {
        id: id.clone(),
        from: command.from.clone().map_or(Place::Store, Place::Depot),
        to: command.to.place(),
        groups: command.groups,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    Ok(shipment::add(tx, &new, kits)?)
}

/// When a shipment arrives that leaves today.
pub(super) fn arrival(scene: &Scene<'_>) -> Day {
    let lead = Days::new(u64::from(scene.design().supply.lead_days));
    scene.now.utc().date_naive().checked_add_days(lead).unwrap_or(Day::MAX)
}

/// What may be shipped: released in the country that it goes to (KIT-01), not recalled, and promised to no other
/// shipment. Every kit is opened, whatever is wanted.
fn stock(conn: &mut Conn, scene: &Scene<'_>, command: &Command) -> Result<Shelf, Failure> {
    let country = country(conn, scene, &command.to)?;
    let from = command.from.clone().map_or(Place::Store, Place::Depot);
    let promised = shipment::promised_at(conn, &scene.study, &from)?;
    let recalled = lot::Recalled::of(conn, &scene.study)?;
    let mut shelf = shelf::load(conn, scene, command.from.as_ref().map_or(ShelfAt::Store, ShelfAt::Depot))?;
    let mut may_go: BTreeSet<BatchId> = shelf.kits.iter().map(|kit| kit.batch.clone()).collect();
    for batch in may_go.clone() {
        if !is_released_in(&batch::steps_of(conn, &scene.study, &batch)?, country) {
            may_go.remove(&batch);
        }
    }
    shelf.kits.retain(|kit| {
        may_go.contains(&kit.batch)
            && !recalled.has(&kit.batch, kit.number)
            && !promised.contains(&kit.number)
    });
    Ok(shelf)
}

/// As it was picked: what became of it later does not change the answer to this request.
fn answer(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Shipment, Failure> {
    let id = ShipmentId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = shipment::find(tx, &scene.study, &id)?.ok_or_else(|| missing("shipment"))?;
    shown(tx, scene, row, &[])
}
