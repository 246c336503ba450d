//! Label expiries that change, and batches that are called back.

use std::collections::{BTreeMap, BTreeSet};

use terms::{BatchId, Day, ExpiryExtensionId, KitNumber, ShipmentId, UserId};

use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::Disposition;
use crate::act::{Act, ExtensionProposed};

/// KIT-10, KIT-11: a label expiry becomes earlier by a shortening, and later by an extension that one person proposed
/// and another one confirmed, while the one that it goes from is still in force.
pub(super) fn expiries_change_as_they_may(records: &Records<'_>) -> Held {
    let mut labels = Labels::default();
    records.shown.iter().try_for_each(|record| labels.take(record))
}

/// A proposal, with who made it and the label expiry that was in force then.
struct Proposed<'a> {
    by: Option<&'a UserId>,
    from: Day,
    what: &'a ExtensionProposed,
}

/// The label expiries in force.
#[derive(Default)]
pub(super) struct Labels<'a> {
    batches: BTreeMap<KitNumber, &'a BatchId>,
    in_force: BTreeMap<&'a BatchId, Day>,
    proposed: BTreeMap<&'a ExpiryExtensionId, Proposed<'a>>,
}

impl<'a> Labels<'a> {
    /// The label expiry of a kit.
    pub(super) fn of(&self, kit: KitNumber) -> Option<Day> {
        self.in_force.get(self.batches.get(&kit)?).copied()
    }

    /// Takes in a registration or a change.
    pub(super) fn take(&mut self, Record { index, leaf }: &'a Record) -> Held {
        match &leaf.act {
            Act::KitsRegistered { batch, label_expiry, kits, .. } => {
                self.batches.extend(kits.iter().map(|kit| (kit.number, batch)));
                self.in_force.insert(batch, *label_expiry);
            }
            Act::ExpiryShortened(shortened) => {
                let from = self.from(*index, &shortened.batch)?;
                holds(shortened.label_expiry < from, || {
                    format!("leaf {index} shortens {from} to {}", shortened.label_expiry)
                })?;
                self.in_force.insert(&shortened.batch, shortened.label_expiry);
            }
            Act::ExpiryExtensionProposed(what) => {
                let from = self.from(*index, &what.batch)?;
                holds(from < what.label_expiry, || {
                    format!("leaf {index} extends {from} to {}", what.label_expiry)
                })?;
                let by = leaf.actor.as_ref();
                self.proposed.insert(&what.extension, Proposed { by, from, what });
            }
            Act::ExpiryExtended(extended) => {
                let proposed = before(self.proposed.remove(&extended.extension), || {
                    format!("leaf {index} confirms an extension that was not proposed")
                })?;
                holds(proposed.by != leaf.actor.as_ref(), || {
                    format!("leaf {index} confirms what the same person proposed")
                })?;
                let from = self.from(*index, &proposed.what.batch)?;
                holds(from == proposed.from, || {
                    format!("leaf {index} extends {}, and {from} is in force", proposed.from)
                })?;
                self.in_force.insert(&proposed.what.batch, proposed.what.label_expiry);
            }
            _ => {}
        }
        Ok(())
    }

    fn from(&self, index: u64, batch: &BatchId) -> Result<Day, Wrong> {
        before(self.in_force.get(batch).copied(), || {
            format!("leaf {index} is of batch {batch}, which was not registered")
        })
    }
}

/// KIT-13: a batch is recalled once; and from then on no kit of it is allocated, picked, dispatched, handed over or
/// given back from quarantine, and no step and no extension is taken for it.
pub(super) fn recalled_kits_are_not_used(records: &Records<'_>) -> Held {
    let mut recalls = Recalls::default();
    records.shown.iter().try_for_each(|record| recalls.take(record))
}

/// What was recalled so far.
#[derive(Default)]
pub(super) struct Recalls<'a> {
    batches: BTreeMap<KitNumber, &'a BatchId>,
    recalled: BTreeSet<&'a BatchId>,
    shipments: BTreeMap<&'a ShipmentId, &'a [KitNumber]>,
    proposed: BTreeMap<&'a ExpiryExtensionId, &'a BatchId>,
}

impl<'a> Recalls<'a> {
    pub(super) fn has(&self, kit: KitNumber) -> bool {
        self.batches.get(&kit).is_some_and(|batch| self.recalled.contains(batch))
    }

    /// Takes in the kits of a batch, and its recall.
    pub(super) fn learn(&mut self, act: &'a Act) -> bool {
        match act {
            Act::KitsRegistered { batch, kits, .. } => {
                self.batches.extend(kits.iter().map(|kit| (kit.number, batch)));
                true
            }
            Act::BatchRecalled(recalled) => self.recalled.insert(&recalled.batch),
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
            Act::ExpiryExtensionProposed(proposed) => {
                self.proposed.insert(&proposed.extension, &proposed.batch);
                self.use_batch(*index, &proposed.batch)
            }
            Act::ExpiryExtended(extended) => match self.proposed.get(&extended.extension) {
                Some(batch) => self.use_batch(*index, batch),
                None => Ok(()),
            },
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
