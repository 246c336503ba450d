//! Kits: their batches, their movements, and whom they were given to.

use ledger::{KitState, Move, Movement, Place, ReasonCode};
use terms::{BatchId, KitNumber, SubjectId, VisitId};

use super::batches::RECALL;
use super::fold::{Fold, Followed, at, by};
use super::{Cell, UNOPENED};
use crate::ReleaseStep;
use crate::act::{Act, KitsRegistered, Leaf, ReplacedKit, WrongKitStopped};
use crate::decide::batch::{Taken, is_released};
use crate::decide::replace::{because, old_moves};

/// What a movement is besides its kit.
pub(super) struct Step<'a> {
    pub(super) a_move: Move,
    pub(super) place: Place,
    pub(super) whose: Option<(&'a SubjectId, &'a VisitId)>,
    pub(super) reason: Option<&'static str>,
}

impl Step<'_> {
    pub(super) const fn planned(a_move: Move, place: Place) -> Self {
        Self { a_move, place, whose: None, reason: None }
    }

    pub(super) const fn because(a_move: Move, place: Place, reason: &'static str) -> Self {
        Self { a_move, place, whose: None, reason: Some(reason) }
    }
}

/// Why a kit is put aside that no longer lasts through its dosing days.
pub const OUT_OF_DATE: &str = "out-of-date";
/// Why a kit is lost that did not come with its batch.
pub const MISSING_ON_RECEIPT: &str = "missing-on-receipt";
/// Why a kit is damaged that came so with its batch.
pub const DAMAGED_ON_RECEIPT: &str = "damaged-on-receipt";

impl<'a> Fold<'a> {
    pub(super) fn kits(&mut self, leaf: &'a Leaf) -> Followed {
        let at_site = || leaf.site.clone().map_or(Place::Store, Place::Site);
        let (planned, because) = (Step::planned, Step::because);
        match &leaf.act {
            Act::KitsRegistered(registered) => self.registered(leaf, registered),
            Act::BatchCertified { batch, country } => {
                let new = Taken { country: *country, step: ReleaseStep::Certification };
                self.step_taken(leaf, batch, new)
            }
            Act::BatchReleased { batch, country } => {
                let new = Taken { country: *country, step: ReleaseStep::RegulatoryRelease };
                self.step_taken(leaf, batch, new)
            }
            Act::KitsReceived { received, missing, damaged, .. } => {
                self.step(leaf, received, &planned(Move::Receive, at_site()))?;
                let recalled = self.recalled(received);
                self.step(leaf, &recalled, &because(Move::Quarantine, at_site(), RECALL))?;
                self.step(leaf, missing, &because(Move::Lose, Place::Store, MISSING_ON_RECEIPT))?;
                self.step(leaf, damaged, &planned(Move::Receive, at_site()))?;
                self.step(leaf, damaged, &because(Move::Damage, at_site(), DAMAGED_ON_RECEIPT))
            }
            Act::KitsAllocated { subject, visit, kits, .. } => {
                let whose = Some((subject, visit));
                self.step(leaf, kits, &Step { whose, ..planned(Move::Allocate, at_site()) })?;
                self.allocated(leaf)
            }
            Act::KitsSetAside { kits, .. } => {
                self.step(leaf, kits, &because(Move::Quarantine, at_site(), OUT_OF_DATE))
            }
            Act::Dispensed { dispensation, visit, .. } => {
                self.dispensed.insert(dispensation, visit);
                self.dispensation(leaf)
            }
            Act::HandedOver { dispensation, subject, kit } => {
                let visit = self.dispensed.get(dispensation).copied();
                let visit = visit.ok_or_else(|| format!("{dispensation} is no dispensation"))?;
                let whose = Some((subject, visit));
                self.step(leaf, &[*kit], &Step { whose, ..planned(Move::HandOver, at_site()) })?;
                let columns = [
                    ("dispensation", Cell::of(dispensation)),
                    ("handed_by", by(leaf)),
                    ("handed_at", Cell::of(at(leaf))),
                ];
                self.add("handover", [kit], columns)
            }
            Act::KitChecked(checked) => {
                let columns = [
                    ("dispensation", Cell::of(&checked.dispensation)),
                    ("kit", Cell::of(checked.kit)),
                    ("checked_by", by(leaf)),
                    ("checked_at", Cell::of(at(leaf))),
                ];
                self.add("kit_check", [&leaf.index], columns)
            }
            Act::KitReplaced { .. } => self.replaced(leaf),
            Act::WrongKitStopped(WrongKitStopped { dispensation, scanned }) => {
                let columns = [
                    ("opening", Cell::sealed("scanned", scanned)),
                    ("scanned_by", by(leaf)),
                    ("scanned_at", Cell::of(at(leaf))),
                ];
                self.add("wrong_scan", [dispensation, &leaf.index], columns)
            }
            _ => Ok(()),
        }
    }

    fn registered(&mut self, leaf: &'a Leaf, registered: &'a KitsRegistered) -> Followed {
        let KitsRegistered { batch, label_expiry, visible, kits, .. } = registered;
        let columns = [
            ("label_expiry", Cell::of(label_expiry)),
            ("lots_opening", Cell::sealed("lots", UNOPENED)),
            ("registered_by", by(leaf)),
            ("registered_at", Cell::of(at(leaf))),
        ];
        self.add("batch", [batch], columns)?;
        for (name, value) in visible {
            self.add("batch_attribute", [batch, name], [("value", Cell::of(value))])?;
        }
        for kit in kits {
            let columns = [("batch", Cell::of(batch)), ("opening", Cell::sealed("kit_type", UNOPENED))];
            self.add("kit", [&kit.number], columns)?;
        }
        let numbers: Vec<KitNumber> = kits.iter().map(|kit| kit.number).collect();
        let step = Step::planned(Move::Register, Place::Store);
        self.step(leaf, &numbers, &step)?;
        self.changes.registered(batch, *label_expiry, &numbers);
        self.batches.insert(batch, numbers);
        Ok(())
    }

    /// The kits of a batch are released with the second step for the first country: those that are still there.
    fn step_taken(&mut self, leaf: &'a Leaf, batch: &'a BatchId, new: Taken) -> Followed {
        let kits = self.batches.get(batch).cloned();
        let kits = kits.ok_or_else(|| format!("batch {batch} was not registered"))?;
        let columns = [("taken_by", by(leaf)), ("taken_at", Cell::of(at(leaf)))];
        self.add("batch_step", [batch, &new.country, &new.step], columns)?;
        let taken = self.taken.entry(batch).or_default();
        let was_released = is_released(taken);
        taken.push(new);
        if was_released || !is_released(taken) {
            return Ok(());
        }
        let registered = |kit: &KitNumber| self.states.get(kit) == Some(&KitState::Registered);
        let kits: Vec<KitNumber> = kits.into_iter().filter(registered).collect();
        self.step(leaf, &kits, &Step::planned(Move::Release, Place::Store))
    }

    fn allocated(&mut self, leaf: &'a Leaf) -> Followed {
        let Act::KitsAllocated { subject, visit, attempt, through, kits } = &leaf.act else { return Ok(()) };
        for (slot, kit) in (0_u32..).zip(kits) {
            self.meant_for.insert(*kit, (subject, visit));
            let columns = [
                ("kit", Cell::of(kit)),
                ("through", Cell::of(through)),
                ("allocated_at", Cell::of(at(leaf))),
            ];
            self.add("kit_allocation", [subject, visit, attempt, &slot], columns)?;
        }
        Ok(())
    }

    fn replaced(&mut self, leaf: &Leaf) -> Followed {
        let Act::KitReplaced(ReplacedKit {
            dispensation, attempt, old, new, why, over_limit, reason, ..
        }) = &leaf.act
        else {
            return Ok(());
        };
        let moves = self.states.get(old).and_then(|state| old_moves(*why, *state));
        if let Some(a_move) = moves {
            let place = leaf.site.clone().map_or(Place::Store, Place::Site);
            self.step(leaf, &[*old], &Step { a_move, place, whose: None, reason: Some(because(*why)) })?;
        }
        let columns = [
            ("dispensation", Cell::of(dispensation)),
            ("attempt", Cell::of(attempt)),
            ("new_kit", Cell::of(new)),
            ("why", Cell::of(why)),
            ("over_limit", Cell::of(over_limit)),
            ("reason_opening", Cell::maybe_sealed("reason", reason.as_ref())),
            ("replaced_by", by(leaf)),
            ("replaced_at", Cell::of(at(leaf))),
        ];
        self.add("kit_replacement", [old], columns)
    }

    fn dispensation(&mut self, leaf: &Leaf) -> Followed {
        let Act::Dispensed { dispensation, subject, visit, attempt, in_window, reason, .. } = &leaf.act
        else {
            return Ok(());
        };
        let columns = [
            ("subject", Cell::of(subject)),
            ("visit", Cell::of(visit)),
            ("attempt", Cell::of(attempt)),
            ("day", Cell::of(self.day(leaf)?)),
            ("in_window", Cell::of(in_window)),
            ("reason_opening", Cell::maybe_sealed("reason", reason.as_ref())),
            ("dispensed_by", by(leaf)),
            ("dispensed_at", Cell::of(at(leaf))),
        ];
        self.add("dispensation", [dispensation], columns)
    }

    pub(super) fn step(&mut self, leaf: &Leaf, kits: &[KitNumber], step: &Step<'_>) -> Followed {
        for kit in kits {
            let moved = self.movement(leaf, *kit, step)?;
            self.movement_row(leaf, &moved)?;
            self.states.insert(*kit, moved.to);
            self.entries.push(leaf.index);
            self.movements.push(moved);
        }
        Ok(())
    }

    fn movement(&self, leaf: &Leaf, kit: KitNumber, step: &Step<'_>) -> Result<Movement, String> {
        let from = self.states.get(&kit).copied();
        let to = ledger::next(from, step.a_move).map_err(|illegal| format!("kit {kit}: {illegal}"))?;
        Ok(Movement {
            kit,
            from,
            to,
            a_move: step.a_move,
            place: step.place.clone(),
            subject: step.whose.map(|(subject, _)| subject.clone()),
            visit: step.whose.map(|(_, visit)| visit.clone()),
            happened: at(leaf),
            // The row is written by the clock of the act, not by the place of its leaf.
            recorded: at(leaf),
            reason: step.reason.and_then(|code| ReasonCode::parse(code).ok()),
        })
    }

    fn movement_row(&mut self, leaf: &Leaf, moved: &Movement) -> Followed {
        let columns = [
            ("from_state", Cell::maybe(moved.from.map(ledger::KitState::code))),
            ("to_state", Cell::of(moved.to.code())),
            ("site", site(&moved.place)),
            ("depot", depot(&moved.place)),
            ("shipment", shipment(&moved.place)),
            ("subject", Cell::maybe(moved.subject.as_ref())),
            ("visit", Cell::maybe(moved.visit.as_ref())),
            ("happened_at", Cell::of(moved.happened)),
            ("recorded_at", Cell::of(moved.recorded)),
            ("reason", Cell::maybe(moved.reason.as_ref())),
        ];
        self.add("movement", [&leaf.index, &moved.kit, &moved.a_move.code()], columns)
    }

    pub(super) fn kit_states(&mut self) {
        for (number, kit) in &self.out.kits {
            let columns = [
                ("state", Cell::of(kit.state.code())),
                ("site", site(&kit.place)),
                ("subject", Cell::maybe(kit.subject.as_ref())),
                ("visit", Cell::maybe(kit.visit.as_ref())),
                ("depot", depot(&kit.place)),
                ("shipment", shipment(&kit.place)),
                ("released", Cell::of(kit.released)),
                ("given", Cell::of(kit.given)),
            ];
            self.out.rows.add("kit_state", [number], columns);
        }
    }
}

fn site(place: &Place) -> Cell {
    Cell::maybe(place.site())
}

fn depot(place: &Place) -> Cell {
    match place {
        Place::Depot(depot) => Cell::of(depot),
        _ => Cell::Empty,
    }
}

fn shipment(place: &Place) -> Cell {
    match place {
        Place::Shipment(shipment) => Cell::of(shipment),
        _ => Cell::Empty,
    }
}
