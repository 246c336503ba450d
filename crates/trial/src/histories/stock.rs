//! What the sponsor, the depot and the quality role do in a history.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use ledger::{KitState, Move, Place};
use terms::{Country, Day, KitNumber, Sealed, ShipmentId};

use super::play::{Batch, Held, Play, Shipment, Stage};
use crate::decide::batch::{self, Arrival, Listed, Standing, Taken};
use crate::decide::expiry::{self, Renewed};
use crate::decide::quarantine;
use crate::decide::recall::{Fate, fate};
use crate::decide::register::{self, Content};
use crate::decide::ship::{self, Order};
use crate::{Disposition, Incident, ReleaseStep};

/// The kit types of IMODALS in the order of its sealed design, and the arm that each serves.
const TYPES: [(&str, u8); 3] = [("SUGILITE-9127", 1), ("KUNZITE-3358", 2), ("LARIMAR-4406", 0)];

pub(super) fn later(day: Day, days: u32) -> Day {
    day + Days::new(u64::from(days))
}

impl Play<'_> {
    pub(super) fn register_batch(&mut self) {
        let id: terms::BatchId = format!("B-{}", self.batches.len()).parse().expect("an id");
        let lots: Vec<Day> = TYPES.iter().map(|_| later(self.today, 40 + self.words.below(160))).collect();
        let content = |((code, _), expiry): (&(&str, u8), &Day)| Content {
            kit_type: (*code).to_owned(),
            kits: 3,
            lot: "L-1".to_owned(),
            expiry: *expiry,
            visible: BTreeMap::new(),
        };
        let label_expiry = *lots.iter().min().expect("a lot");
        let contents = TYPES.iter().zip(&lots).map(content).collect();
        let command = register::Command { batch: id.clone(), label_expiry, contents };
        let taken = self.kits.keys().copied().collect();
        let facts = register::Facts { exists: false, taken, seed: Sealed::new(self.seed) };
        let registered = register::decide(&self.house.design, &self.house.sealed, &command, &facts);
        let Ok(registered) = registered else { panic!("a batch in order is refused") };
        let place = self.batches.len();
        let truths: Vec<_> = registered
            .kits
            .iter()
            .map(|(number, kit_type)| (*number, TYPES[kit_type.as_usize()].1))
            .collect();
        for (number, kit_type) in registered.kits {
            self.register(number, kit_type, place);
        }
        self.truth.registered(&id, lots, &truths);
        let (taken, lots) = (Vec::new(), registered.lots);
        self.batches.push(Batch { id, label_expiry, lots, is_shortened: false, taken, recalled: false });
    }

    pub(super) fn any_release_step(&mut self) {
        let Some(place) = self.any(self.batches.len()) else { return };
        let country = self.house.places[usize::from(self.one_in(3))].1;
        let step = if self.one_in(2) { ReleaseStep::Certification } else { ReleaseStep::RegulatoryRelease };
        self.take_release_step(place, country, step);
    }

    pub(super) fn take_release_step(&mut self, place: usize, country: Country, step: ReleaseStep) {
        let new = Taken { country, step };
        let batch = &mut self.batches[place];
        if batch.recalled {
            return;
        }
        if let Err(refusal) = batch::take_step(&batch.taken, new) {
            return self.refused(&refusal);
        }
        let was_released = batch::is_released(&batch.taken);
        batch.taken.push(new);
        let is_released = batch::is_released(&batch.taken);
        self.truth.step_taken(&batch.id.clone(), country, step);
        if is_released && !was_released {
            for number in self.numbers(|held| held.batch == place) {
                self.must(number, Move::Release, &Place::Store);
            }
        }
    }

    fn numbers(&self, wanted: impl Fn(&Held) -> bool) -> Vec<KitNumber> {
        self.kits.iter().filter(|(_, held)| wanted(held)).map(|(number, _)| *number).collect()
    }

    pub(super) fn pick_shipment(&mut self) {
        let to = self.any(3).expect("three places");
        let from_depot = to < 2 && self.one_in(2);
        let from = if from_depot { self.house.places[2].0.clone() } else { Place::Store };
        let country = self.house.places[to].1;
        let promised: BTreeSet<KitNumber> = self.promised();
        let stock = self.stock(|number, held| {
            let batch = &self.batches[held.batch];
            held.kit.state == KitState::Released
                && held.kit.place == from
                && batch::is_released_in(&batch.taken, country)
                && !batch.recalled
                && !promised.contains(&number)
        });
        let id: ShipmentId = format!("SH-{}", self.shipments.len()).parse().expect("an id");
        let arrives = later(self.today, self.house.design.supply.lead_days);
        let order = Order { shipment: &id, groups: 1, arrives };
        match ship::pick(&self.house.design, &self.house.sealed, &stock, order) {
            Ok(kits) => {
                self.happens("picked");
                self.truth.picked(&kits, &from, country, arrives);
                self.shipments.push(Shipment { id, from, to, kits, stage: Stage::Picked });
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    fn promised(&self) -> BTreeSet<KitNumber> {
        let waiting = self.shipments.iter().filter(|shipment| shipment.stage == Stage::Picked);
        waiting.flat_map(|shipment| shipment.kits.iter().copied()).collect()
    }

    fn any_shipment(&mut self, stage: Stage) -> Option<usize> {
        let fitting = self.shipments.iter().enumerate().filter(|(_, shipment)| shipment.stage == stage);
        let fitting: Vec<usize> = fitting.map(|(place, _)| place).collect();
        self.any(fitting.len()).map(|place| fitting[place])
    }

    /// What could not be picked today does not leave; it is given up.
    pub(super) fn dispatch(&mut self) {
        let Some(place) = self.any_shipment(Stage::Picked) else { return };
        let shipment = &self.shipments[place];
        let (kits, from, to) = (shipment.kits.clone(), shipment.from.clone(), shipment.to);
        let on_the_way = Place::Shipment(shipment.id.clone());
        let arrives = later(self.today, self.house.design.supply.lead_days);
        let earliest = ship::earliest_expiry(&self.house.design, arrives);
        let is_good = |number: &KitNumber| {
            let batch = self.batch_of(*number);
            let may_leave = ledger::next(Some(self.state(*number)), Move::Dispatch).is_ok();
            !batch.recalled && batch.label_expiry >= earliest && may_leave
        };
        let is_good = kits.iter().all(is_good);
        self.truth.no_longer_promised(&kits);
        self.shipments[place].stage = if is_good { Stage::Dispatched } else { Stage::Over };
        if is_good {
            self.happens("dispatched");
            kits.iter().for_each(|kit| self.must(*kit, Move::Dispatch, &on_the_way));
            self.truth.dispatched(&kits, (&from, &on_the_way), self.house.places[to].1, arrives);
        }
    }

    pub(super) fn receive_shipment(&mut self) {
        let Some(place) = self.any_shipment(Stage::Dispatched) else { return };
        self.shipments[place].stage = Stage::Over;
        let (kits, to) = (self.shipments[place].kits.clone(), self.shipments[place].to);
        let on_the_way = Place::Shipment(self.shipments[place].id.clone());
        let (there, country) = self.house.places[to].clone();
        let excursion = self.one_in(6);
        self.happens(if excursion { "received after an excursion" } else { "received" });
        let arrives = if there.site().is_some() { Move::Receive } else { Move::Stock };
        for number in kits {
            let arrival = self.arrival();
            let is_set_aside = excursion || self.batch_of(number).recalled;
            for a_move in ship::moves(arrives, arrival, is_set_aside) {
                let at = if a_move == Move::Lose { &on_the_way } else { &there };
                self.must(number, a_move, at);
            }
            if arrival != Arrival::Missing {
                self.truth.arrived(number, &there, Some(country));
            }
            self.tell_arrival(number, arrival, is_set_aside);
        }
    }

    fn arrival(&mut self) -> Arrival {
        match self.words.below(12) {
            0 => Arrival::Missing,
            1 => Arrival::Damaged,
            _ => Arrival::Received,
        }
    }

    fn tell_arrival(&mut self, number: KitNumber, arrival: Arrival, is_set_aside: bool) {
        match arrival {
            Arrival::Missing => self.truth.missing(number),
            Arrival::Damaged => self.truth.broken(number),
            Arrival::Received if is_set_aside => self.truth.set_aside(number),
            Arrival::Received => {}
        }
    }

    pub(super) fn receive_directly(&mut self) {
        let (Some(place), Some(to)) = (self.any(self.batches.len()), self.any(2)) else { return };
        let (there, country) = self.house.places[to].clone();
        let site = there.site().expect("a site").clone();
        let promised = self.promised();
        let numbers = self.numbers(|held| held.batch == place);
        let chosen: Vec<KitNumber> = numbers
            .iter()
            .copied()
            .filter(|kit| !promised.contains(kit) && self.words.below(2) == 0)
            .collect();
        let listed: Vec<Listed> = chosen
            .iter()
            .map(|number| Listed { path: "received".to_owned(), number: *number, arrival: self.arrival() })
            .collect();
        let standing = |number: &KitNumber| {
            let kit = &self.kits[number].kit;
            (*number, Standing { state: kit.state, place: kit.place.clone() })
        };
        let kits: BTreeMap<_, _> = numbers.iter().map(standing).collect();
        let (taken, is_recalled) = (&self.batches[place].taken, self.batches[place].recalled);
        match batch::receive(batch::is_released_in(taken, country), &site, &kits, &listed) {
            Ok(arrived) => {
                self.happens("received directly");
                for kit in arrived {
                    for a_move in kit.moves {
                        let at = if *a_move == Move::Lose { &Place::Store } else { &there };
                        self.must(kit.number, *a_move, at);
                    }
                    let is_set_aside = is_recalled && kit.arrival == Arrival::Received;
                    if is_set_aside {
                        self.must(kit.number, Move::Quarantine, &there);
                    }
                    if kit.arrival != Arrival::Missing {
                        self.truth.arrived(kit.number, &there, Some(country));
                    }
                    self.tell_arrival(kit.number, kit.arrival, is_set_aside);
                }
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    pub(super) fn set_place_aside(&mut self) {
        let place = self.any(3).map(|at| self.house.places[at].0.clone()).expect("three places");
        let there = self
            .numbers(|held| held.kit.place == place && quarantine::is_set_aside_with_its_place(&held.kit));
        for number in there {
            self.happens("quarantined");
            self.must(number, Move::Quarantine, &place);
            self.truth.set_aside(number);
        }
    }

    /// The quality role decides about a place; what is recalled is not given back.
    pub(super) fn dispose(&mut self) {
        let place = self.any(3).map(|at| self.house.places[at].0.clone()).expect("three places");
        let disposition = if self.one_in(4) { Disposition::Reject } else { Disposition::Release };
        let mut there =
            self.numbers(|held| held.kit.place == place && held.kit.state == KitState::Quarantined);
        if disposition == Disposition::Release {
            there.retain(|number| !self.batch_of(*number).recalled);
        }
        for number in there {
            let kit = &self.kits[&number].kit;
            let whose = kit.subject.clone().zip(kit.visit.clone());
            let a_move = quarantine::dispose(disposition, &place, whose.is_some());
            let named = whose.as_ref().filter(|_| a_move == Move::RestoreToSubject);
            let posted = self.post(number, a_move, &place, named.map(|(subject, visit)| (subject, visit)));
            assert_eq!(posted, Ok(()), "{a_move:?} of {number}");
            match disposition {
                Disposition::Reject => self.truth.broken(number),
                Disposition::Release => self.truth.given_back(number),
            }
            self.happens(match disposition {
                Disposition::Reject => "rejected",
                Disposition::Release => "given back out of quarantine",
            });
        }
    }

    /// Something is found out about one kit; the ledger alone says whether it can be.
    pub(super) fn incident(&mut self) {
        let Some(number) = self.any_kit(|held| held.kit.place != Place::Store) else { return };
        let all = [Incident::Damaged, Incident::Lost, Incident::Found];
        let incident = self.any(3).map(|at| all[at]).expect("an incident");
        let place = self.lies_at(number);
        match self.post(number, quarantine::incident(incident), &place, None) {
            Err(code) => self.happens(code),
            Ok(()) => {
                let (what, tell): (_, fn(&mut Self, KitNumber, &Place)) = match incident {
                    Incident::Damaged => ("damaged", |play, number, _| play.truth.broken(number)),
                    Incident::Lost => ("lost", |play, number, _| play.truth.missing(number)),
                    Incident::Found => ("found", |play, number, at| play.truth.found(number, at)),
                };
                self.happens(what);
                tell(self, number, &place);
            }
        }
    }

    /// Where it is told: what a shipment accounts for is told where the shipment goes.
    fn lies_at(&self, number: KitNumber) -> Place {
        let place = &self.kits[&number].kit.place;
        let is_in = |shipment: &&Shipment| Place::Shipment(shipment.id.clone()) == *place;
        let shipment = self.shipments.iter().find(is_in);
        shipment.map_or_else(|| place.clone(), |shipment| self.house.places[shipment.to].0.clone())
    }

    pub(super) fn shorten(&mut self) {
        let Some(place) = self.any(self.batches.len()) else { return };
        let in_force = self.batches[place].label_expiry;
        let shorter = in_force - Days::new(u64::from(self.up_to(60)));
        match expiry::shorten(in_force, shorter) {
            Ok(()) => {
                self.happens("shortened");
                let batch = &mut self.batches[place];
                (batch.label_expiry, batch.is_shortened) = (shorter, true);
                self.truth.labelled(&batch.id, shorter, None);
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    pub(super) fn extend(&mut self) {
        let Some(place) = self.any(self.batches.len()) else { return };
        let batch = &self.batches[place];
        let standing = expiry::Standing {
            label_expiry: batch.label_expiry,
            is_shortened: batch.is_shortened,
            is_recalled: batch.recalled,
            latest_day: self.today,
        };
        let longer = later(batch.label_expiry, 30);
        let lots: Vec<Day> = TYPES.iter().map(|_| later(longer, self.words.below(90))).collect();
        let renewed: Vec<Renewed> = TYPES
            .iter()
            .zip(&lots)
            .map(|((code, _), expiry)| Renewed { kit_type: (*code).to_owned(), expiry: *expiry })
            .collect();
        let known = batch.lots.clone();
        let proposed = expiry::propose(&self.house.sealed, &standing, longer, &known, &renewed);
        match proposed.and_then(|lots| expiry::confirm(false, &standing, false).map(|()| lots)) {
            Ok(text) => {
                self.happens("extended");
                let batch = &mut self.batches[place];
                (batch.label_expiry, batch.is_shortened, batch.lots) = (longer, false, text);
                self.truth.labelled(&batch.id, longer, Some(lots));
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    pub(super) fn recall(&mut self) {
        let Some(place) = self.any(self.batches.len()) else { return };
        if std::mem::replace(&mut self.batches[place].recalled, true) {
            return;
        }
        self.happens("recalled");
        self.truth.recalled(&self.batches[place].id);
        for number in self.numbers(|held| held.batch == place) {
            let kit = self.kits[&number].kit.clone();
            if fate(&kit) == Fate::SetAside {
                self.must(number, Move::Quarantine, &kit.place);
                self.truth.set_aside(number);
            }
        }
    }
}
