//! How many kits there are, by place: always over all kit types together.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;
use ledger::{KitState, Place};
use store::Conn;
use store::rows::tally::{self, Tally};
use store::rows::{movement, shipment};
use terms::{BatchId, Day, ShipmentId, SiteId, StudyId};
use trial::Action;

use super::read::{is_hidden_at, is_place_in_reach};
use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;
use crate::site::{day_in, zones};

/// Kits of a batch at a place that are in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The place that accounts for them.
    pub place: Place,
    /// Their batch.
    pub batch: BatchId,
    /// The label expiry.
    pub label_expiry: Day,
    /// Their state; none for the supply manager, who knows what is in them, once a site has them.
    pub state: Option<KitState>,
    /// How many there are, of all types together.
    pub kits: u32,
    /// The day there.
    pub today: Day,
}

/// How many kits at a place could be used: from the day before the first until today, with every day on which that
/// changed.
pub type OverTime = BTreeMap<Place, Vec<(Day, u32)>>;

/// All kits of the study, counted by place, batch and state, for a transaction that reads.
pub(crate) fn tallies(conn: &mut Conn, scene: &Scene<'_>) -> Result<Arc<Vec<(Place, Tally)>>, Failure> {
    let study = &scene.study;
    scene.service.tallies.read(conn, study, |_| true, |conn| Ok(tally::of_study(conn, study)?))
}

/// The kits within reach, counted by place, batch and state.
///
/// # Errors
/// The refusals of authorization.
pub fn stock(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Counted>, Failure> {
    case::read(service, caller, study, Action::ReadKits, |conn, scene| {
        let zones = zones(conn, study)?;
        let mut counts: BTreeMap<_, u32> = BTreeMap::new();
        for (place, kits) in tallies(conn, scene)?.iter() {
            if is_place_in_reach(scene, place) {
                let state = (!is_hidden_at(scene, place)).then_some(kits.state);
                let of = (place.clone(), kits.label_expiry, kits.batch.clone(), state);
                *counts.entry(of).or_default() += kits.kits;
            }
        }
        let counted = |((place, label_expiry, batch, state), kits)| {
            let today = day_in(zone_at(&zones, &place), scene.now);
            Counted { place, batch, label_expiry, state, kits, today }
        };
        Ok(counts.into_iter().map(counted).collect())
    })
}

/// How many kits could be used at every stock, depot and site within reach, day by day. The supply manager is told
/// nothing of a site: when a true lot is called back, the total falls by the kits of one type that were left there, and
/// so would tell what subjects had got before.
///
/// # Errors
/// The refusals of authorization.
pub fn over_time(service: &Shared, caller: &Caller, study: &StudyId) -> Result<OverTime, Failure> {
    case::read(service, caller, study, Action::ReadKits, |conn, scene| {
        let zones = zones(conn, study)?;
        let sent = shipment::all(conn, study)?.into_iter().map(|row| (row.id, row.from)).collect();
        // Of one moment the movements stand in any order: only at its end the count is what was there.
        let mut now: BTreeMap<Place, i64> = BTreeMap::new();
        let mut counts = OverTime::new();
        for (moved, kits) in movement::of_stock(conn, study)? {
            let (left, came) = passed(&moved, &sent);
            let kits = i64::from(kits);
            for (place, change) in left.map(|at| (at, -kits)).into_iter().chain(came.map(|at| (at, kits))) {
                let count = now.entry(place.clone()).or_default();
                *count += change;
                let usable = u32::try_from(*count).unwrap_or(0);
                note(&mut counts, scene, &zones, (place, usable), &moved);
            }
        }
        for (place, points) in &mut counts {
            bound(points, day_in(zone_at(&zones, place), scene.now));
        }
        Ok(counts)
    })
}

/// Lets the counts begin on the day before the first, on which there was nothing, and hold until today.
fn bound(points: &mut Vec<(Day, u32)>, today: Day) {
    let before = points.first().and_then(|(first, _)| first.pred_opt());
    points.splice(0..0, before.map(|day| (day, 0)));
    let last = points.last().copied().filter(|(last, _)| *last < today);
    points.extend(last.map(|(_, count)| (today, count)));
}

/// Notes a count on the day on which it came about; the last of a day holds.
fn note(
    counts: &mut OverTime,
    scene: &Scene<'_>,
    zones: &BTreeMap<SiteId, Tz>,
    (place, count): (Place, u32),
    moved: &movement::OfStock,
) {
    if !is_place_in_reach(scene, &place) || is_hidden_at(scene, &place) {
        return;
    }
    let day = day_in(zone_at(zones, &place), moved.happened);
    let points = counts.entry(place).or_default();
    points.pop_if(|(last, _)| *last == day);
    points.push((day, count));
}

/// Which stock kits left, and into which they came, by one movement.
pub(super) fn passed(
    moved: &movement::OfStock,
    sent: &BTreeMap<ShipmentId, Place>,
) -> (Option<Place>, Option<Place>) {
    let left = match (moved.from, &moved.place) {
        (Some(KitState::Available), place) => Some(place.clone()),
        // A shipment took it from where it was sent; a site that received a whole batch, from the sponsor's stock.
        (Some(KitState::Released), Place::Shipment(id)) => sent.get(id).cloned(),
        (Some(KitState::Released), Place::Site(_)) => Some(Place::Store),
        (Some(KitState::Released), place) => Some(place.clone()),
        _ => None,
    };
    let came = matches!(moved.to, KitState::Available | KitState::Released).then(|| moved.place.clone());
    (left, came)
}

/// The zone of a place: of a site its own; depots and the sponsor's stock go by UTC.
fn zone_at(zones: &BTreeMap<SiteId, Tz>, place: &Place) -> Tz {
    place.site().and_then(|site| zones.get(site)).copied().unwrap_or(Tz::UTC)
}
