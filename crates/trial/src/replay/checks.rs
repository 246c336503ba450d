//! Kits that a second person checks before their handover.

use std::collections::BTreeMap;

use terms::{Day, DispensationId, KitNumber, UserId};

use super::days::Days;
use super::records::{Record, Records};
use super::{Held, Wrong, before};
use crate::act::{Act, Leaf};

/// Where the design asks for it, every kit was checked by somebody else, on the day of its handover and before it.
pub(super) fn are_by_another(records: &Records<'_>) -> Held {
    let design = records.given.design.as_ref();
    let design = design.ok_or_else(|| Wrong::Unknown("no design was given".to_owned()))?;
    if !design.supply.second_person {
        return Ok(());
    }
    let mut checks = Checks::default();
    records.shown.iter().try_for_each(|record| checks.take(record))
}

/// A kit of a dispensation.
type Scanned<'a> = (&'a DispensationId, KitNumber);

/// On which day, and by whom.
type Check<'a> = (Day, Option<&'a UserId>);

#[derive(Default)]
struct Checks<'a> {
    days: Days<'a>,
    checked: BTreeMap<Scanned<'a>, Vec<Check<'a>>>,
}

impl<'a> Checks<'a> {
    fn take(&mut self, record: &'a Record) -> Held {
        let Record { index, leaf } = record;
        self.days.learn(leaf)?;
        match &leaf.act {
            Act::KitChecked(checked) => {
                let check = (self.days.of(leaf)?, leaf.actor.as_ref());
                self.checked.entry((&checked.dispensation, checked.kit)).or_default().push(check);
                Ok(())
            }
            Act::HandedOver { dispensation, kit, .. } => {
                before(self.by_another((dispensation, *kit), leaf)?, || {
                    format!("leaf {index} hands over kit {kit}, which nobody else had checked that day")
                })
            }
            _ => Ok(()),
        }
    }

    fn by_another(&self, kit: Scanned<'_>, leaf: &Leaf) -> Result<Option<()>, Wrong> {
        let today = self.days.of(leaf)?;
        let checks = self.checked.get(&kit).into_iter().flatten();
        let mut of_others = checks.filter(|(day, by)| *day == today && *by != leaf.actor.as_ref());
        Ok(of_others.next().map(|_check| ()))
    }
}
