//! How the kits of a batch come to exist: packaging lists, packings, and checks of samples.

use super::fold::{Fold, Followed, at, by};
use super::{Cell, UNOPENED};
use crate::act::{Act, Leaf};

impl<'a> Fold<'a> {
    pub(super) fn packing(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::PackagingListExported(exported) => {
                let columns = [
                    ("recipient_opening", Cell::sealed("recipient", exported.recipient)),
                    ("recipient_key", Cell::of(&exported.recipient_key)),
                    ("exported_by", by(leaf)),
                    ("exported_at", Cell::of(at(leaf))),
                ];
                self.add("packaging_list", [&exported.batch, &leaf.index], columns)
            }
            Act::PackingRecorded(recorded) => {
                let columns = [
                    ("kits", Cell::of(recorded.kits)),
                    ("file_opening", Cell::sealed("file", UNOPENED)),
                    ("recorded_by", by(leaf)),
                    ("recorded_at", Cell::of(at(leaf))),
                ];
                self.add("packing", [&recorded.batch, &recorded.attempt], columns)
            }
            Act::SampleChecked(checked) => {
                let columns = [
                    ("entry", Cell::of(leaf.index)),
                    ("passed", Cell::of(checked.passed)),
                    ("found_opening", Cell::sealed("found", UNOPENED)),
                    ("checked_by", by(leaf)),
                    ("checked_at", Cell::of(at(leaf))),
                ];
                self.add("sample_check", [&checked.batch, &checked.attempt], columns)
            }
            _ => Ok(()),
        }
    }
}
