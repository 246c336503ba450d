//! Releasing a batch in two steps, and receiving its kits at a site.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{KitState, Move, Place};
use terms::{Country, KitNumber, SiteId};

use crate::{Refusal, ReleaseStep};

/// A step that was taken towards the use of a batch in a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// The country.
    pub country: Country,
    /// The step.
    pub step: ReleaseStep,
}

/// Decides whether a step may be taken: each once for a country, in either order.
///
/// # Errors
/// [`Refusal::BatchState`].
pub fn take_step(taken: &[Taken], new: Taken) -> Result<(), Refusal> {
    match new.step {
        _ if !taken.contains(&new) => Ok(()),
        ReleaseStep::Certification => Err(Refusal::BatchState("certified for this country")),
        ReleaseStep::RegulatoryRelease => Err(Refusal::BatchState("released in this country")),
    }
}

/// Whether both steps were taken for the country (KIT-01): only then kits are shipped, received or used there.
pub fn is_released_in(taken: &[Taken], country: Country) -> bool {
    let has = |step| taken.contains(&Taken { country, step });
    has(ReleaseStep::Certification) && has(ReleaseStep::RegulatoryRelease)
}

/// Whether both steps were taken for any country.
pub fn is_released(taken: &[Taken]) -> bool {
    taken.iter().any(|taken_for| is_released_in(taken, taken_for.country))
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
/// [`Refusal::BatchState`] before the batch is released in the site's country; [`Refusal::Field`] for no kit at all,
/// a kit named twice, and a kit that is not of the batch or stands at another site; [`Refusal::KitState`] for one that
/// is recorded otherwise.
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
        Place::Depot(_) | Place::Shipment(_) => false,
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
