//! Batches after their registration: label expiries that change, and recalls.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Move, Place};
use terms::{BatchId, Day, ExpiryExtensionId, KitNumber};

use super::fold::{Fold, Followed, at, by};
use super::kits::Step;
use super::shipments::at_site;
use super::{Cell, UNOPENED};
use crate::act::{Act, ExtensionProposed, KitsAt, Leaf};

/// Why a kit is set aside of which the batch is recalled.
pub const RECALL: &str = "recall";

/// What has become of batches.
#[derive(Default)]
pub(super) struct Changes<'a> {
    of_kits: BTreeMap<KitNumber, &'a BatchId>,
    label_expiries: BTreeMap<&'a BatchId, Day>,
    proposed: BTreeMap<&'a ExpiryExtensionId, &'a ExtensionProposed>,
    recalled: BTreeSet<&'a BatchId>,
    /// The kits that were recalled with their true lot.
    with_their_lot: BTreeSet<KitNumber>,
}

impl<'a> Changes<'a> {
    pub(super) fn registered(&mut self, batch: &'a BatchId, label_expiry: Day, kits: &[KitNumber]) {
        self.of_kits.extend(kits.iter().map(|kit| (*kit, batch)));
        self.label_expiries.insert(batch, label_expiry);
    }
}

impl<'a> Fold<'a> {
    /// Those of these kits that are recalled, with their batch or their lot.
    pub(super) fn recalled(&self, kits: &[KitNumber]) -> Vec<KitNumber> {
        let changes = &self.changes;
        let is_recalled = |kit: &KitNumber| {
            let of_batch = changes.of_kits.get(kit).is_some_and(|of| changes.recalled.contains(of));
            of_batch || changes.with_their_lot.contains(kit)
        };
        kits.iter().copied().filter(is_recalled).collect()
    }

    pub(super) fn batches(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::ExpiryShortened(shortened) => {
                let columns = [
                    ("label_expiry", Cell::of(shortened.label_expiry)),
                    ("extension", Cell::Empty),
                    ("reason_opening", Cell::sealed("reason", shortened.reason)),
                    ("evidence", Cell::of(shortened.evidence)),
                    ("set_by", by(leaf)),
                    ("set_at", Cell::of(at(leaf))),
                ];
                self.changes.label_expiries.insert(&shortened.batch, shortened.label_expiry);
                self.add("batch_expiry", [&shortened.batch, &leaf.index], columns)
            }
            Act::ExpiryExtensionProposed(proposed) => self.extension_proposed(leaf, proposed),
            Act::ExpiryExtended(extended) => {
                let proposed = self.changes.proposed.get(&extended.extension).copied();
                let proposed = proposed.ok_or_else(|| format!("{} was not proposed", extended.extension))?;
                let columns = [
                    ("label_expiry", Cell::of(proposed.label_expiry)),
                    ("extension", Cell::of(&extended.extension)),
                    ("reason_opening", Cell::Empty),
                    ("evidence", Cell::of(extended.evidence)),
                    ("set_by", by(leaf)),
                    ("set_at", Cell::of(at(leaf))),
                ];
                self.changes.label_expiries.insert(&proposed.batch, proposed.label_expiry);
                self.add("batch_expiry", [&proposed.batch, &leaf.index], columns)
            }
            Act::BatchRecalled(recalled) => {
                let columns = [
                    ("entry", Cell::of(leaf.index)),
                    ("reason_opening", Cell::sealed("reason", recalled.reason)),
                    ("evidence", Cell::of(recalled.evidence)),
                    ("recalled_by", by(leaf)),
                    ("recalled_at", Cell::of(at(leaf))),
                ];
                self.changes.recalled.insert(&recalled.batch);
                self.add("batch_recall", [&recalled.batch], columns)
            }
            Act::KitsRecalled(at) => {
                self.of_a_lot(leaf, at)?;
                self.set_aside(leaf, at)
            }
            Act::LotStatementRead(_) | Act::LotRecalled(_) => self.lots(leaf),
            Act::LabelsPrinted(printed) => {
                let columns = [
                    ("language", Cell::of(printed.language)),
                    ("label_expiry", Cell::of(printed.label_expiry)),
                    ("labels", Cell::of(printed.labels)),
                    ("file_hash", Cell::of(printed.file)),
                    ("reason_opening", Cell::maybe_sealed("reason", printed.reason)),
                    ("printed_by", by(leaf)),
                    ("printed_at", Cell::of(at(leaf))),
                ];
                self.add("label_print", [&printed.batch, &leaf.index], columns)
            }
            _ => Ok(()),
        }
    }

    fn extension_proposed(&mut self, leaf: &Leaf, proposed: &'a ExtensionProposed) -> Followed {
        let from = self.changes.label_expiries.get(&proposed.batch).copied();
        let from = from.ok_or_else(|| format!("batch {} was not registered", proposed.batch))?;
        self.changes.proposed.insert(&proposed.extension, proposed);
        let columns = [
            ("batch", Cell::of(&proposed.batch)),
            ("from_expiry", Cell::of(from)),
            ("label_expiry", Cell::of(proposed.label_expiry)),
            ("lots_opening", Cell::sealed("lots", UNOPENED)),
            ("reason_opening", Cell::sealed("reason", proposed.reason)),
            ("entry", Cell::of(leaf.index)),
            ("proposed_by", by(leaf)),
            ("proposed_at", Cell::of(at(leaf))),
        ];
        self.add("expiry_extension", [&proposed.extension], columns)
    }

    fn lots(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::LotStatementRead(read) => {
                let columns = [
                    ("batch", Cell::of(&read.batch)),
                    ("lot_opening", Cell::sealed("lot", UNOPENED)),
                    ("file_opening", Cell::sealed("statement_file", UNOPENED)),
                    ("entry", Cell::of(leaf.index)),
                    ("read_by", by(leaf)),
                    ("read_at", Cell::of(at(leaf))),
                ];
                self.add("lot_statement", [&read.statement], columns)
            }
            Act::LotRecalled(recalled) => {
                let columns = [
                    ("batch", Cell::of(&recalled.batch)),
                    ("entry", Cell::of(leaf.index)),
                    ("why", Cell::of(recalled.why)),
                    ("reason_opening", Cell::sealed("reason", recalled.reason)),
                    ("recalled_by", by(leaf)),
                    ("recalled_at", Cell::of(at(leaf))),
                ];
                self.add("lot_recall", [&recalled.statement], columns)
            }
            _ => Ok(()),
        }
    }

    /// The kits of a batch that was not recalled as a whole are those of a lot.
    fn of_a_lot(&mut self, leaf: &Leaf, at: &KitsAt) -> Followed {
        if self.changes.recalled.contains(&at.batch) {
            return Ok(());
        }
        for kit in [&at.kits, &at.with_subjects, &at.out_of_use].into_iter().flatten() {
            self.changes.with_their_lot.insert(*kit);
            self.add("lot_recall_kit", [kit], [("entry", Cell::of(leaf.index))])?;
        }
        Ok(())
    }

    /// What lies at a site or in a depot is set aside; what is on its way or in the sponsor's stock, when it arrives.
    fn set_aside(&mut self, leaf: &Leaf, kits: &KitsAt) -> Followed {
        let place = kits.depot.clone().map_or_else(|| at_site(leaf), Place::Depot);
        if kits.shipment.is_some() || place == Place::Store {
            return Ok(());
        }
        self.step(leaf, &kits.kits, &Step::because(Move::Quarantine, place, RECALL))
    }
}
