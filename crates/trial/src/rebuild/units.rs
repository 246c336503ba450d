//! Units that were prepared on site, and what became of each.

use super::Cell;
use super::fold::{Fold, Followed, at, by};
use crate::UnitEnd;
use crate::act::{Act, Leaf, UnitsPrepared};

impl<'a> Fold<'a> {
    pub(super) fn units(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::UnitsPrepared(prepared) => self.prepared(leaf, prepared),
            Act::UnitGiven(given) => self.unit_ended(leaf, &given.unit, UnitEnd::Given, Cell::Empty),
            Act::UnitDiscarded(gone) => {
                let reason = Cell::sealed("reason", gone.reason);
                self.unit_ended(leaf, &gone.unit, UnitEnd::Discarded, reason)
            }
            Act::UnitStopped(stopped) => {
                let columns = [
                    ("subject", Cell::of(&stopped.subject)),
                    ("unit", Cell::maybe(stopped.unit)),
                    ("opening", Cell::maybe_sealed("scanned", stopped.scanned)),
                    ("stopped_by", by(leaf)),
                    ("stopped_at", Cell::of(at(leaf))),
                ];
                self.add("unit_stop", [&leaf.index], columns)
            }
            _ => Ok(()),
        }
    }

    fn prepared(&mut self, leaf: &Leaf, prepared: &UnitsPrepared) -> Followed {
        let UnitsPrepared { subject, kit, preparation, hours, units } = prepared;
        for unit in units {
            let columns = [
                ("kit", Cell::of(kit)),
                ("subject", Cell::of(subject)),
                ("preparation", Cell::of(preparation)),
                ("hours", Cell::of(hours)),
                ("entry", Cell::of(leaf.index)),
                ("prepared_by", by(leaf)),
                ("prepared_at", Cell::of(at(leaf))),
            ];
            self.add("prepared_unit", [unit], columns)?;
        }
        Ok(())
    }

    fn unit_ended(&mut self, leaf: &Leaf, unit: &terms::UnitNumber, end: UnitEnd, reason: Cell) -> Followed {
        let columns = [
            ("became", Cell::of(end)),
            ("entry", Cell::of(leaf.index)),
            ("reason_opening", reason),
            ("ended_by", by(leaf)),
            ("ended_at", Cell::of(at(leaf))),
        ];
        self.add("unit_end", [unit], columns)
    }
}
