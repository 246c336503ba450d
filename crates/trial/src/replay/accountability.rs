//! Counts, reconciliations and destructions of kits, replayed.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{Kit, Move, Place};
use terms::{DestructionId, KitNumber, KitReconciliationId};

use super::kits::Stock;
use super::records::{Record, Records};
use super::shipments::in_depot_or;
use super::{Held, Wrong, before, holds};
use crate::act::Act;
use crate::decide::accountability::{Count, count};

/// KIT-18: a count adds up and is the first of its kit, or it has a reason.
pub(super) fn counts_are_explained(records: &Records<'_>) -> Held {
    let design = records.given.design.as_ref();
    let supply = &design.ok_or_else(|| Wrong::Unknown("no design was given".to_owned()))?.supply;
    let mut counted = BTreeSet::new();
    for Record { index, leaf } in &records.shown {
        let Act::KitReturned { kit, used, unused, missing, reason } = &leaf.act else { continue };
        let vials = Count { used: *used, unused: *unused, missing: *missing };
        let taken = count(supply, vials, !counted.insert(kit), reason.is_some());
        holds(taken.is_ok(), || format!("leaf {index} counts kit {kit} without the reason that it needs"))?;
    }
    Ok(())
}

/// KIT-18: what one person signed or proposed, another one confirmed or authorized.
pub(super) fn takes_two_people(records: &Records<'_>) -> Held {
    let mut signed = BTreeMap::new();
    for Record { index, leaf } in &records.shown {
        let second = match &leaf.act {
            Act::KitReconciliationSigned { reconciliation, .. } => {
                signed.insert(reconciliation.as_str(), &leaf.actor);
                continue;
            }
            Act::DestructionProposed { destruction, .. } => {
                signed.insert(destruction.as_str(), &leaf.actor);
                continue;
            }
            Act::KitsReconciled { reconciliation } => reconciliation.as_str(),
            Act::KitsDestroyed { destruction, .. } => destruction.as_str(),
            _ => continue,
        };
        let first =
            before(signed.get(second), || format!("leaf {index} confirms {second}, which nobody signed"))?;
        holds(**first != leaf.actor, || format!("leaf {index} confirms what the same person signed"))?;
    }
    Ok(())
}

/// Kits as they stood at a moment.
type Standing = Vec<(KitNumber, Option<Kit>)>;

/// What was signed first and not yet by the second person.
#[derive(Default)]
pub(super) struct Signed<'a> {
    /// With the kits as they stood when it was signed.
    reconciliations: BTreeMap<&'a KitReconciliationId, (Place, Standing)>,
    destructions: BTreeMap<&'a DestructionId, (Place, &'a [KitNumber])>,
}

impl<'a> Stock<'a> {
    /// Acts that are not the way to a subject: what came back, and the end.
    pub(super) fn account(&mut self, record: &'a Record, at: Place) -> Held {
        match &record.leaf.act {
            Act::KitReturned { kit, used, unused, missing, .. } => {
                let count = Count { used: *used, unused: *unused, missing: *missing };
                self.apply(record, &[*kit], count.a_move(), &at, None)
            }
            Act::KitReconciliationSigned { reconciliation, depot, kits, .. } => {
                let as_they_stand = kits.iter().map(|kit| (*kit, self.kits.get(kit).cloned())).collect();
                let signed = (in_depot_or(depot.as_ref(), at), as_they_stand);
                self.signed.reconciliations.insert(reconciliation, signed);
                Ok(())
            }
            Act::KitsReconciled { reconciliation } => self.reconcile(record, reconciliation),
            Act::DestructionProposed { destruction, depot, kits } => {
                let place = in_depot_or(depot.as_ref(), at);
                self.signed.destructions.insert(destruction, (place, kits.as_slice()));
                Ok(())
            }
            Act::KitsDestroyed { destruction, .. } => {
                let (place, kits) = before(self.signed.destructions.remove(destruction), || {
                    format!(
                        "leaf {} destroys the kits of {destruction}, which was not proposed",
                        record.index
                    )
                })?;
                self.apply(record, kits, Move::Destroy, &place, None)
            }
            _ => Ok(()),
        }
    }

    /// Nothing may have happened to the kits between the two signatures.
    fn reconcile(&mut self, record: &'a Record, reconciliation: &'a KitReconciliationId) -> Held {
        let (place, signed) = before(self.signed.reconciliations.remove(reconciliation), || {
            format!("leaf {} confirms {reconciliation}, which was not signed", record.index)
        })?;
        for (number, kit) in signed {
            holds(self.kits.get(&number) == kit.as_ref(), || {
                format!(
                    "leaf {} reconciles kit {number}, which has changed since it was signed for",
                    record.index
                )
            })?;
            self.apply(record, &[number], Move::Reconcile, &place, None)?;
        }
        Ok(())
    }
}
