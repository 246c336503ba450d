//! Receiving the kits of a batch at a site (`POST /studies/{study}/batches/{batch}/receipts`).

use ledger::{Move, Place};
use store::Tx;
use store::rows::{batch, kit, lot, shipment, site};
use terms::{BatchId, KitNumber, Moment, SiteId, UserId};
use trial::Refusal;
use trial::act::Act;
use trial::decide::batch::{self as decide, Arrival, Arrived, Listed, Standing};
use trial::rebuild::{DAMAGED_ON_RECEIPT, MISSING_ON_RECEIPT};

use super::leaf_at;
use crate::batches::recall::quarantine;
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::once::once;
use crate::posting::{Step, post};
use crate::request::Envelope;
use crate::service::Shared;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The batch.
    pub batch: BatchId,
    /// The site at which the kits are.
    pub site: SiteId,
    /// The kits.
    pub kits: Vec<Listed>,
}

/// A receipt: the kits whose arrival it recorded. Those that had been recorded before are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The batch.
    pub batch: BatchId,
    /// The site.
    pub site: SiteId,
    /// The kits that came in good order.
    pub received: Vec<KitNumber>,
    /// The kits that did not come.
    pub missing: Vec<KitNumber>,
    /// The kits that came damaged.
    pub damaged: Vec<KitNumber>,
    /// When it was recorded.
    pub at: Moment,
    /// By whom.
    pub by: UserId,
}

/// Records a receipt at a site, all of it or nothing.
///
/// # Errors
/// [`Refusal::NotFound`] for a site out of reach and an unknown batch, the refusals of
/// [`trial::decide::batch::receive`], of authorization and of the idempotency key.
pub fn receive(service: &Shared, envelope: Envelope, command: Command) -> Result<Receipt, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    scene.authority.reaches(&command.site)?;
    let site = site::find(tx, &scene.study, &command.site)?.ok_or(Refusal::NotFound)?;
    batch::find(tx, &scene.study, &command.batch)?.ok_or(Refusal::NotFound)?;
    let taken = batch::steps_of(tx, &scene.study, &command.batch)?;
    let is_released = decide::is_released_in(&taken, site.country);
    // What is promised to a shipment is not brought elsewhere past it.
    let promised = shipment::promised(tx, &scene.study)?;
    if let Some(kit) = command.kits.iter().find(|kit| promised.contains(&kit.number)) {
        return Err(Refusal::KitState(kit.number.to_string()).into());
    }
    let rows = kit::of_batch(tx, &scene.study, &command.batch)?;
    let kits = rows.iter().map(|kit| (kit.number, standing(kit))).collect();
    let arrived = decide::receive(is_released, &command.site, &kits, &command.kits)?;
    let act = Act::KitsReceived {
        batch: command.batch.clone(),
        received: numbers(&arrived, Arrival::Received),
        missing: numbers(&arrived, Arrival::Missing),
        damaged: numbers(&arrived, Arrival::Damaged),
    };
    let entry = scene.append(tx, Some(&command.site), act)?;
    let recalled = lot::Recalled::of(tx, &scene.study)?;
    for kit in &arrived {
        move_along(tx, scene, &command.site, entry, kit)?;
        // KIT-13: what is recalled goes no further when it arrives.
        if recalled.has(&command.batch, kit.number) && kit.arrival == Arrival::Received {
            post(tx, scene, entry, kit.number, quarantine(&Place::Site(command.site.clone())))?;
        }
    }
    Ok(entry.to_string())
}

fn standing(kit: &kit::Kit) -> Standing {
    Standing { state: kit.state, place: kit.place.clone() }
}

fn numbers(arrived: &[Arrived], arrival: Arrival) -> Vec<KitNumber> {
    let mut numbers: Vec<KitNumber> =
        arrived.iter().filter(|kit| kit.arrival == arrival).map(|kit| kit.number).collect();
    numbers.sort_unstable();
    numbers
}

fn move_along(
    tx: &mut Tx,
    scene: &Scene<'_>,
    site: &SiteId,
    entry: u64,
    arrived: &Arrived,
) -> Result<(), Failure> {
    for a_move in arrived.moves {
        let at_site = |a_move| Step::new(a_move, Place::Site(site.clone()));
        let step = match a_move {
            Move::Lose => Step::new(Move::Lose, Place::Store).because(MISSING_ON_RECEIPT),
            Move::Damage => at_site(Move::Damage).because(DAMAGED_ON_RECEIPT),
            a_move => at_site(*a_move),
        };
        post(tx, scene, entry, arrived.number, step)?;
    }
    Ok(())
}

/// The receipt is read back from its leaf, which nothing can change.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Receipt, Failure> {
    let entry = entry.parse().map_err(instrument)?;
    let leaf = leaf_at(tx, scene, entry)?;
    let (Act::KitsReceived { batch, received, missing: lost, damaged }, Some(site), Some(by)) =
        (leaf.act, leaf.site, leaf.actor)
    else {
        return Err(missing("receipt"));
    };
    Ok(Receipt { batch, site, received, missing: lost, damaged, at: leaf.saved, by })
}
