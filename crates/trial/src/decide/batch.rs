//! Releasing a batch, and receiving its kits at a site.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{KitState, Move, Place};
use terms::{KitNumber, SiteId};

use crate::Refusal;

/// Decides whether a batch may be released: it happens once.
///
/// # Errors
/// [`Refusal::BatchState`].
pub fn release(is_released: bool) -> Result<(), Refusal> {
    if is_released { Err(Refusal::BatchState("released")) } else { Ok(()) }
}

/// How a kit came out of its box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is there, and in good order.
    Received,
    /// It is not there.
    Missing,
    /// It is there, and damaged.
    Damaged,
}

/// A kit that a receipt names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where the request names it, for example `received[3]`.
    pub path: String,
    /// Its number.
    pub number: KitNumber,
    /// How it came.
    pub arrival: Arrival,
}

/// A kit of the batch as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: KitState,
    /// The place that accounts for it.
    pub place: Place,
}

/// A kit whose arrival is new, with its moves in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The kit.
    pub number: KitNumber,
    /// How it came.
    pub arrival: Arrival,
    /// What happens to it. What is damaged was received first, so the site accounts for it; what is missing never
    /// left the sponsor's account.
    pub moves: &'static [Move],
}

/// Decides a receipt at a site: all of it or nothing. Kits whose arrival was recorded before in the same way are left
/// out, so two receipts of one kit are one.
///
/// # Errors
/// [`Refusal::BatchState`] before the batch is released; [`Refusal::Field`] for no kit at all, a kit named twice, and
/// a kit that is not of the batch or stands at another site; [`Refusal::KitState`] for one that is recorded
/// otherwise.
pub fn receive(
    is_released: bool,
    site: &SiteId,
    kits: &BTreeMap<KitNumber, Standing>,
    listed: &[Listed],
) -> Result<Vec<Arrived>, Refusal> {
    if !is_released {
        return Err(Refusal::BatchState("not released"));
    }
    if listed.is_empty() {
        return Err(Refusal::field("received", "is empty, and so are the other lists"));
    }
    let mut named = BTreeSet::new();
    let mut arrived = Vec::new();
    for one in listed {
        if !named.insert(one.number) {
            return Err(Refusal::field(&one.path, "names a kit twice"));
        }
        let foreign = || Refusal::field(&one.path, "is no kit of this batch that can arrive at this site");
        let standing = kits.get(&one.number).ok_or_else(foreign)?;
        if !is_store_or(site, &standing.place) {
            return Err(foreign());
        }
        if is_new(one, standing)? {
            arrived.push(Arrived { number: one.number, arrival: one.arrival, moves: moves(one.arrival) });
        }
    }
    Ok(arrived)
}

fn is_store_or(site: &SiteId, place: &Place) -> bool {
    match place {
        Place::Store => true,
        Place::Site(at) => at == site,
    }
}

/// Whether the arrival is not yet recorded.
fn is_new(listed: &Listed, standing: &Standing) -> Result<bool, Refusal> {
    let at_site = matches!(standing.place, Place::Site(_));
    match (standing.state, listed.arrival) {
        (KitState::Released, _) => Ok(true),
        (KitState::Lost, Arrival::Missing) if !at_site => Ok(false),
        (KitState::Damaged, Arrival::Damaged) if at_site => Ok(false),
        (KitState::Lost | KitState::Damaged, _) => Err(Refusal::KitState(listed.number.to_string())),
        (_, Arrival::Received) if at_site => Ok(false),
        _ => Err(Refusal::KitState(listed.number.to_string())),
    }
}

const fn moves(arrival: Arrival) -> &'static [Move] {
    match arrival {
        Arrival::Received => &[Move::Receive],
        Arrival::Missing => &[Move::Lose],
        Arrival::Damaged => &[Move::Receive, Move::Damage],
    }
}

#[cfg(test)]
mod tests;
