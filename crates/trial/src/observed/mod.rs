//! What a blinded reader has seen of a study so far, out of its journal: the observation that the complete observer
//! judges (BLD-10). Only public fields of leaves are read, so the result is the same whatever stands behind the
//! commitments.

mod ahead;
mod lots;
mod shelf;
#[cfg(test)]
mod tests;
mod tier;

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use chrono_tz::Tz;
use journal::{Entry, Export};
use ledger::VisitDue;
use observer::{
    Due, Event, Format, HandedOut, Observation, PickRule, Randomized, Received, SeenKit, StockSeen,
};
use terms::{Day, KitNumber, SiteId, SubjectId, VisitId};

use crate::Stops;
use crate::act::{Act, Leaf};
use crate::study::{StudyDesign, Visit};
pub use ahead::{Judged, judge};
use lots::Lots;
pub use lots::{LotRecall, Pairs, Told};
use shelf::Kits;
pub(crate) use tier::{Usable, tier_before};

/// What was seen of a study at one site, and how things stand there now.
///
/// Seen are the randomizations of the whole study, in the order of the lists, and at the site every kit that came, the
/// shelf at every randomization and every allocation, and every kit that was allocated. Not in it, because no leaf says
/// so: randomizations that were refused for supply, and visits that were not served. Code breaks are left out: what is
/// asked is what the supply tells by itself.
pub struct Watched {
    /// For the observer.
    pub observation: Observation,
    /// What was told by the recalls of true lots, in order. It stands among the events, too.
    pub lot_recalls: Vec<LotRecall>,
    kits: Kits,
    in_treatment: BTreeMap<SubjectId, Treated>,
}

/// A subject of the site in treatment.
struct Treated {
    day_one: Day,
    /// Whether the first kits were dispensed: then that day is day 1.
    begun: bool,
    allocated: BTreeSet<VisitId>,
    /// Whether the code was broken, which may end the treatment.
    is_broken: bool,
}

/// Reads what was seen at a site out of the leaves of a study, in order. `block_sizes` are those that the observer is
/// taken to know.
pub fn watch(design: &StudyDesign, block_sizes: Option<&[u32]>, leaves: &[Leaf], site: &SiteId) -> Watched {
    let mut watch = Watch {
        design,
        site,
        zone: Tz::UTC,
        events: Vec::new(),
        kits: Kits::default(),
        lots: Lots::default(),
        in_treatment: BTreeMap::new(),
        today: Day::MIN,
    };
    for (place, leaf) in leaves.iter().enumerate() {
        watch.leaf(leaf);
        watch.lot(leaves.get(..=place).unwrap_or_default(), leaves.get(place + 1));
    }
    let observation = Observation {
        format: Format::First,
        ratio: design.arms.iter().map(|arm| arm.ratio).collect(),
        block_sizes: block_sizes.map(<[u32]>::to_vec),
        pick: PickRule::Uniform,
        events: watch.events,
    };
    let (lot_recalls, kits, in_treatment) = (watch.lots.recalls, watch.kits, watch.in_treatment);
    Watched { observation, lot_recalls, kits, in_treatment }
}

/// The leaves of an export, and the sites that they tell of; none when the view shows some leaves only as hashes, or a
/// leaf is no record of this version.
pub fn leaves(export: &Export) -> Option<(Vec<Leaf>, BTreeSet<SiteId>)> {
    let leaf = |entry: &Entry| match entry {
        Entry::Leaf(text) => serde_json::from_str(text).ok(),
        Entry::Hash(_) => None,
    };
    let leaves: Vec<Leaf> = export.entries.iter().map(leaf).collect::<Option<_>>()?;
    let added = leaves.iter().filter(|leaf| matches!(leaf.act, Act::SiteAdded { .. }));
    let sites = added.filter_map(|leaf| leaf.site.clone()).collect();
    Some((leaves, sites))
}

struct Watch<'d> {
    design: &'d StudyDesign,
    site: &'d SiteId,
    zone: Tz,
    events: Vec<Event>,
    kits: Kits,
    lots: Lots,
    in_treatment: BTreeMap<SubjectId, Treated>,
    today: Day,
}

impl Watch<'_> {
    fn leaf(&mut self, leaf: &Leaf) {
        let is_here = leaf.site.as_ref() == Some(self.site);
        if let (Act::SiteAdded { time_zone, .. }, true) = (&leaf.act, is_here) {
            self.zone = time_zone.parse().unwrap_or(Tz::UTC);
        }
        self.today = leaf.happened.unwrap_or(leaf.saved).utc().with_timezone(&self.zone).date_naive();
        self.of_the_study(&leaf.act, is_here);
        if is_here {
            self.at_the_site(&leaf.act);
        }
    }

    /// What is seen wherever it happens.
    fn of_the_study(&mut self, act: &Act, is_here: bool) {
        self.kits.learn(act);
        if let Act::Randomized { subject, stratum, .. } = act {
            if is_here {
                self.stock_seen();
                let treated = Treated {
                    day_one: self.today,
                    begun: false,
                    allocated: BTreeSet::new(),
                    is_broken: false,
                };
                self.in_treatment.insert(subject.clone(), treated);
            }
            self.events.push(Event::Randomized(Randomized { subject: subject.clone(), stratum: *stratum }));
        }
    }

    fn at_the_site(&mut self, act: &Act) {
        match act {
            Act::ShipmentReceived { received, missing, damaged, excursion, .. } => {
                let came = [received.as_slice(), missing, damaged].concat();
                let of_every_type = self.of_every_type(came.len());
                self.came(&came, of_every_type);
                self.kits.arrive(if *excursion { &[] } else { received });
            }
            Act::KitsReceived { received, damaged, .. } => {
                self.came(&[received.as_slice(), damaged].concat(), None);
                self.kits.arrive(received);
            }
            Act::KitsAllocated { subject, visit, through, kits, .. } => {
                self.handed_out(subject, kits, *through);
                if let Some(treated) = self.in_treatment.get_mut(subject) {
                    treated.allocated.insert(visit.clone());
                }
            }
            Act::Dispensed { subject, .. } => {
                let today = self.today;
                if let Some(treated) = self.in_treatment.get_mut(subject).filter(|treated| !treated.begun) {
                    (treated.day_one, treated.begun) = (today, true);
                }
            }
            Act::Unblinded { subject, .. } => {
                if let Some(treated) = self.in_treatment.get_mut(subject) {
                    treated.is_broken = true;
                }
            }
            Act::SubjectStopped { subject, stops: Stops::Drug | Stops::Study, .. } => {
                self.in_treatment.remove(subject);
            }
            _ => {}
        }
    }

    /// A shipment holds as many kits of every type.
    fn of_every_type(&self, kits: usize) -> Option<u32> {
        let arms = self.design.arms.len();
        u32::try_from(kits.checked_div(arms)?).ok().filter(|_| kits.is_multiple_of(arms))
    }

    fn came(&mut self, kits: &[KitNumber], of_every_type: Option<u32>) {
        let new = kits.iter().filter(|kit| self.kits.is_new(**kit));
        let seen = |kit: &KitNumber| SeenKit { number: *kit, label_expiry: self.kits.label_expiry(*kit) };
        let kits: Vec<SeenKit> = new.map(seen).collect();
        let numbers: Vec<KitNumber> = kits.iter().map(|kit| kit.number).collect();
        self.kits.come(&numbers);
        if !kits.is_empty() {
            self.events.push(Event::Received(Received { kits, of_every_type, like: None }));
        }
        self.came_after_a_recall(&numbers);
    }

    /// A randomization was allowed: the shelf held enough of every type, over what is due.
    fn stock_seen(&mut self) {
        let Some(first) = self.design.dispensing_at(&self.design.first_dispensing) else { return };
        let usable = self.kits.usable(self.design, first.last_dosing_day(self.today));
        let end = later(self.today, self.design.supply.lead_days);
        let due = self.in_treatment.iter().filter_map(|(subject, treated)| {
            let near = treated.due(self.design).into_iter().filter(|(_, due)| due.day <= end);
            let kits = near.map(|(_, due)| due.kits).sum();
            (kits > 0).then(|| Due { subject: subject.clone(), kits })
        });
        self.events.push(Event::StockSeen(StockSeen {
            kits: usable.iter().map(|kit| kit.number).collect(),
            due: due.collect(),
            wanted: first.kits,
            enough_of_every_type: true,
        }));
    }

    fn handed_out(&mut self, subject: &SubjectId, kits: &[KitNumber], through: Day) {
        let usable = self.kits.usable(self.design, through);
        let wanted = u32::try_from(kits.len()).unwrap_or(u32::MAX);
        self.events.extend(opened_early(self.design, &usable, kits, wanted));
        let shelf = usable.iter().map(|kit| kit.number).collect();
        self.kits.leave(kits);
        self.events.push(Event::HandedOut(HandedOut {
            subject: subject.clone(),
            shelf,
            kits: kits.to_vec(),
        }));
    }
}

impl Treated {
    /// The visits that still need kits: those after the last one that has some.
    fn due<'d>(&self, design: &'d StudyDesign) -> Vec<(&'d Visit, VisitDue)> {
        design.visits_due(|visit| self.allocated.contains(visit), self.day_one)
    }
}

/// A kit of a later batch than the total alone opens tells that the batches before it did not hold every type.
fn opened_early(design: &StudyDesign, usable: &[Usable], kits: &[KitNumber], wanted: u32) -> Option<Event> {
    let kits = tier_before(design, usable, kits)?;
    Some(Event::StockSeen(StockSeen { kits, due: Vec::new(), wanted, enough_of_every_type: false }))
}

fn later(day: Day, days: u32) -> Day {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(Day::MAX)
}
