//! What a shipment would tell: the visits to come are played a little ahead with it, and the observer is asked.

use std::collections::{BTreeMap, BTreeSet};

use draw::{Key, Words};
use observer::{
    Contradiction, Deduction, Event, HandedOut, NotServed, Observation, Received, SeenKit, World, deduce,
};
use terms::{Arm, Day, KitNumber, Sealed, SiteId, SubjectId, VisitId};

use super::{Usable, Watched, later, opened_early};
use crate::decide::supply::{Need, Shelf, ShelfKit, allocate};
use crate::study::{AfterUnblinding, SealedDesign, StudyDesign};

/// How often the visits to come are played ahead. Each time another world that agrees with everything seen is taken
/// for the true one, so the answer does not depend on what is true.
const ROUNDS: u32 = 3;

/// What the observer says to a shipment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Pairs of subjects that the supply proves already, without any code break.
    pub before: usize,
    /// Pairs that it would prove besides, once the visits up to the horizon are served, in all rounds together.
    pub besides: usize,
}

/// Judges a shipment of these kits, which leaves today, to a site that was watched. The same arguments give the same
/// answer.
///
/// # Errors
/// [`Contradiction`] when no world agrees with what was seen, so that nothing can be said.
pub fn judge(
    design: &StudyDesign,
    sealed: &SealedDesign,
    watched: &Watched,
    (site, today): (&SiteId, Day),
    shipment: &[KitNumber],
) -> Result<Judged, Contradiction> {
    let before = deduce(&watched.observation)?;
    let known = proved(&before);
    let mut besides = 0;
    for (round, world) in (0..ROUNDS).zip(before.worlds.iter().cycle()) {
        let day = today.to_string();
        let info = ["iwrs-ahead-1", design.id.as_str(), site.as_str(), &day, &round.to_string()];
        let key = Key::derive(&[0; 32], &info);
        let mut ahead = Ahead { design, sealed, key, today, world, serves: world.kits.clone() };
        let found = deduce(&ahead.play(watched, shipment))?;
        besides += proved(&found).difference(&known).count();
    }
    Ok(Judged { before: known.len(), besides })
}

fn proved(found: &Deduction) -> BTreeSet<(SubjectId, SubjectId)> {
    let proved = found.pairs.iter().filter(|pair| pair.proved_by_supply());
    proved.map(|pair| (pair.one.clone(), pair.other.clone())).collect()
}

struct Ahead<'a> {
    design: &'a StudyDesign,
    sealed: &'a SealedDesign,
    key: Key,
    today: Day,
    world: &'a World,
    /// The arm that every kit serves in this round.
    serves: BTreeMap<KitNumber, Arm>,
}

impl Ahead<'_> {
    /// The shipment arrives whole, and everybody who is due kits up to the horizon comes for them.
    fn play(&mut self, watched: &Watched, shipment: &[KitNumber]) -> Observation {
        let mut seen = watched.observation.clone();
        let mut kits = watched.kits.clone();
        let mut words = self.key.words(0);
        self.guess(shipment, &mut words);
        seen.events.extend(self.arrival(watched, shipment));
        kits.come(shipment);
        kits.arrive(shipment);
        for (day, subject, visit) in self.coming(watched) {
            let Some(planned) = self.design.dispensing_at(visit) else { continue };
            let through = planned.last_dosing_day(day);
            let usable = kits.usable(self.design, through);
            let need =
                Need { study: &self.design.id, subject, visit, attempt: 1, through, count: planned.kits };
            let given = self.give(&usable, &need);
            kits.leave(&given);
            seen.events.extend(self.seen(&usable, &need, given));
        }
        seen
    }

    /// Nobody blinded knows which kit of a shipment is which: as many of every type, by chance.
    fn guess(&mut self, shipment: &[KitNumber], words: &mut Words) {
        let arms = self.design.arms.len().max(1);
        let mut kits = shipment.to_vec();
        words.shuffle(&mut kits);
        for (place, kit) in kits.into_iter().enumerate() {
            if let Ok(arm) = u8::try_from(place % arms) {
                self.serves.insert(kit, Arm::new(arm));
            }
        }
    }

    fn arrival(&self, watched: &Watched, shipment: &[KitNumber]) -> Option<Event> {
        let seen = |kit: &KitNumber| SeenKit { number: *kit, label_expiry: watched.kits.label_expiry(*kit) };
        let each = shipment.len().checked_div(self.design.arms.len())?;
        let of_every_type = u32::try_from(each).ok();
        let kits: Vec<SeenKit> = shipment.iter().map(seen).collect();
        (!kits.is_empty()).then_some(Event::Received(Received { kits, of_every_type, like: None }))
    }

    /// Who comes, on which day and for which visit, in the order of the days.
    fn coming<'w>(&'w self, watched: &'w Watched) -> Vec<(Day, &'w SubjectId, &'w VisitId)> {
        let supply = &self.design.supply;
        let (arrives, end) = (later(self.today, supply.lead_days), later(self.today, supply.horizon_days));
        let mut coming = Vec::new();
        let stops = self.design.schedule.after_unblinding == AfterUnblinding::StopsTreatment;
        let coming_back = watched.in_treatment.iter().filter(|(_, treated)| !(stops && treated.is_broken));
        for (subject, treated) in coming_back {
            for (visit, due) in treated.due(self.design) {
                if due.day <= end {
                    coming.push((due.day.max(arrives), subject, &visit.id));
                }
            }
        }
        coming.sort();
        coming
    }

    fn give(&self, usable: &[Usable], need: &Need<'_>) -> Vec<KitNumber> {
        let shelf_kit = |kit: &Usable| {
            let kit_type = self.sealed.kit_type_of(*self.serves.get(&kit.number)?)?;
            let (number, batch, label_expiry) = (kit.number, kit.batch.clone(), kit.label_expiry);
            Some(ShelfKit { number, batch, label_expiry, kit_type: Sealed::new(kit_type) })
        };
        let kits = usable.iter().filter_map(shelf_kit).collect();
        let shelf = Shelf { kits, pick_seed: Sealed::new(self.key.bytes()) };
        let Some(arm) = self.world.subjects.get(need.subject) else { return Vec::new() };
        let given = allocate(self.design, self.sealed, &shelf, need, &Sealed::new(*arm));
        given.map(|allocation| allocation.kits).unwrap_or_default()
    }

    fn seen(&self, usable: &[Usable], need: &Need<'_>, kits: Vec<KitNumber>) -> Vec<Event> {
        let (subject, wanted) = (need.subject.clone(), need.count);
        let shelf = usable.iter().map(|kit| kit.number).collect();
        if kits.is_empty() {
            return vec![Event::NotServed(NotServed { subject, shelf, wanted })];
        }
        let mut events = Vec::from_iter(opened_early(self.design, usable, &kits, wanted));
        events.push(Event::HandedOut(HandedOut { subject, shelf, kits }));
        events
    }
}
