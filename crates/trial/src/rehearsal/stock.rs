//! The kits of a rehearsal: sent, arriving, on the shelf, gone.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{SiteStock, assign_types, draw_kit_numbers, usable_through};
use observer::{Received, SeenKit};
use terms::{Arm, BatchId, Day, KitNumber, KitType, Sealed};

use super::chance::Chance;
use super::{Conditions, later};
use crate::decide::supply::ShelfKit;
use crate::observed::{Usable, tier_before};
use crate::study::{SealedDesign, StudyDesign};

/// Every kit that was ever sent. Each group is a shipment and a batch of its own.
pub(super) struct Stock<'d> {
    design: &'d StudyDesign,
    sealed: &'d SealedDesign,
    conditions: Conditions,
    seed: [u8; 32],
    kits: BTreeMap<KitNumber, Kit>,
    shipments: Vec<Shipment>,
}

struct Kit {
    kit_type: KitType,
    /// The shipment that it came with, by its place.
    shipment: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    InTransit,
    OnShelf,
    Given,
    Lost,
}

struct Shipment {
    batch: BatchId,
    label_expiry: Day,
    /// When it is expected, as a plan knows it.
    expected: Day,
    arrives: Day,
    of_every_type: Option<u32>,
    like: Option<KitNumber>,
}

impl<'d> Stock<'d> {
    pub(super) fn new(
        design: &'d StudyDesign,
        sealed: &'d SealedDesign,
        conditions: Conditions,
        seed: [u8; 32],
    ) -> Self {
        Self { design, sealed, conditions, seed, kits: BTreeMap::new(), shipments: Vec::new() }
    }

    /// Sends a group of so many kits of every type.
    pub(super) fn send_group(&mut self, today: Day, of_every_type: u32, chance: &mut Chance) {
        let each = usize::try_from(of_every_type).unwrap_or(0);
        let counts = vec![each; self.sealed.kit_type_count()];
        self.send(today, &counts, Some(of_every_type), None, chance);
    }

    /// Sends one kit of the type of another.
    pub(super) fn send_one(&mut self, today: Day, like: KitNumber, chance: &mut Chance) {
        let Some(wanted) = self.kits.get(&like).map(|kit| kit.kit_type.as_usize()) else { return };
        let counts: Vec<usize> =
            (0..self.sealed.kit_type_count()).map(|place| usize::from(place == wanted)).collect();
        self.send(today, &counts, None, Some(like), chance);
    }

    fn send(
        &mut self,
        today: Day,
        counts: &[usize],
        of_every_type: Option<u32>,
        like: Option<KitNumber>,
        chance: &mut Chance,
    ) {
        let Ok(batch) = BatchId::parse(&format!("B{:05}", self.shipments.len() + 1)) else { return };
        let expected = later(today, self.design.supply.lead_days);
        let taken: BTreeSet<KitNumber> = self.kits.keys().copied().collect();
        let numbers = draw_kit_numbers(&self.seed, &self.design.id, &batch, counts.iter().sum(), &taken);
        let typed = numbers.and_then(|numbers| assign_types(&numbers, counts)).unwrap_or_default();
        let shipment = self.shipments.len();
        let kit = |(number, kit_type)| (number, Kit { kit_type, shipment, state: State::InTransit });
        self.kits.extend(typed.into_iter().map(kit));
        self.shipments.push(Shipment {
            batch,
            label_expiry: later(expected, self.conditions.shelf_life_days),
            expected,
            arrives: later(expected, chance.up_to(self.conditions.delay_days)),
            of_every_type,
            like,
        });
    }

    /// What arrives today, as anyone sees it. Some kits are lost or damaged, and of those nobody knows the type.
    pub(super) fn arrive(&mut self, today: Day, chance: &mut Chance) -> Vec<Received> {
        let mut arrived = Vec::new();
        for (place, shipment) in self.shipments.iter().enumerate().filter(|(_, sent)| sent.arrives == today) {
            let mut kits = Vec::new();
            for (number, kit) in self.kits.iter_mut().filter(|(_, kit)| kit.shipment == place) {
                let lost = chance.percent(self.conditions.loss_percent);
                kit.state = if lost { State::Lost } else { State::OnShelf };
                kits.push(SeenKit { number: *number, label_expiry: shipment.label_expiry });
            }
            arrived.push(Received { kits, of_every_type: shipment.of_every_type, like: shipment.like });
        }
        arrived
    }

    /// What a plan knows of the stock: totals over all types.
    pub(super) fn for_plan(&self, today: Day) -> Vec<SiteStock> {
        let row = |(place, shipment): (usize, &Shipment)| {
            let count = |states: &[State]| {
                let held =
                    self.kits.values().filter(|kit| kit.shipment == place && states.contains(&kit.state));
                u32::try_from(held.count()).unwrap_or(u32::MAX)
            };
            SiteStock {
                label_expiry: shipment.label_expiry,
                // What is late is expected from day to day.
                arrives: if shipment.arrives > today {
                    shipment.expected.max(later(today, 1))
                } else {
                    today
                },
                usable: count(&[State::InTransit, State::OnShelf]),
                lost: count(&[State::Lost]),
            }
        };
        self.shipments.iter().enumerate().map(row).collect()
    }

    /// The shelf as a decision takes it.
    pub(super) fn shelf(&self) -> Vec<ShelfKit> {
        let kit = |(number, shipment, kit_type): (KitNumber, &Shipment, KitType)| ShelfKit {
            number,
            batch: shipment.batch.clone(),
            label_expiry: shipment.label_expiry,
            kit_type: Sealed::new(kit_type),
        };
        self.on_shelf().map(kit).collect()
    }

    fn on_shelf(&self) -> impl Iterator<Item = (KitNumber, &Shipment, KitType)> {
        let on_shelf = self.kits.iter().filter(|(_, kit)| kit.state == State::OnShelf);
        on_shelf.filter_map(|(number, kit)| Some((*number, self.shipments.get(kit.shipment)?, kit.kit_type)))
    }

    /// The kits on the shelf that are in date for long enough, over all types.
    pub(super) fn usable(&self, through: Day) -> Vec<KitNumber> {
        let margin = self.design.supply.expiry_margin_days;
        let usable =
            self.on_shelf().filter(|(_, sent, _)| usable_through(sent.label_expiry, through, margin));
        usable.map(|(number, _, _)| number).collect()
    }

    fn of_arm(&self, usable: &[KitNumber], arm: Arm) -> Vec<KitNumber> {
        let wanted = self.sealed.kit_type_of(arm);
        let fits = |kit: &&KitNumber| self.kits.get(kit).is_some_and(|kit| Some(kit.kit_type) == wanted);
        usable.iter().filter(fits).copied().collect()
    }

    /// The lowest numbers of the arm's type; none when there are too few.
    pub(super) fn lowest(&self, usable: &[KitNumber], arm: Arm, count: usize) -> Option<Vec<KitNumber>> {
        let mut own = self.of_arm(usable, arm);
        own.sort_unstable();
        own.get(..count).map(<[KitNumber]>::to_vec)
    }

    /// The kits of the arm's type that expire first; none when there are too few.
    pub(super) fn earliest(&self, usable: &[KitNumber], arm: Arm, count: usize) -> Option<Vec<KitNumber>> {
        let mut own = self.of_arm(usable, arm);
        own.sort_by_key(|kit| self.shipment_of(*kit).map(|shipment| shipment.label_expiry));
        own.get(..count).map(<[KitNumber]>::to_vec)
    }

    fn shipment_of(&self, kit: KitNumber) -> Option<&Shipment> {
        self.shipments.get(self.kits.get(&kit)?.shipment)
    }

    /// The usable kits of the tier before the one that these kits were picked from; none when the total alone opened
    /// it.
    pub(super) fn tier_before(&self, usable: &[KitNumber], picked: &[KitNumber]) -> Option<Vec<KitNumber>> {
        let on_shelf = |number: &KitNumber| {
            let shipment = self.shipment_of(*number)?;
            let (batch, label_expiry) = (shipment.batch.clone(), shipment.label_expiry);
            Some(Usable { number: *number, batch, label_expiry })
        };
        let usable: Vec<Usable> = usable.iter().filter_map(on_shelf).collect();
        tier_before(self.design, &usable, picked)
    }

    pub(super) fn take(&mut self, kits: &[KitNumber]) {
        for kit in kits {
            if let Some(kit) = self.kits.get_mut(kit) {
                kit.state = State::Given;
            }
        }
    }

    pub(super) fn boxes(&self) -> u32 {
        u32::try_from(self.shipments.len()).unwrap_or(u32::MAX)
    }

    /// The largest number of kits sent of any type.
    pub(super) fn kits_per_type(&self) -> u32 {
        let mut counts: BTreeMap<KitType, u32> = BTreeMap::new();
        self.kits.values().for_each(|kit| *counts.entry(kit.kit_type).or_default() += 1);
        counts.into_values().max().unwrap_or(0)
    }

    /// The arm that every kit serves.
    pub(super) fn served_arms(&self, arm_of: impl Fn(KitType) -> Arm) -> BTreeMap<KitNumber, Arm> {
        let arrived = self.kits.iter().filter(|(_, kit)| kit.state != State::InTransit);
        arrived.map(|(number, kit)| (*number, arm_of(kit.kit_type))).collect()
    }
}
