//! What people do in a history.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Days;
use ledger::{KitState, Move, Place};
use terms::{Arm, Country, Day, KitNumber, ListId, Position, Sealed, ShipmentId, Stratum, SubjectId};

use super::play::{Batch, Dispensed, Play, Shipment, Stage, Subject};
use crate::decide::batch::{self, Arrival, Listed, Standing, Taken};
use crate::decide::dispense::{self, Past, Waiting};
use crate::decide::expiry::{self, Renewed};
use crate::decide::hand_over::{self, Scan};
use crate::decide::quarantine;
use crate::decide::randomize::{self, Known, NextPosition, Offer, Stock};
use crate::decide::recall::{Fate, fate};
use crate::decide::register::{self, Content};
use crate::decide::replace::{self, Old};
use crate::decide::ship::{self, Order};
use crate::decide::supply::Allocation;
use crate::{Disposition, Incident, Refusal, ReleaseStep, ReplaceReason, SubjectState};

/// The kit types of IMODALS in the order of its sealed design, and the arm that each serves.
const TYPES: [(&str, u8); 3] = [("SUGILITE-9127", 1), ("KUNZITE-3358", 2), ("LARIMAR-4406", 0)];

const REASONS: [ReplaceReason; 6] = [
    ReplaceReason::Lost,
    ReplaceReason::Damaged,
    ReplaceReason::NotTaken,
    ReplaceReason::Expired,
    ReplaceReason::Quarantined,
    ReplaceReason::Recalled,
];

fn later(day: Day, days: u32) -> Day {
    day + Days::new(u64::from(days))
}

impl Play<'_> {
    /// Two batches to begin with, most of their release taken.
    pub(super) fn begin(&mut self) {
        for place in 0..2 {
            self.register_batch();
            for country in [self.house.places[0].1, self.house.places[1].1] {
                for step in [ReleaseStep::Certification, ReleaseStep::RegulatoryRelease] {
                    if !self.one_in(8) {
                        self.take_release_step(place, country, step);
                    }
                }
            }
        }
    }

    /// Something happens, more often what leads on.
    pub(super) fn step(&mut self) {
        match self.words.below(100) {
            0..6 if self.batches.len() < 4 => self.register_batch(),
            0..14 => self.any_release_step(),
            14..22 => self.pick_shipment(),
            22..30 => self.dispatch(),
            30..38 => self.receive_shipment(),
            38..44 => self.receive_directly(),
            44..52 => self.randomize(),
            52..66 => self.dispense(),
            66..80 => self.hand_over(),
            80..86 => self.replace(),
            86 => self.set_place_aside(),
            87 | 88 => self.dispose(),
            89 | 90 => self.incident(),
            91 => self.shorten(),
            92 => self.extend(),
            93 if self.one_in(3) => self.recall(),
            93 | 94 => self.come_back(),
            95 if self.one_in(3) => self.stop(),
            _ => self.today = later(self.today, self.words.below(25)),
        }
    }

    fn refused(&mut self, refusal: &Refusal) {
        self.happens(refusal.code());
    }

    fn register_batch(&mut self) {
        let id: terms::BatchId = format!("B-{}", self.batches.len()).parse().expect("an id");
        let lots: Vec<Day> = TYPES.iter().map(|_| later(self.today, 40 + self.words.below(160))).collect();
        let content = |((code, _), expiry): (&(&str, u8), &Day)| Content {
            kit_type: (*code).to_owned(),
            kits: 3,
            lot: "L-1".to_owned(),
            expiry: *expiry,
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

    fn any_release_step(&mut self) {
        let Some(place) = self.any(self.batches.len()) else { return };
        let country = self.house.places[usize::from(self.one_in(3))].1;
        let step = if self.one_in(2) { ReleaseStep::Certification } else { ReleaseStep::RegulatoryRelease };
        self.take_release_step(place, country, step);
    }

    fn take_release_step(&mut self, place: usize, country: Country, step: ReleaseStep) {
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

    fn numbers(&self, wanted: impl Fn(&super::play::Held) -> bool) -> Vec<KitNumber> {
        self.kits.iter().filter(|(_, held)| wanted(held)).map(|(number, _)| *number).collect()
    }

    fn pick_shipment(&mut self) {
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
    fn dispatch(&mut self) {
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

    fn receive_shipment(&mut self) {
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

    fn receive_directly(&mut self) {
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

    fn randomize(&mut self) {
        let home = self.any(2).expect("two sites");
        let arm = u8::try_from(self.words.below(3)).expect("three arms");
        let number = u32::try_from(self.subjects.len()).expect("few");
        let id: SubjectId = format!("S-{number:03}").parse().expect("an id");
        let next = NextPosition {
            list: ListId::parse("L-1").expect("an id"),
            stratum: Stratum::new(0),
            position: Position::new(number),
            arm: Sealed::new(Arm::new(arm)),
        };
        let state = SubjectState::Screened;
        let known =
            Known { subject: id.clone(), state, on_hold: false, today: self.today, randomized: number };
        let stock = Stock { offer: Offer::Next(next), shelf: self.shelf(home), due: Vec::new() };
        match randomize::decide(&self.house.design, &self.house.sealed, &known, stock) {
            Ok(done) => {
                self.happens("randomized");
                let (there, country) = self.house.places[home].clone();
                self.truth.randomized(&id, arm, &there, country, self.today);
                self.subjects.push(Subject {
                    id,
                    home,
                    arm,
                    state: SubjectState::InTreatment,
                    allocated: Vec::new(),
                    dispensed: Vec::new(),
                    replaced: 0,
                });
                self.allocate(self.subjects.len() - 1, &done.allocation);
            }
            Err(refusal) => self.refused(&refusal),
        }
    }

    fn allocate(&mut self, subject: usize, allocation: &Allocation) {
        let id = self.subjects[subject].id.clone();
        let there = self.house.places[self.subjects[subject].home].0.clone();
        for number in &allocation.kits {
            self.truth.allocated(*number, &id, &allocation.visit, self.today);
            let whose = Some((&id, &allocation.visit));
            assert_eq!(self.post(*number, Move::Allocate, &there, whose), Ok(()), "{number}");
        }
        let attempt = (allocation.visit.clone(), allocation.attempt, allocation.kits.clone());
        self.subjects[subject].allocated.push(attempt);
    }

    fn dispense(&mut self) {
        let Some(place) = self.any(self.subjects.len()) else { return };
        let mostly_next = self.subjects[place].dispensed.len().min(self.house.visits.len() - 1);
        let at = if self.one_in(4) { self.any(self.house.visits.len()) } else { Some(mostly_next) };
        let visit = at.map(|at| self.house.visits[at].clone()).expect("three visits");
        let subject = &self.subjects[place];
        if subject.dispensed.iter().any(|done| done.visit == visit) {
            return;
        }
        let past = |done: &Dispensed| Past {
            visit: done.visit.clone(),
            day: done.day,
            handed_over: done.given.values().max().copied(),
        };
        let facts = dispense::Facts {
            subject: subject.id.clone(),
            state: subject.state,
            code_broken: false,
            on_hold: false,
            today: self.today,
            past: subject.dispensed.iter().map(past).collect(),
            waiting: self.waiting(subject, &visit),
            reason_given: true,
            arm: Sealed::new(Arm::new(subject.arm)),
            shelf: self.shelf(subject.home),
        };
        match dispense::decide(&self.house.design, &self.house.sealed, &visit, &facts) {
            Ok(handover) => self.dispensed(place, handover),
            Err(refusal) => {
                if refusal == Refusal::SupplyShort {
                    self.truth.not_served(&facts.subject, self.today);
                }
                self.refused(&refusal);
            }
        }
    }

    fn dispensed(&mut self, place: usize, handover: dispense::Handover) {
        self.happens("dispensed");
        let there = self.house.places[self.subjects[place].home].0.clone();
        for number in handover.set_aside {
            self.happens("set aside as out of date");
            self.must(number, Move::Quarantine, &there);
            self.truth.set_aside(number);
        }
        if handover.newly_allocated {
            self.happens("allocated anew");
            self.allocate(place, &handover.allocation);
        }
        let Allocation { visit, kits, .. } = handover.allocation;
        self.truth.announced(&kits, &self.subjects[place].id, self.today);
        let (day, given) = (self.today, BTreeMap::new());
        self.subjects[place].dispensed.push(Dispensed { visit, day, kits, given });
    }

    fn waiting(&self, subject: &Subject, visit: &terms::VisitId) -> Option<Waiting> {
        let of_visit = subject.allocated.iter().filter(|(of, _, _)| of == visit);
        let (_, attempt, kits) = of_visit.max_by_key(|(_, attempt, _)| *attempt)?;
        let there = &self.house.places[subject.home].0;
        let waits = |number: &&KitNumber| {
            self.state(**number) == KitState::Allocated && self.kits[*number].kit.place == *there
        };
        let lasting = |number: &KitNumber| (*number, self.batch_of(*number).label_expiry);
        Some(Waiting { attempt: *attempt, kits: kits.iter().filter(waits).map(lasting).collect() })
    }

    /// Somebody with a dispensation, and whether it is followed by a later one.
    fn any_dispensation(&mut self) -> Option<(usize, usize, bool)> {
        let place = self.any(self.subjects.len())?;
        let at = self.any(self.subjects[place].dispensed.len())?;
        let order = |visit| self.house.visits.iter().position(|of| of == visit);
        let all = &self.subjects[place].dispensed;
        let is_followed = all.iter().any(|other| order(&other.visit) > order(&all[at].visit));
        Some((place, at, is_followed))
    }

    /// What is scanned is the right kit, or any other.
    fn hand_over(&mut self) {
        let Some((place, at, later_dispensed)) = self.any_dispensation() else { return };
        let own = self.subjects[place].dispensed[at].kits.clone();
        let scanned = if self.one_in(4) { self.any_kit(|_| true) } else { own.first().copied() };
        let Some(scanned) = scanned else { return };
        let kit = |number: &KitNumber| hand_over::Kit {
            number: *number,
            label_expiry: self.batch_of(*number).label_expiry,
            state: self.state(*number),
        };
        let facts = hand_over::Facts {
            state: self.subjects[place].state,
            code_broken: false,
            on_hold: false,
            later_dispensed,
            today: self.today,
            kits: own.iter().map(kit).collect(),
        };
        let visit = self.subjects[place].dispensed[at].visit.clone();
        let planned = self.house.design.dispensing_at(&visit).expect("a dispensing visit");
        match hand_over::decide(&self.house.design, planned, &facts, &scanned.to_string()) {
            Ok(Scan::Right(number)) => {
                self.happens("handed over");
                let (id, there) = (self.subjects[place].id.clone(), self.subjects[place].home);
                let there = self.house.places[there].0.clone();
                self.truth.handed_over(number, &id, &visit, self.today);
                let posted = self.post(number, Move::HandOver, &there, Some((&id, &visit)));
                assert_eq!(posted, Ok(()), "{number}");
                self.subjects[place].dispensed[at].given.insert(number, self.today);
            }
            Ok(Scan::Wrong) => self.happens("wrong kit stopped"),
            Err(refusal) => self.refused(&refusal),
        }
    }

    fn replace(&mut self) {
        let Some((place, at, later_dispensed)) = self.any_dispensation() else { return };
        let subject = &self.subjects[place];
        let (home, dispensed) = (subject.home, &subject.dispensed[at]);
        let Some(number) = dispensed.kits.first().copied() else { return };
        let of_visit = subject.allocated.iter().filter(|(visit, _, _)| *visit == dispensed.visit);
        let facts = replace::Facts {
            subject: subject.id.clone(),
            state: subject.state,
            code_broken: false,
            on_hold: false,
            later_dispensed,
            today: self.today,
            visit: dispensed.visit.clone(),
            attempt: of_visit.map(|(_, attempt, _)| *attempt).max().unwrap_or(1),
            old: Old {
                number,
                state: self.state(number),
                label_expiry: self.batch_of(number).label_expiry,
                given: dispensed.given.get(&number).copied(),
                is_recalled: self.batch_of(number).recalled,
            },
            replaced: subject.replaced,
            explained: true,
            arm: Sealed::new(Arm::new(subject.arm)),
            shelf: self.shelf(home),
        };
        let why = self.any(REASONS.len()).map(|at| REASONS[at]).expect("a reason");
        match replace::decide(&self.house.design, &self.house.sealed, why, &facts) {
            Ok(decided) => self.replaced((place, at), number, &decided),
            Err(refusal) => {
                if refusal == Refusal::SupplyShort {
                    self.truth.not_served(&facts.subject, self.today);
                }
                self.refused(&refusal);
            }
        }
    }

    fn replaced(&mut self, (place, at): (usize, usize), old: KitNumber, decided: &replace::Replacement) {
        self.happens("replaced");
        self.allocate(place, &decided.allocation);
        let there = self.house.places[self.subjects[place].home].0.clone();
        if let Some(a_move) = decided.old_moves {
            self.must(old, a_move, &there);
            match a_move {
                Move::Lose => self.truth.missing(old),
                Move::Damage => self.truth.broken(old),
                _ => self.truth.set_aside(old),
            }
        }
        self.truth.replaced(old);
        self.subjects[place].replaced += 1;
        self.subjects[place].dispensed[at].kits.clone_from(&decided.allocation.kits);
    }

    fn set_place_aside(&mut self) {
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
    fn dispose(&mut self) {
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
    fn incident(&mut self) {
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

    fn shorten(&mut self) {
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

    fn extend(&mut self) {
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

    fn recall(&mut self) {
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

    fn come_back(&mut self) {
        let Some(number) = self.any_kit(|held| held.kit.given) else { return };
        let moves = [Move::ReturnUsed, Move::ReturnPartlyUsed, Move::ReturnUnused];
        let a_move = self.any(3).map(|at| moves[at]).expect("a move");
        let place = self.kits[&number].kit.place.clone();
        self.must(number, a_move, &place);
        self.truth.returned(number, self.state(number));
        self.happens("returned");
    }

    fn stop(&mut self) {
        let Some(place) = self.any(self.subjects.len()) else { return };
        self.subjects[place].state = SubjectState::OffDrug;
    }
}
