//! Label expiries that change, and batches that are called back.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Kit, KitState, Place};
use terms::{BatchId, Day, ExpiryExtensionId, KitNumber, ShipmentId, UserId};

use super::kits::Stock;
use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::Disposition;
use crate::act::{Act, ExtensionProposed, KitsRegistered};

/// KIT-10, KIT-11: a label expiry becomes earlier by a shortening, and later by an extension that one person proposed
/// and another one confirmed, with no other change in between.
pub(super) fn expiries_change_as_they_may(records: &Records<'_>) -> Held {
    let mut labels = Labels::default();
    records.shown.iter().try_for_each(|record| labels.take(record))
}

/// A proposal, with who made it in which leaf.
struct Proposed<'a> {
    by: Option<&'a UserId>,
    index: u64,
    what: &'a ExtensionProposed,
}

/// The label expiries in force.
#[derive(Default)]
pub(super) struct Labels<'a> {
    batches: BTreeMap<KitNumber, &'a BatchId>,
    /// Each with the leaf that put it into force.
    in_force: BTreeMap<&'a BatchId, (Day, u64)>,
    proposed: BTreeMap<&'a ExpiryExtensionId, Proposed<'a>>,
}

impl<'a> Labels<'a> {
    /// The label expiry of a kit.
    pub(super) fn of(&self, kit: KitNumber) -> Option<Day> {
        self.in_force.get(self.batches.get(&kit)?).map(|(label, _)| *label)
    }

    /// Takes in a registration or a change.
    pub(super) fn take(&mut self, Record { index, leaf }: &'a Record) -> Held {
        match &leaf.act {
            Act::KitsRegistered(KitsRegistered { batch, label_expiry, kits, .. }) => {
                self.batches.extend(kits.iter().map(|kit| (kit.number, batch)));
                self.in_force.insert(batch, (*label_expiry, *index));
            }
            Act::ExpiryShortened(shortened) => {
                let (from, _) = self.last(*index, &shortened.batch)?;
                holds(shortened.label_expiry < from, || {
                    format!("leaf {index} shortens {from} to {}", shortened.label_expiry)
                })?;
                self.in_force.insert(&shortened.batch, (shortened.label_expiry, *index));
            }
            Act::ExpiryExtensionProposed(what) => {
                let (from, _) = self.last(*index, &what.batch)?;
                holds(from < what.label_expiry, || {
                    format!("leaf {index} extends {from} to {}", what.label_expiry)
                })?;
                let (by, index) = (leaf.actor.as_ref(), *index);
                self.proposed.insert(&what.extension, Proposed { by, index, what });
            }
            Act::ExpiryExtended(extended) => {
                let proposed = before(self.proposed.remove(&extended.extension), || {
                    format!("leaf {index} confirms an extension that was not proposed")
                })?;
                holds(proposed.by != leaf.actor.as_ref(), || {
                    format!("leaf {index} confirms what the same person proposed")
                })?;
                let (_, changed) = self.last(*index, &proposed.what.batch)?;
                holds(changed < proposed.index, || {
                    format!("leaf {index} extends a label expiry that leaf {changed} has changed since")
                })?;
                self.in_force.insert(&proposed.what.batch, (proposed.what.label_expiry, *index));
            }
            _ => {}
        }
        Ok(())
    }

    /// The label expiry of a batch, and the leaf that put it into force.
    pub(super) fn last(&self, index: u64, batch: &BatchId) -> Result<(Day, u64), Wrong> {
        before(self.in_force.get(batch).copied(), || {
            format!("leaf {index} is of batch {batch}, which was not registered")
        })
    }
}

/// BLD-09: no label expiry goes beyond the earliest true one of the lots, as they were told with it.
pub(super) fn labels_are_within_the_lots(records: &Records<'_>) -> Held {
    let opened: BTreeMap<_, _> = records
        .export
        .openings
        .iter()
        .filter(|opening| opening.field == "lots")
        .map(|opening| (opening.commitment, opening.value.as_slice()))
        .collect();
    if opened.is_empty() {
        return Err(Wrong::Unknown("this view opens no lots".to_owned()));
    }
    for Record { index, leaf } in &records.shown {
        let (label_expiry, lots) = match &leaf.act {
            Act::KitsRegistered(registered) => (registered.label_expiry, &registered.lots),
            Act::ExpiryExtensionProposed(proposed) => (proposed.label_expiry, &proposed.lots),
            _ => continue,
        };
        let lots = before(opened.get(lots), || format!("the lots of leaf {index} are not opened"))?;
        let earliest = earliest(lots).ok_or_else(|| {
            Wrong::Contradiction(format!("the lots of leaf {index} are not told by their expiries"))
        })?;
        // The words tell no lot's expiry: whoever reads them may not be who opened the file.
        holds(label_expiry <= earliest, || format!("leaf {index} has a label expiry beyond its lots"))?;
    }
    Ok(())
}

/// Lots are lines, each a true expiry, a space, and the true lot.
fn earliest(lots: &[u8]) -> Option<Day> {
    let expiries = std::str::from_utf8(lots).ok()?.lines().map(|line| line.split_once(' ')?.0.parse().ok());
    expiries.collect::<Option<Vec<Day>>>()?.into_iter().min()
}

/// KIT-13: in the leaves right after a recall, every kit of it that could be used is set aside, wherever it is.
pub(super) fn recalls_reach_every_kit(records: &Records<'_>) -> Held {
    let (mut stock, mut recall) = (Stock::default(), None);
    for record in &records.shown {
        if !matches!(record.leaf.act, Act::KitsRecalled(_)) {
            recall.take().map_or(Ok(()), |index| nothing_is_left(&stock, index))?;
        }
        // What is wrong with the moves themselves is told by the rule about them.
        let moved = stock.take(record);
        moved.map_err(|_told| Wrong::Unknown("kits do not move as the ledger allows".to_owned()))?;
        if matches!(record.leaf.act, Act::BatchRecalled(_) | Act::LotRecalled(_)) {
            recall = Some(record.index);
        }
    }
    recall.map_or(Ok(()), |index| nothing_is_left(&stock, index))
}

/// Whether a kit lies where it could be used.
pub(super) const fn could_be_used(kit: &Kit) -> bool {
    match kit.state {
        KitState::Available | KitState::Allocated => true,
        KitState::Released => matches!(kit.place, Place::Depot(_)),
        _ => false,
    }
}

fn nothing_is_left(stock: &Stock<'_>, index: u64) -> Held {
    let left = stock.kits.iter().find(|(number, kit)| stock.recalls.has(**number) && could_be_used(kit));
    match left {
        Some((number, _)) => {
            before(None, || format!("the recall of leaf {index} leaves kit {number} in use"))
        }
        None => Ok(()),
    }
}

/// KIT-13: a batch is recalled once, and no true lot of it after that; and from then on no kit of it is allocated,
/// picked, dispatched, handed over or given back from quarantine, no packing, no step and no extension is taken for
/// it, and no label of it is printed.
pub(super) fn recalled_kits_are_not_used(records: &Records<'_>) -> Held {
    let mut recalls = Recalls::default();
    records.shown.iter().try_for_each(|record| recalls.take(record))
}

/// What was recalled so far.
#[derive(Default)]
pub(super) struct Recalls<'a> {
    batches: BTreeMap<KitNumber, &'a BatchId>,
    recalled: BTreeSet<&'a BatchId>,
    /// The kits that leaves of recalls name: of a true lot there is nothing else to know them by.
    named: BTreeSet<KitNumber>,
    shipments: BTreeMap<&'a ShipmentId, &'a [KitNumber]>,
    proposed: BTreeMap<&'a ExpiryExtensionId, &'a BatchId>,
}

impl<'a> Recalls<'a> {
    pub(super) fn has(&self, kit: KitNumber) -> bool {
        let is_of_batch = self.batches.get(&kit).is_some_and(|batch| self.recalled.contains(batch));
        is_of_batch || self.named.contains(&kit)
    }

    /// Takes in the kits of a batch, and its recall.
    pub(super) fn learn(&mut self, act: &'a Act) -> bool {
        match act {
            Act::KitsRegistered(KitsRegistered { batch, kits, .. }) => {
                self.batches.extend(kits.iter().map(|kit| (kit.number, batch)));
                true
            }
            Act::BatchRecalled(recalled) => self.recalled.insert(&recalled.batch),
            Act::KitsRecalled(at) => {
                self.named.extend([&at.kits, &at.with_subjects, &at.out_of_use].into_iter().flatten());
                true
            }
            _ => true,
        }
    }

    fn take(&mut self, Record { index, leaf }: &'a Record) -> Held {
        holds(self.learn(&leaf.act), || format!("leaf {index} recalls a batch again"))?;
        match &leaf.act {
            Act::KitsAllocated { kits, .. } => self.use_kits(*index, kits),
            Act::ShipmentPicked { shipment, kits, .. } => {
                self.shipments.insert(shipment, kits);
                self.use_kits(*index, kits)
            }
            Act::ShipmentDispatched { shipment } => {
                self.use_kits(*index, self.shipments.get(shipment).copied().unwrap_or_default())
            }
            Act::HandedOver { kit, .. } => self.use_kits(*index, &[*kit]),
            Act::QuarantineDecided { disposition: Disposition::Release, kits, .. } => {
                self.use_kits(*index, kits)
            }
            Act::BatchCertified { batch, .. } | Act::BatchReleased { batch, .. } => {
                self.use_batch(*index, batch)
            }
            Act::PackingRecorded(recorded) => self.use_batch(*index, &recorded.batch),
            Act::SampleChecked(checked) => self.use_batch(*index, &checked.batch),
            Act::ExpiryExtensionProposed(proposed) => {
                self.proposed.insert(&proposed.extension, &proposed.batch);
                self.use_batch(*index, &proposed.batch)
            }
            Act::ExpiryExtended(extended) => match self.proposed.get(&extended.extension) {
                Some(batch) => self.use_batch(*index, batch),
                None => Ok(()),
            },
            Act::LabelsPrinted(printed) => self.use_batch(*index, &printed.batch),
            Act::LotRecalled(of) => self.use_batch(*index, &of.batch),
            _ => Ok(()),
        }
    }

    fn use_kits(&self, index: u64, kits: &[KitNumber]) -> Held {
        let recalled = kits.iter().find(|kit| self.has(**kit));
        match recalled {
            Some(kit) => holds(false, || format!("leaf {index} uses kit {kit}, which is recalled")),
            None => Ok(()),
        }
    }

    fn use_batch(&self, index: u64, batch: &BatchId) -> Held {
        holds(!self.recalled.contains(batch), || {
            format!("leaf {index} goes on with batch {batch}, which is recalled")
        })
    }
}
