//! Alerts that were raised, acknowledged and cleared.

use super::Cell;
use super::fold::{Fold, Followed, at, by};
use crate::act::{Act, Leaf};

impl<'a> Fold<'a> {
    pub(super) fn alerts(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::AlertRaised(raised) => {
                let key = (raised.kind, &raised.place, raised.reference.as_str());
                let ordinal = self.raised.entry(key).and_modify(|times| *times += 1).or_insert(1);
                let columns = [
                    ("kind", Cell::of(raised.kind)),
                    ("place", Cell::of(&raised.place)),
                    ("reference", Cell::of(&raised.reference)),
                    ("ordinal", Cell::of(*ordinal)),
                    ("entry", Cell::of(leaf.index)),
                    ("raised_at", Cell::of(at(leaf))),
                ];
                self.add("alert", [&raised.alert], columns)
            }
            Act::AlertAcknowledged(done) => {
                let columns = [
                    ("entry", Cell::of(leaf.index)),
                    ("text_opening", Cell::maybe_sealed("text", done.text)),
                    ("acknowledged_by", by(leaf)),
                    ("acknowledged_at", Cell::of(at(leaf))),
                ];
                self.add("alert_acknowledgement", [&done.alert], columns)
            }
            Act::AlertCleared(cleared) => {
                let columns = [("entry", Cell::of(leaf.index)), ("cleared_at", Cell::of(at(leaf)))];
                self.add("alert_clearing", [&cleared.alert], columns)
            }
            _ => Ok(()),
        }
    }
}
