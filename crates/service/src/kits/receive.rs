//! Receiving the kits of a batch at a site (`POST /studies/{study}/batches/{batch}/receipts`).

use ledger::{KitState, Move, Movement, Place, ReasonCode};
use store::Tx;
use store::rows::{batch, kit};
use terms::{BatchId, KitNumber, Moment, SiteId, UserId};
use trial::Refusal;
use trial::act::Act;
use trial::decide::batch::{self as decide, Arrival, Arrived, Listed, Standing};

use super::{in_store, leaf_at};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;
use crate::shelf;

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
    let row = batch::find(tx, &scene.study, &command.batch)?.ok_or(Refusal::NotFound)?;
    let kits = kit::of_batch(tx, &scene.study, &command.batch)?.into_iter().map(standing).collect();
    let arrived = decide::receive(row.released.is_some(), &command.site, &kits, &command.kits)?;
    let act = Act::KitsReceived {
        batch: command.batch.clone(),
        received: numbers(&arrived, Arrival::Received),
        missing: numbers(&arrived, Arrival::Missing),
        damaged: numbers(&arrived, Arrival::Damaged),
    };
    let entry = scene.append(tx, Some(&command.site), act)?;
    for kit in &arrived {
        move_along(tx, scene, &command.site, entry, kit)?;
    }
    Ok(entry.to_string())
}

fn standing(kit: kit::Kit) -> (KitNumber, Standing) {
    let place = kit.site.map_or(Place::Store, Place::Site);
    (kit.number, Standing { state: kit.state, place })
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
    let mut from = KitState::Released;
    for a_move in arrived.moves {
        let moved = movement(scene, site, arrived.number, from, *a_move)?;
        kit::move_kit(tx, entry, &moved)?;
        from = moved.to;
    }
    Ok(())
}

fn movement(
    scene: &Scene<'_>,
    site: &SiteId,
    kit: KitNumber,
    from: KitState,
    a_move: Move,
) -> Result<Movement, Failure> {
    Ok(match a_move {
        Move::Lose => {
            Movement { reason: reason("missing-on-receipt")?, ..in_store(scene, kit, Some(from), a_move)? }
        }
        Move::Damage => Movement {
            reason: reason("damaged-on-receipt")?,
            ..shelf::movement(scene, site, kit, from, a_move)?
        },
        _ => shelf::movement(scene, site, kit, from, a_move)?,
    })
}

fn reason(code: &str) -> Result<Option<ReasonCode>, Failure> {
    Ok(Some(ReasonCode::parse(code).map_err(instrument)?))
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
