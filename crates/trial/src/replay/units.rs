//! Units that are prepared on site, and given within their limit.

use std::collections::{BTreeMap, BTreeSet};

use terms::{KitNumber, Moment, SubjectId, UnitNumber};

use super::batches::{Labels, Recalls};
use super::days::Days;
use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::act::{Act, Leaf, UnitGiven, UnitsPrepared};
use crate::study::StudyDesign;

/// KIT-24: units are prepared as the design says, of a kit that was handed over to that subject before, is not called
/// back or replaced, and has a vial for each; and a unit is given once, to that subject, within its hours and not
/// after the label expiry of its kit.
pub(super) fn are_used_in_time(records: &Records<'_>) -> Held {
    let design = records.given.design.as_ref();
    let design = design.ok_or_else(|| Wrong::Unknown("no design was given".to_owned()))?;
    let mut units = Units::of(design);
    records.shown.iter().try_for_each(|record| units.take(record))
}

/// A unit so far.
struct Unit<'a> {
    subject: &'a SubjectId,
    prepared: Moment,
    hours: u32,
}

/// What is known of units so far.
struct Units<'a> {
    design: &'a StudyDesign,
    days: Days<'a>,
    labels: Labels<'a>,
    recalls: Recalls<'a>,
    handed_over: BTreeMap<KitNumber, (&'a SubjectId, Moment)>,
    replaced: BTreeSet<KitNumber>,
    units: BTreeMap<UnitNumber, Unit<'a>>,
    ended: BTreeSet<UnitNumber>,
}

impl<'a> Units<'a> {
    fn of(design: &'a StudyDesign) -> Self {
        let (days, labels, recalls, handed_over) = Default::default();
        let (replaced, units, ended) = Default::default();
        Self { design, days, labels, recalls, handed_over, replaced, units, ended }
    }

    fn take(&mut self, record: &'a Record) -> Held {
        let Record { index, leaf } = record;
        self.days.learn(leaf)?;
        self.labels.take(record)?;
        self.recalls.learn(&leaf.act);
        match &leaf.act {
            Act::HandedOver { subject, kit, .. } => {
                self.handed_over.insert(*kit, (subject, when(leaf)));
                Ok(())
            }
            Act::KitReplaced(replaced) => {
                self.replaced.insert(replaced.old);
                Ok(())
            }
            Act::UnitsPrepared(prepared) => self.prepared(*index, leaf, prepared),
            Act::UnitGiven(given) => self.given(*index, leaf, given),
            Act::UnitDiscarded(gone) => self.ended(*index, &gone.subject, gone.unit).map(|_unit| ()),
            _ => Ok(()),
        }
    }

    fn prepared(&mut self, index: u64, leaf: &Leaf, prepared: &'a UnitsPrepared) -> Held {
        let UnitsPrepared { subject, kit, preparation, hours, units } = prepared;
        let planned = self.design.preparation(preparation.as_str()).map(|planned| planned.hours);
        holds(planned == Some(*hours), || format!("leaf {index} prepares as the design does not say"))?;
        let (whose, since) = before(self.handed_over.get(kit), || {
            format!("leaf {index} prepares of kit {kit}, which was not handed over")
        })?;
        let is_there = *whose == subject && !self.replaced.contains(kit) && !self.recalls.has(*kit);
        let (at, is_in_date) = (when(leaf), self.is_in_date(leaf, *kit)?);
        holds(is_there && *since <= at && at <= leaf.saved && is_in_date, || {
            format!("leaf {index} prepares of kit {kit}, which subject {subject} could not use")
        })?;
        for unit in units {
            let next = u32::try_from(self.units.keys().filter(|other| other.kit == *kit).count());
            let is_next = unit.kit == *kit && next.is_ok_and(|next| unit.index == next.saturating_add(1));
            holds(is_next && unit.index <= self.design.supply.vials_per_kit, || {
                format!("leaf {index} prepares unit {unit}, which is not the next of so many vials")
            })?;
            self.units.insert(*unit, Unit { subject, prepared: at, hours: *hours });
        }
        Ok(())
    }

    fn given(&mut self, index: u64, leaf: &Leaf, given: &UnitGiven) -> Held {
        let (prepared, hours) = self.ended(index, &given.subject, given.unit)?;
        let limit = prepared.plus_seconds(i64::from(hours).saturating_mul(3_600));
        let (at, is_in_date) = (when(leaf), self.is_in_date(leaf, given.unit.kit)?);
        holds(prepared <= at && at <= limit && at <= leaf.saved && is_in_date, || {
            format!("leaf {index} gives unit {} outside its time", given.unit)
        })
    }

    /// Something becomes of a unit of this subject, for the first time.
    fn ended(&mut self, index: u64, subject: &SubjectId, number: UnitNumber) -> Result<(Moment, u32), Wrong> {
        let unit =
            before(self.units.get(&number), || format!("leaf {index}: unit {number} was not prepared"))?;
        holds(unit.subject == subject && self.ended.insert(number), || {
            format!("leaf {index}: unit {number} is of another subject, or something became of it before")
        })?;
        Ok((unit.prepared, unit.hours))
    }

    fn is_in_date(&self, leaf: &Leaf, kit: KitNumber) -> Result<bool, Wrong> {
        let label = before(self.labels.of(kit), || format!("kit {kit} was not registered"))?;
        Ok(self.days.of(leaf)? <= label)
    }
}

fn when(leaf: &Leaf) -> Moment {
    leaf.happened.unwrap_or(leaf.saved)
}
