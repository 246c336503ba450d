//! Whether a world agrees with everything that was seen. It goes through the events as they are written and shares
//! nothing with the search, so a mistake in the one does not hide in the other.

use std::collections::BTreeMap;
use std::fmt;

use terms::{Arm, Day, KitNumber, SubjectId};

use crate::blocks::can_be_cut;
use crate::{Event, HandedOut, Observation, PickRule, Received, StockSeen, ToldApart, World};

/// The event with which a world does not agree, from 0; none for the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconsistency(pub Option<usize>);

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(event) => write!(f, "the world does not agree with event {event}"),
            None => f.write_str("the world does not agree with the blocks"),
        }
    }
}

impl std::error::Error for Inconsistency {}

/// Checks that a world agrees with an observation without problems.
///
/// # Errors
/// [`Inconsistency`] names the first event that contradicts the world.
pub fn check(seen: &Observation, world: &World) -> Result<(), Inconsistency> {
    let mut checking = Checking { seen, world, expiries: BTreeMap::new() };
    for (place, event) in seen.events.iter().enumerate() {
        if !checking.agrees(event) {
            return Err(Inconsistency(Some(place)));
        }
    }
    if checking.blocks_agree() { Ok(()) } else { Err(Inconsistency(None)) }
}

struct Checking<'o> {
    seen: &'o Observation,
    world: &'o World,
    expiries: BTreeMap<KitNumber, Day>,
}

impl<'o> Checking<'o> {
    fn agrees(&mut self, event: &'o Event) -> bool {
        match event {
            Event::Received(received) => self.received(received),
            Event::Randomized(randomized) => {
                self.arm_of(&randomized.subject).is_some_and(|arm| arm.as_usize() < self.seen.ratio.len())
            }
            Event::StockSeen(stock) => self.every_type_held(stock) == stock.enough_of_every_type,
            Event::HandedOut(handed) => self.handed_out(handed),
            Event::NotServed(missed) => {
                let arm = self.arm_of(&missed.subject);
                self.count(&missed.shelf, arm) < u64::from(missed.wanted)
            }
            Event::ToldApart(told) => self.told_apart(told),
            Event::CodeBroken(broken) => self.arm_of(&broken.subject) == Some(Arm::new(broken.arm)),
        }
    }

    fn arm_of(&self, subject: &SubjectId) -> Option<Arm> {
        self.world.subjects.get(subject).copied()
    }

    fn serves(&self, kit: KitNumber) -> Option<Arm> {
        self.world.kits.get(&kit).copied()
    }

    fn arms(&self) -> impl Iterator<Item = Arm> {
        (0..=u8::MAX).map(Arm::new).take(self.seen.ratio.len())
    }

    fn count(&self, kits: &[KitNumber], arm: Option<Arm>) -> u64 {
        kits.iter().map(|kit| u64::from(arm.is_some() && self.serves(*kit) == arm)).sum()
    }

    fn received(&mut self, received: &Received) -> bool {
        self.expiries.extend(received.kits.iter().map(|kit| (kit.number, kit.label_expiry)));
        let numbers: Vec<KitNumber> = received.kits.iter().map(|kit| kit.number).collect();
        let typed = numbers.iter().all(|kit| self.arms().any(|arm| self.serves(*kit) == Some(arm)));
        let like = received.like.map(|like| self.serves(like));
        let alike = like.is_none_or(|like| numbers.iter().all(|kit| self.serves(*kit) == like));
        let each = received.of_every_type.map(u64::from);
        let even = each.is_none_or(|each| self.arms().all(|arm| self.count(&numbers, Some(arm)) == each));
        typed && alike && even
    }

    fn every_type_held(&self, stock: &StockSeen) -> bool {
        self.arms().all(|arm| {
            let due = stock.due.iter().filter(|due| self.arm_of(&due.subject) == Some(arm));
            let due: u64 = due.map(|due| u64::from(due.kits)).sum();
            self.count(&stock.kits, Some(arm)) >= due + u64::from(stock.wanted)
        })
    }

    fn handed_out(&self, handed: &HandedOut) -> bool {
        let arm = self.arm_of(&handed.subject);
        let left =
            || handed.shelf.iter().filter(|kit| self.serves(**kit) == arm && !handed.kits.contains(kit));
        let expiry = |kit: &KitNumber| self.expiries.get(kit);
        let rule = match self.seen.pick {
            PickRule::Uniform => true,
            PickRule::LowestNumberFirst => left().all(|kit| handed.kits.iter().all(|given| given < kit)),
            PickRule::EarliestExpiryFirst => {
                left().all(|kit| handed.kits.iter().all(|given| expiry(given) <= expiry(kit)))
            }
        };
        rule && handed.kits.iter().all(|kit| self.serves(*kit) == arm)
    }

    fn told_apart(&self, told: &ToldApart) -> bool {
        let arm = told.kits.first().and_then(|kit| self.serves(*kit));
        arm.is_some()
            && told.kits.iter().all(|kit| self.serves(*kit) == arm)
            && told.others.iter().all(|kit| self.serves(*kit) != arm)
    }

    fn blocks_agree(&self) -> bool {
        let Some(sizes) = &self.seen.block_sizes else { return true };
        let mut strata: BTreeMap<u32, Vec<Arm>> = BTreeMap::new();
        for event in &self.seen.events {
            if let Event::Randomized(randomized) = event
                && let Some(arm) = self.arm_of(&randomized.subject)
            {
                strata.entry(randomized.stratum).or_default().push(arm);
            }
        }
        strata.values().all(|arms| can_be_cut(arms, sizes, &self.seen.ratio))
    }
}
