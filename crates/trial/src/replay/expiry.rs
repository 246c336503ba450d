//! Kits and their label expiry.

use std::collections::BTreeMap;
use std::slice;

use terms::{Day, DispensationId, KitNumber, VisitId};

use super::batches::Labels;
use super::days::Days;
use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::act::{Act, Leaf};
use crate::study::StudyDesign;

/// KIT-06, KIT-07, KIT-11: the label expiry of the batch that was in force at that moment covers the days that the kits
/// were allocated for; and the dosing days that begin when they are dispensed and when they are handed over, which may
/// be later.
pub(super) fn last_through_dosing_days(records: &Records<'_>) -> Held {
    let design = records.given.design.as_ref();
    let design = design.ok_or_else(|| Wrong::Unknown("no design was given".to_owned()))?;
    let (days, labels, dispensed) = Default::default();
    let mut expiry = Expiry { design, days, labels, dispensed };
    records.shown.iter().try_for_each(|record| expiry.take(record))
}

/// What is known of expiry so far.
struct Expiry<'a> {
    design: &'a StudyDesign,
    days: Days<'a>,
    labels: Labels<'a>,
    dispensed: BTreeMap<&'a DispensationId, &'a VisitId>,
}

impl<'a> Expiry<'a> {
    fn take(&mut self, record: &'a Record) -> Held {
        let Record { index, leaf } = record;
        self.days.learn(leaf)?;
        self.labels.take(record)?;
        match &leaf.act {
            Act::KitsAllocated { through, kits, .. } => self.last(*index, kits, *through),
            Act::Dispensed { dispensation, visit, kits, .. } => {
                self.dispensed.insert(dispensation, visit);
                self.last(*index, kits, self.through(leaf, visit)?)
            }
            Act::HandedOver { dispensation, kit, .. } => {
                let visit = before(self.dispensed.get(dispensation), || {
                    format!("leaf {index} hands over kit {kit} of no dispensation")
                })?;
                self.last(*index, slice::from_ref(kit), self.through(leaf, visit)?)
            }
            _ => Ok(()),
        }
    }

    /// The last dosing day when the first is that of the leaf, at its site.
    fn through(&self, leaf: &Leaf, visit: &VisitId) -> Result<Day, Wrong> {
        let dispensing = self.design.dispensing_at(visit);
        let dispensing = dispensing.ok_or_else(|| {
            Wrong::Contradiction(format!("leaf {} is of visit {visit}, which hands out nothing", leaf.index))
        })?;
        Ok(dispensing.last_dosing_day(self.days.of(leaf)?))
    }

    fn last(&self, index: u64, kits: &[KitNumber], through: Day) -> Held {
        let margin = self.design.supply.expiry_margin_days;
        kits.iter().try_for_each(|kit| {
            let label = before(self.labels.of(*kit), || format!("kit {kit} was not registered"))?;
            holds(ledger::usable_through(label, through, margin), || {
                format!("leaf {index}: kit {kit} expires too soon to last through {through}")
            })
        })
    }
}
