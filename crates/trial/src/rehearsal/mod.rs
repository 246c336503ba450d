//! A whole trial of one site in advance: subjects come, visits are kept, kits are ordered, arrive and run out; and what
//! a blinded observer sees of it.
//!
//! Everything is decided by the code that decides in life: the list by the allocator, kit numbers and resupply by the
//! ledger, allowing and picking by [`crate::decide::supply`]. Chance comes from one seed, so a rehearsal can be
//! repeated. The forbidden policies are here to show that the observer finds what they tell.

mod chance;
mod stock;
mod subjects;

use allocator::{AllocationList, derive};
use chrono::{Datelike, Days};
use draw::Key;
use ledger::{Outlook, ResupplyPlan, ResupplyRules, resupply};
use observer::{
    CodeBroken, Event, Format, HandedOut, NotServed, Observation, PickRule, Randomized, StockSeen, World,
};
use terms::{Arm, Day, KitNumber, Position, Sealed, Stratum, VisitId};

use crate::decide::supply::{Need, Shelf, allocate, every_arm_can_be_served};
use crate::study::{Dispensing, SealedDesign, StudyDesign, Visit};
use chance::Chance;
use stock::Stock;
use subjects::{Enrolled, Visiting};

/// How kits are sent and picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SupplyPolicy {
    /// As shipped: whole groups of every type, uniform picks.
    Shipped,
    /// The same, but a group is one kit of every type.
    OneOfEach,
    /// Each kit handed out is replaced by one of its type.
    SingleKits,
    /// As shipped, but the lowest number of the type is picked.
    LowestNumberFirst,
    /// As shipped, but the kit of the type that expires first is picked.
    EarliestExpiryFirst,
}

/// What befalls the trial. Days are whole days, shares are in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// The days over which subjects come, evenly by chance, from 1.
    pub enrolment_days: u32,
    /// From the arrival of a batch to its label expiry.
    pub shelf_life_days: u32,
    /// A shipment is up to this many days late.
    pub delay_days: u32,
    /// This share of the kits is lost, damaged or rejected on arrival, 0 to 100.
    pub loss_percent: u32,
}

impl Conditions {
    /// Those of IMODALS: ten weeks, nothing late and nothing lost.
    pub const IMODALS: Self =
        Self { enrolment_days: 70, shelf_life_days: 120, delay_days: 0, loss_percent: 0 };
}

/// What came of a rehearsal.
pub struct Rehearsed {
    /// What a blinded observer saw who knows the method and the block sizes.
    pub seen: Observation,
    /// How it was.
    pub truth: World,
    /// Days on which a subject in treatment found no usable kit of the own type.
    pub not_served: u32,
    /// Randomizations that were refused for supply; each was tried again on the next day.
    pub refused: u32,
    /// Boxes that were sent: groups, or single kits.
    pub boxes: u32,
    /// The largest number of kits received of any one type.
    pub kits_per_type: u32,
}

/// The seed of a numbered run, so that anyone can repeat it.
pub fn seed_of(run: u32) -> [u8; 32] {
    Key::derive(&[0; 32], &["iwrs-rehearsal-1", "run", &run.to_string()]).bytes()
}

impl Rehearsed {
    /// What is seen when the codes of so many subjects are broken in the end; who they are is drawn from the seed.
    pub fn with_breaks(&self, count: usize, seed: &[u8; 32]) -> Observation {
        let mut subjects: Vec<_> = self.truth.subjects.iter().collect();
        Key::derive(seed, &["iwrs-rehearsal-1", "breaks"]).words(0).shuffle(&mut subjects);
        let mut seen = self.seen.clone();
        let broken = subjects.into_iter().take(count);
        let broken = broken.map(|(subject, arm)| CodeBroken { subject: subject.clone(), arm: arm.index() });
        seen.events.extend(broken.map(Event::CodeBroken));
        seen
    }
}

/// Rehearses the trial of a design under a policy; the same seed gives the same trial.
pub fn rehearse(
    design: &StudyDesign,
    sealed: &SealedDesign,
    policy: SupplyPolicy,
    conditions: &Conditions,
    seed: &[u8; 32],
) -> Rehearsed {
    let mut rehearsal = Rehearsal::new(design, sealed, policy, conditions, seed);
    while !rehearsal.is_over() {
        rehearsal.day();
        rehearsal.today = later(rehearsal.today, 1);
    }
    rehearsal.result()
}

struct Rehearsal<'d> {
    design: &'d StudyDesign,
    sealed: &'d SealedDesign,
    policy: SupplyPolicy,
    rules: ResupplyRules,
    list: AllocationList,
    pick_seed: [u8; 32],
    chance: Chance,
    enrolled: Enrolled<'d>,
    stock: Stock<'d>,
    today: Day,
    last_day: Day,
    events: Vec<Event>,
    not_served: u32,
    refused: u32,
}

/// The Monday before the first subject of IMODALS could come; any day would do.
fn opening() -> Day {
    Day::from_ymd_opt(2015, 10, 5).unwrap_or_default()
}

/// How long a subject is in the trial, in days from day 1.
fn longest(design: &StudyDesign) -> u32 {
    let last = design.visits.iter().map(Visit::latest_offset).max();
    last.and_then(|offset| u32::try_from(offset).ok()).unwrap_or(0)
}

fn later(day: Day, days: u32) -> Day {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(Day::MAX)
}

impl<'d> Rehearsal<'d> {
    fn new(
        design: &'d StudyDesign,
        sealed: &'d SealedDesign,
        policy: SupplyPolicy,
        conditions: &Conditions,
        seed: &[u8; 32],
    ) -> Self {
        let own = |purpose: &str| Key::derive(seed, &["iwrs-rehearsal-1", purpose]).bytes();
        let mut chance = Chance::new(&own("chance"));
        // Kits are ordered before subjects come, and have a week more than they need.
        let lead = design.supply.lead_days + conditions.delay_days + 7;
        let first_subject = later(opening(), lead);
        let enrolled = Enrolled::new(design, first_subject, conditions.enrolment_days, &mut chance);
        let mut rules = design.resupply_rules();
        if policy == SupplyPolicy::OneOfEach {
            rules.group_size = 1;
        }
        Self {
            design,
            sealed,
            policy,
            rules,
            list: derive(&own("list"), design.id.as_str(), "rehearsal", sealed.block_design()),
            pick_seed: own("pick"),
            chance,
            enrolled,
            stock: Stock::new(design, sealed, *conditions, own("kits")),
            today: opening(),
            // A trial that stands still, because nothing arrives any more, ends here.
            last_day: later(first_subject, conditions.enrolment_days + longest(design) + 180),
            events: Vec::new(),
            not_served: 0,
            refused: 0,
        }
    }

    fn is_over(&self) -> bool {
        self.enrolled.is_complete() || self.today > self.last_day
    }

    fn day(&mut self) {
        let arrived = self.stock.arrive(self.today, &mut self.chance);
        self.events.extend(arrived.into_iter().map(Event::Received));
        if self.today.weekday() == self.design.supply.order_weekday {
            self.order();
        }
        for visiting in self.enrolled.visiting(self.today) {
            self.visit(&visiting);
        }
        for newcomer in self.enrolled.waiting(self.today) {
            self.randomize(newcomer);
        }
    }

    fn order(&mut self) {
        // Single kits are replaced one by one; only the first stock comes in groups.
        if self.policy == SupplyPolicy::SingleKits && self.stock.boxes() > 0 {
            return;
        }
        // Each group is a box of its own, and the observer sees which kits lay in one box.
        for _ in 0..self.plan().groups {
            self.stock.send_group(self.today, self.rules.group_size, &mut self.chance);
        }
    }

    fn plan(&self) -> ResupplyPlan {
        let outlook = Outlook {
            order_day: self.today,
            stock: self.stock.for_plan(self.today),
            due: self.enrolled.due_for_plan(self.today),
            to_randomize: self.enrolled.to_randomize(),
        };
        resupply(&self.rules, &outlook)
    }

    /// A subject in treatment comes, today or again because there was no kit.
    fn visit(&mut self, visiting: &Visiting<'d>) {
        let Visiting { place, visit, dispensing } = visiting;
        let through = dispensing.last_dosing_day(self.today);
        if self.give(*place, visit, dispensing, through) {
            return;
        }
        let (shelf, wanted) = (self.stock.usable(through), dispensing.kits);
        let Some(subject) = self.enrolled.subject(*place) else { return };
        self.events.push(Event::NotServed(NotServed { subject: subject.clone(), shelf, wanted }));
        self.not_served += 1;
    }

    fn randomize(&mut self, newcomer: usize) {
        let Some((visit, dispensing)) = self.design.dispensing_visits().next() else { return };
        let through = dispensing.last_dosing_day(self.today);
        let shelf = self.shelf();
        let due = self.enrolled.due_now(self.today);
        let sealed_due: Vec<_> = due.iter().map(|(_, arm, kits)| (Sealed::new(*arm), *kits)).collect();
        let count = dispensing.kits;
        let served = every_arm_can_be_served(self.design, self.sealed, &shelf, &sealed_due, through, count);
        let due = due.into_iter().map(|(subject, _, kits)| observer::Due { subject, kits }).collect();
        self.events.push(Event::StockSeen(StockSeen {
            kits: self.stock.usable(through),
            due,
            wanted: count,
            enough_of_every_type: served.is_ok(),
        }));
        let (stratum, position) = self.enrolled.next_position(newcomer);
        let arm = self.list.entry(Stratum::new(stratum), Position::new(position)).map(|entry| entry.arm);
        let (Ok(()), Some(arm)) = (served, arm) else {
            self.refused += 1;
            return;
        };
        let Some(subject) = self.enrolled.randomize(newcomer, arm, self.today, &mut self.chance) else {
            return;
        };
        self.events.push(Event::Randomized(Randomized { subject, stratum }));
        assert!(self.give(newcomer, &visit.id, dispensing, through), "a kit was there for every arm");
    }

    fn shelf(&self) -> Shelf {
        Shelf { kits: self.stock.shelf(), pick_seed: Sealed::new(self.pick_seed) }
    }

    /// Gives a subject the kits of a visit, if they are there.
    fn give(&mut self, place: usize, visit: &VisitId, dispensing: &Dispensing, through: Day) -> bool {
        let known = self.enrolled.subject(place).cloned().zip(self.enrolled.arm(place));
        let Some((subject, arm)) = known else { return false };
        let usable = self.stock.usable(through);
        let count = usize::try_from(dispensing.kits).unwrap_or(usize::MAX);
        let picked = match self.policy {
            SupplyPolicy::LowestNumberFirst => self.stock.lowest(&usable, arm, count),
            SupplyPolicy::EarliestExpiryFirst => self.stock.earliest(&usable, arm, count),
            _ => {
                let study = &self.design.id;
                let need =
                    Need { study, subject: &subject, visit, attempt: 1, through, count: dispensing.kits };
                let given = allocate(self.design, self.sealed, &self.shelf(), &need, &Sealed::new(arm));
                given.map(|allocation| allocation.kits).ok()
            }
        };
        let Some(kits) = picked else { return false };
        self.tier_opened(&usable, &kits, dispensing.kits);
        self.stock.take(&kits);
        if self.policy == SupplyPolicy::SingleKits {
            kits.iter().for_each(|kit| self.stock.send_one(self.today, *kit, &mut self.chance));
        }
        self.enrolled.served(place, self.today, &mut self.chance);
        self.events.push(Event::HandedOut(HandedOut { subject, shelf: usable, kits }));
        true
    }

    /// A kit of a later batch than the total opens tells that the batches before it did not hold every type.
    fn tier_opened(&mut self, usable: &[KitNumber], kits: &[KitNumber], wanted: u32) {
        if self.seen_rule() != PickRule::Uniform {
            return;
        }
        if let Some(before) = self.stock.tier_before(usable, kits) {
            let enough_of_every_type = false;
            let seen = StockSeen { kits: before, due: Vec::new(), wanted, enough_of_every_type };
            self.events.push(Event::StockSeen(seen));
        }
    }

    fn seen_rule(&self) -> PickRule {
        match self.policy {
            SupplyPolicy::LowestNumberFirst => PickRule::LowestNumberFirst,
            SupplyPolicy::EarliestExpiryFirst => PickRule::EarliestExpiryFirst,
            _ => PickRule::Uniform,
        }
    }

    fn result(self) -> Rehearsed {
        let arms = |place| self.sealed.arm_of(place).unwrap_or(Arm::new(u8::MAX));
        let truth = World { subjects: self.enrolled.arms(), kits: self.stock.served_arms(arms) };
        let seen = Observation {
            format: Format::First,
            ratio: self.design.arms.iter().map(|arm| arm.ratio).collect(),
            block_sizes: Some(self.sealed.block_design().sizes().to_vec()),
            pick: self.seen_rule(),
            events: self.events,
        };
        Rehearsed {
            seen,
            truth,
            not_served: self.not_served,
            refused: self.refused,
            boxes: self.stock.boxes(),
            kits_per_type: self.stock.kits_per_type(),
        }
    }
}

#[cfg(test)]
mod tests;
