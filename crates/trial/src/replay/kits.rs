//! Kits: what the leaves say happened to each, replayed through the ledger's own table.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{BadMovement, IllegalMove, Kit, KitState, Move, Movement, Place, ReasonCode};
use terms::{BatchId, Country, DispensationId, KitNumber, ShipmentId, SiteId, SubjectId, VisitId};

use super::accountability::Signed;
use super::batches::Recalls;
use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::ReleaseStep;
use crate::act::{Act, KitsRegistered, ReplacedKit};
use crate::decide::batch::{Taken, is_released, is_released_in, take_step};
use crate::decide::replace::old_moves;

pub(super) fn are_allocated_once(records: &Records<'_>) -> Held {
    let mut allocated = BTreeSet::new();
    for Record { index, leaf } in &records.shown {
        let Act::KitsAllocated { kits, .. } = &leaf.act else { continue };
        for kit in kits {
            holds(allocated.insert(kit), || format!("leaf {index} allocates kit {kit} again"))?;
        }
    }
    Ok(())
}

/// Dispensed is what was allocated to that subject for that visit and attempt; handed over is what was dispensed, or
/// what replaced it.
pub(super) fn are_handed_over_as_dispensed(records: &Records<'_>) -> Held {
    let (mut allocated, mut dispensed, mut given) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::KitsAllocated { subject, visit, attempt, kits, .. } => {
                allocated.insert((subject, visit, *attempt), kits);
            }
            Act::Dispensed { dispensation, subject, visit, attempt, kits, .. } => {
                let meant = before(allocated.get(&(subject, visit, *attempt)), || {
                    format!("leaf {index} dispenses kits that were not allocated")
                })?;
                holds(*meant == kits, || format!("leaf {index} dispenses other kits than were allocated"))?;
                dispensed.insert(dispensation, (subject, kits.clone()));
            }
            Act::KitReplaced(ReplacedKit { dispensation, subject, visit, attempt, old, new, .. }) => {
                let meant = before(allocated.get(&(subject, visit, *attempt)), || {
                    format!("leaf {index} replaces by a kit that was not allocated")
                })?;
                holds(meant.as_slice() == [*new], || {
                    format!("leaf {index} replaces by another kit than was allocated")
                })?;
                let (whose, kits) = before(dispensed.get_mut(dispensation), || {
                    format!("leaf {index} replaces kit {old} of no dispensation")
                })?;
                let place = kits.iter_mut().find(|kit| *kit == old);
                let place = place.filter(|_| *whose == subject).ok_or_else(|| {
                    let why = format!("leaf {index} replaces kit {old}, which was not to be handed over");
                    Wrong::Contradiction(why)
                })?;
                *place = *new;
            }
            Act::HandedOver { dispensation, subject, kit } => {
                let (whose, kits) = before(dispensed.get(dispensation), || {
                    format!("leaf {index} hands over kit {kit} of no dispensation")
                })?;
                holds(*whose == subject && kits.contains(kit), || {
                    format!("leaf {index} hands over kit {kit}, which was not dispensed to subject {subject}")
                })?;
                holds(given.insert(kit), || format!("leaf {index} hands over kit {kit} again"))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// KIT-01: kits are received at a site, and used there, only when both steps were taken for the site's country.
pub(super) fn are_used_where_they_are_released(records: &Records<'_>) -> Held {
    let mut used = Used::default();
    records.shown.iter().try_for_each(|record| used.take(record))
}

/// What is released where.
#[derive(Default)]
struct Used<'a> {
    countries: BTreeMap<&'a SiteId, Country>,
    batches: BTreeMap<KitNumber, &'a BatchId>,
    taken: BTreeMap<&'a BatchId, Vec<Taken>>,
}

impl<'a> Used<'a> {
    fn take(&mut self, record: &'a Record) -> Held {
        let leaf = &record.leaf;
        match &leaf.act {
            Act::SiteAdded { country, .. } => {
                self.countries.extend(leaf.site.iter().map(|at| (at, *country)))
            }
            Act::KitsRegistered(KitsRegistered { batch, kits, .. }) => {
                self.batches.extend(kits.iter().map(|kit| (kit.number, batch)));
            }
            Act::BatchCertified { batch, country } => {
                let step = ReleaseStep::Certification;
                self.taken.entry(batch).or_default().push(Taken { country: *country, step });
            }
            Act::BatchReleased { batch, country } => {
                let step = ReleaseStep::RegulatoryRelease;
                self.taken.entry(batch).or_default().push(Taken { country: *country, step });
            }
            Act::KitsReceived { received, .. } => return self.are_released(record, received),
            Act::ShipmentReceived { received, .. } if leaf.site.is_some() => {
                return self.are_released(record, received);
            }
            Act::KitsAllocated { kits, .. } => return self.are_released(record, kits),
            Act::HandedOver { kit, .. } => return self.are_released(record, &[*kit]),
            _ => {}
        }
        Ok(())
    }

    fn are_released(&self, Record { index, leaf }: &Record, kits: &[KitNumber]) -> Held {
        let country = leaf.site.as_ref().and_then(|site| self.countries.get(site));
        let country = before(country, || format!("leaf {index} is at no site that was added"))?;
        kits.iter().try_for_each(|kit| {
            let batch = before(self.batches.get(kit), || format!("kit {kit} was not registered"))?;
            let taken = self.taken.get(batch).map(Vec::as_slice).unwrap_or_default();
            before(is_released_in(taken, *country).then_some(()), || {
                format!("leaf {index}: kit {kit} is not released in {country}")
            })
        })
    }
}

/// KIT-04, KIT-05: every move is one that the ledger allows, at the place where the kit is; and the accounts of all
/// places balance.
pub(super) fn move_as_the_ledger_allows(records: &Records<'_>) -> Held {
    let mut stock = Stock::default();
    records.shown.iter().try_for_each(|record| stock.take(record))?;
    let balances = ledger::balances(&stock.movements, |_| ());
    let conserved = balances.is_ok_and(|balances| balances.values().all(ledger::Balance::is_conserved));
    holds(conserved, || "the accounts of kits do not balance".to_owned())
}

/// All kits so far.
#[derive(Default)]
pub(super) struct Stock<'a> {
    pub(super) kits: BTreeMap<KitNumber, Kit>,
    batches: BTreeMap<&'a BatchId, Vec<KitNumber>>,
    taken: BTreeMap<&'a BatchId, Vec<Taken>>,
    pub(super) shipments: BTreeMap<&'a ShipmentId, (Place, &'a Vec<KitNumber>)>,
    dispensed: BTreeMap<&'a DispensationId, &'a VisitId>,
    pub(super) signed: Signed<'a>,
    pub(super) recalls: Recalls<'a>,
    movements: Vec<Movement>,
}

impl<'a> Stock<'a> {
    pub(super) fn take(&mut self, record: &'a Record) -> Held {
        let at = record.leaf.site.clone().map_or(Place::Store, Place::Site);
        self.recalls.learn(&record.leaf.act);
        match &record.leaf.act {
            Act::KitsRegistered(KitsRegistered { batch, kits, .. }) => {
                let numbers: Vec<KitNumber> = kits.iter().map(|kit| kit.number).collect();
                self.batches.insert(batch, numbers.clone());
                self.apply(record, &numbers, Move::Register, &Place::Store, None)
            }
            Act::BatchCertified { batch, country } => {
                self.step(record, batch, Taken { country: *country, step: ReleaseStep::Certification })
            }
            Act::BatchReleased { batch, country } => {
                self.step(record, batch, Taken { country: *country, step: ReleaseStep::RegulatoryRelease })
            }
            Act::KitsReceived { received, missing, damaged, .. } => {
                self.apply(record, received, Move::Receive, &at, None)?;
                self.apply(record, &self.recalled(received), Move::Quarantine, &at, None)?;
                self.apply(record, missing, Move::Lose, &Place::Store, None)?;
                self.apply(record, damaged, Move::Receive, &at, None)?;
                self.apply(record, damaged, Move::Damage, &at, None)
            }
            Act::KitsAllocated { subject, visit, kits, .. } => {
                self.apply(record, kits, Move::Allocate, &at, Some((subject, visit)))
            }
            Act::KitsSetAside { subject, visit, kits } => {
                self.apply(record, kits, Move::Quarantine, &at, Some((subject, visit)))
            }
            Act::Dispensed { dispensation, visit, .. } => {
                self.dispensed.insert(dispensation, visit);
                Ok(())
            }
            Act::KitReplaced(ReplacedKit { old, why, .. }) => {
                let state = self.kits.get(old).map(|kit| kit.state);
                let moves = state.and_then(|state| old_moves(*why, state));
                moves.map_or(Ok(()), |a_move| self.apply(record, &[*old], a_move, &at, None))
            }
            Act::HandedOver { dispensation, subject, kit } => {
                let visit = before(self.dispensed.get(dispensation).copied(), || {
                    format!("leaf {} hands over kit {kit} of no dispensation", record.index)
                })?;
                self.apply(record, &[*kit], Move::HandOver, &at, Some((subject, visit)))
            }
            _ => self.take_shipment(record, at),
        }
    }

    /// The kits of a batch are released with the second step for the first country: those that are still there.
    fn step(&mut self, record: &Record, batch: &'a BatchId, new: Taken) -> Held {
        let kits = before(self.batches.get(batch).cloned(), || {
            format!("leaf {} takes a step for batch {batch}, which was not registered", record.index)
        })?;
        let taken = self.taken.entry(batch).or_default();
        holds(take_step(taken, new).is_ok(), || {
            format!("leaf {} takes a step for batch {batch} a second time", record.index)
        })?;
        let was_released = is_released(taken);
        taken.push(new);
        if was_released || !is_released(taken) {
            return Ok(());
        }
        let registered =
            |kit: &KitNumber| self.kits.get(kit).is_some_and(|kit| kit.state == KitState::Registered);
        let kits: Vec<KitNumber> = kits.into_iter().filter(registered).collect();
        self.apply(record, &kits, Move::Release, &Place::Store, None)
    }

    /// Those of these kits that are recalled, with their batch or their lot: when they arrive they are set aside
    /// (KIT-13).
    pub(super) fn recalled(&self, kits: &[KitNumber]) -> Vec<KitNumber> {
        kits.iter().copied().filter(|kit| self.recalls.has(*kit)).collect()
    }

    pub(super) fn apply(
        &mut self,
        record: &Record,
        kits: &[KitNumber],
        a_move: Move,
        at: &Place,
        whose: Option<(&SubjectId, &VisitId)>,
    ) -> Held {
        for kit in kits {
            self.move_one(record, *kit, a_move, at, whose).map_err(|why| {
                let text = format!("leaf {}: kit {kit}: {why}", record.index);
                if may_be_hidden(why) { Wrong::Missing(text) } else { Wrong::Contradiction(text) }
            })?;
        }
        Ok(())
    }

    fn move_one(
        &mut self,
        record: &Record,
        kit: KitNumber,
        a_move: Move,
        at: &Place,
        whose: Option<(&SubjectId, &VisitId)>,
    ) -> Result<(), BadMovement> {
        let from = self.kits.get(&kit).map(|kit| kit.state);
        let movement = Movement {
            kit,
            from,
            to: ledger::next(from, a_move).map_err(BadMovement::Illegal)?,
            a_move,
            place: at.clone(),
            subject: whose.map(|(subject, _)| subject.clone()),
            visit: whose.map(|(_, visit)| visit.clone()),
            happened: record.leaf.happened.unwrap_or(record.leaf.saved),
            recorded: record.leaf.saved,
            // The leaf is the reason: which one, its kind says.
            reason: ReasonCode::parse("recorded").ok(),
        };
        let after = Kit::after(self.kits.get(&kit), &movement)?;
        self.kits.insert(kit, after);
        self.movements.push(movement);
        Ok(())
    }
}

/// Whether a leaf that is not shown could explain it: a step of the kit's life that is missing before this one.
const fn may_be_hidden(why: BadMovement) -> bool {
    matches!(
        why,
        BadMovement::Illegal(
            IllegalMove::NotRegistered
                | IllegalMove::NotReleased
                | IllegalMove::NotReceived
                | IllegalMove::NotAllocated
        )
    )
}
