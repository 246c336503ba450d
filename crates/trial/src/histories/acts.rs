//! What investigators and pharmacists do in a history.

use std::collections::BTreeMap;

use ledger::{KitState, Move};
use terms::{Arm, KitNumber, ListId, Position, Sealed, Stratum, SubjectId};

use super::play::{Dispensed, Play, Subject};
use super::stock::later;
use crate::decide::dispense::{self, Past, Waiting};
use crate::decide::hand_over::{self, Scan};
use crate::decide::randomize::{self, Known, NextPosition, Offer, Stock};
use crate::decide::replace::{self, Old};
use crate::decide::supply::Allocation;
use crate::{Refusal, ReleaseStep, ReplaceReason, SubjectState};

const REASONS: [ReplaceReason; 6] = [
    ReplaceReason::Lost,
    ReplaceReason::Damaged,
    ReplaceReason::NotTaken,
    ReplaceReason::Expired,
    ReplaceReason::Quarantined,
    ReplaceReason::Recalled,
];

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

    pub(super) fn refused(&mut self, refusal: &Refusal) {
        self.happens(refusal.code());
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
        let known = Known {
            subject: id.clone(),
            birth_year: 1961,
            state,
            on_hold: false,
            today: self.today,
            randomized: number,
        };
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
            checked_by: Vec::new(),
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
        match hand_over::check(&self.house.design, planned, &facts, &scanned.to_string()) {
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
