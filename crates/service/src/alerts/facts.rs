//! What alerts follow from: nothing is opened for it, and every number is a total over all kit types.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use chrono_tz::Tz;
use ledger::{KitState, Place, VisitDue, usable_through};
use store::Conn;
use store::rows::shipment::StepKind;
use store::rows::tally::Tally;
use store::rows::{depot, kit, kit_reconciliation, list, lot, movement, randomization, shipment, site};
use terms::{Day, Moment, StudyId};
use trial::alerts::{AlertPlace, Facts, ListFacts, OnItsWay, PlaceFacts, Stock};
use trial::study::StudyDesign;

use crate::failure::Failure;
use crate::shelf;
use crate::site::{day_in, zone_of};

/// What the facts of every place are read from.
struct Sources<'a> {
    study: &'a StudyId,
    design: &'a StudyDesign,
    now: Moment,
    kits: BTreeMap<Place, Vec<Tally>>,
    in_quarantine: BTreeMap<Place, Moment>,
    recalled: lot::Recalled,
    randomized: u32,
}

/// The facts as they are now, each day in the own zone of its site. Depots and the sponsor's stock have none: there UTC
/// counts, as for what is sent.
pub(super) fn load(
    conn: &mut Conn,
    study: &StudyId,
    design: &StudyDesign,
    now: Moment,
    tallies: &[(Place, Tally)],
) -> Result<Facts, Failure> {
    let mut kits: BTreeMap<Place, Vec<Tally>> = BTreeMap::new();
    for (place, tally) in tallies {
        kits.entry(place.clone()).or_default().push(tally.clone());
    }
    let mut in_quarantine: BTreeMap<Place, Moment> = BTreeMap::new();
    for (place, since) in movement::in_quarantine(conn, study)? {
        let first = in_quarantine.entry(place).or_insert(since);
        *first = since.min(*first);
    }
    let sources = Sources {
        study,
        design,
        now,
        kits,
        in_quarantine,
        recalled: lot::Recalled::of(conn, study)?,
        randomized: randomization::count(conn, study)?,
    };
    let mut to_come = shelf::still_to_come_at_sites(conn, study, design)?;
    let mut zones = BTreeMap::new();
    let (mut places, mut still_due) = (Vec::new(), 0);
    for site in site::all(conn, study)? {
        let zone = zone_of(&site)?;
        let (facts, due) = sources.site(&site, zone, &to_come.remove(&site.id).unwrap_or_default());
        places.push(facts);
        still_due = total([still_due, due]);
        zones.insert(AlertPlace::Site(site.id), zone);
    }
    places.extend(sources.depots(conn, still_due)?);
    places.push(sources.place(AlertPlace::Stock, &Place::Store, Tz::UTC, None));
    let on_their_way = sources.on_their_way(conn, &zones)?;
    Ok(Facts { places, on_their_way, list: sources.list(conn)? })
}

impl Sources<'_> {
    /// What is known of a site, and how many kits subjects in treatment there may still want.
    fn site(&self, site: &site::Site, zone: Tz, visits: &[VisitDue]) -> (PlaceFacts, u32) {
        let today = day_in(zone, self.now);
        let horizon = after(today, self.design.supply.lead_days);
        let due = total(visits.iter().filter(|visit| visit.day <= horizon).map(|visit| visit.kits));
        let all = total(visits.iter().map(|visit| visit.kits));
        let at = Place::Site(site.id.clone());
        let stock = (self.is_open(&at) || all > 0).then(|| Stock {
            usable: self.count(&at, |kits| self.is_on_shelf(kits, today)),
            due,
            to_come: total([all.saturating_sub(due), self.for_new_subjects()]),
        });
        (self.place(AlertPlace::Site(site.id.clone()), &at, zone, stock), all)
    }

    /// What is known of every depot: from when kits came there until it is closed, it serves what is to come.
    fn depots(&self, conn: &mut Conn, still_due: u32) -> Result<Vec<PlaceFacts>, Failure> {
        let used: BTreeSet<Place> =
            shipment::all(conn, self.study)?.into_iter().flat_map(|one| [one.from, one.to]).collect();
        let closed = self.closed(conn)?;
        let today = day_in(Tz::UTC, self.now);
        let supply = self.design.supply;
        let earliest = after(after(today, supply.lead_days), supply.do_not_ship_days);
        let is_usable = |kit: &kit::Kit| {
            let is_free = kit.state == KitState::Released && kit.label_expiry >= earliest;
            is_free && !self.recalled.has(&kit.batch, kit.number)
        };
        let mut depots = Vec::new();
        for depot in depot::all(conn, self.study)? {
            let at = Place::Depot(depot.id.clone());
            let to_come = total([still_due, self.for_new_subjects()]);
            let is_open = self.is_open(&at) || (used.contains(&at) && !closed.contains(&at));
            let promised = shipment::promised_at(conn, self.study, &at)?;
            let kits = kit::at(conn, self.study, &at)?.into_iter();
            let usable = kits.filter(is_usable).filter(|kit| !promised.contains(&kit.number)).count();
            let usable = u32::try_from(usable).unwrap_or(u32::MAX);
            let stock = is_open.then_some(Stock { usable, due: 0, to_come });
            depots.push(self.place(AlertPlace::Depot(depot.id), &at, Tz::UTC, stock));
        }
        Ok(depots)
    }

    /// The places that were closed by a reconciliation that two people signed.
    fn closed(&self, conn: &mut Conn) -> Result<BTreeSet<Place>, Failure> {
        let mut closed = BTreeSet::new();
        for signed in kit_reconciliation::all(conn, self.study)?.into_iter().filter(|signed| signed.closing) {
            if kit_reconciliation::confirmed(conn, self.study, &signed.id)?.is_some() {
                closed.insert(signed.place);
            }
        }
        Ok(closed)
    }

    fn place(&self, place: AlertPlace, at: &Place, zone: Tz, stock: Option<Stock>) -> PlaceFacts {
        let could_be_used = |kits: &&Tally| match kits.state {
            KitState::Available | KitState::Allocated | KitState::Released => true,
            KitState::Registered => *at == Place::Store,
            _ => false,
        };
        let batches = self.at(at).filter(could_be_used).filter(|kits| !self.recalled.has_all(kits));
        let batches: BTreeSet<_> = batches.map(|kits| (kits.batch.clone(), kits.label_expiry)).collect();
        PlaceFacts {
            place,
            today: day_in(zone, self.now),
            stock,
            batches: batches.into_iter().collect(),
            in_quarantine_since: self.in_quarantine.get(at).map(|since| day_in(zone, *since)),
        }
    }

    fn at(&self, place: &Place) -> impl Iterator<Item = &Tally> {
        self.kits.get(place).into_iter().flatten()
    }

    fn count(&self, place: &Place, of: impl Fn(&Tally) -> bool) -> u32 {
        total(self.at(place).filter(|kits| of(kits)).map(|kits| kits.kits))
    }

    /// Whether there are kits that are not finished with.
    fn is_open(&self, place: &Place) -> bool {
        self.at(place).any(|kits| !matches!(kits.state, KitState::Reconciled | KitState::Destroyed))
    }

    /// Whether a kit could be given to somebody new today.
    fn is_on_shelf(&self, kits: &Tally, today: Day) -> bool {
        let first = self.design.dispensing_at(&self.design.first_dispensing);
        let through = first.map_or(today, |dispensing| dispensing.last_dosing_day(today));
        kits.state == KitState::Available
            && usable_through(kits.label_expiry, through, self.design.supply.expiry_margin_days)
            && !self.recalled.has_all(kits)
    }

    /// Kits that subjects get when they are randomized, of all who are still wanted.
    fn for_new_subjects(&self) -> u32 {
        let first = self.design.dispensing_at(&self.design.first_dispensing);
        let wanted = self.design.allocation.target.saturating_sub(self.randomized);
        wanted.saturating_mul(first.map_or(0, |dispensing| dispensing.kits))
    }

    fn on_their_way(
        &self,
        conn: &mut Conn,
        zones: &BTreeMap<AlertPlace, Tz>,
    ) -> Result<Vec<OnItsWay>, Failure> {
        let steps = shipment::steps(conn, self.study)?.into_iter();
        let steps: BTreeMap<_, _> = steps.map(|step| ((step.shipment, step.kind), step.at)).collect();
        let step = |of: &shipment::Shipment, kind| steps.get(&(of.id.clone(), kind)).copied();
        let on_its_way = |row: shipment::Shipment| {
            let left = step(&row, StepKind::Dispatched)?;
            let to = match &row.to {
                Place::Site(site) => AlertPlace::Site(site.clone()),
                Place::Depot(depot) => AlertPlace::Depot(depot.clone()),
                Place::Store | Place::Shipment(_) => return None,
            };
            let zone = zones.get(&to).copied().unwrap_or(Tz::UTC);
            let (today, left) = (day_in(zone, self.now), day_in(zone, left));
            let is_received = step(&row, StepKind::Received).is_some();
            (!is_received).then_some(OnItsWay { shipment: row.id, to, today, left })
        };
        Ok(shipment::all(conn, self.study)?.into_iter().filter_map(on_its_way).collect())
    }

    /// The planned positions that are left, of the stratum that has the fewest.
    fn list(&self, conn: &mut Conn) -> Result<Option<ListFacts>, Failure> {
        let Some(active) = list::active(conn, self.study)? else { return Ok(None) };
        let allocation = &self.design.allocation;
        let most = randomization::most_given(conn, &active.id)?;
        Ok(Some(ListFacts {
            list: active.id,
            fewest_left: allocation.list_length.saturating_sub(most),
            to_randomize: allocation.cap.saturating_sub(self.randomized),
        }))
    }
}

fn total(counts: impl IntoIterator<Item = u32>) -> u32 {
    counts.into_iter().fold(0, u32::saturating_add)
}

/// That many days later; the last day of the calendar when there is none.
fn after(day: Day, days: u32) -> Day {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(Day::MAX)
}
