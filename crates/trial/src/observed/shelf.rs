//! The kits of a site as its leaves tell of them.

use std::collections::{BTreeMap, BTreeSet};

use ledger::usable_through;
use terms::{BatchId, Day, KitNumber};

use super::Usable;
use crate::act::Act;
use crate::study::StudyDesign;
use crate::{Disposition, Incident};

/// What is known of kits: the label of every batch, what came, and what lies on the shelf.
#[derive(Clone, Default)]
pub(super) struct Kits {
    batches: BTreeMap<KitNumber, BatchId>,
    labels: BTreeMap<BatchId, Day>,
    extensions: BTreeMap<String, (BatchId, Day)>,
    recalled: BTreeSet<BatchId>,
    /// The kits that leaves of recalls name.
    named: BTreeSet<KitNumber>,
    came: BTreeSet<KitNumber>,
    meant: BTreeSet<KitNumber>,
    on_shelf: BTreeSet<KitNumber>,
}

impl Kits {
    pub(super) fn learn(&mut self, act: &Act) {
        match act {
            Act::KitsRegistered(registered) => {
                let (batch, kits) = (&registered.batch, &registered.kits);
                self.labels.insert(batch.clone(), registered.label_expiry);
                self.batches.extend(kits.iter().map(|kit| (kit.number, batch.clone())));
            }
            Act::ExpiryShortened(shortened) => {
                self.labels.insert(shortened.batch.clone(), shortened.label_expiry);
            }
            Act::ExpiryExtensionProposed(proposed) => {
                let to = (proposed.batch.clone(), proposed.label_expiry);
                self.extensions.insert(proposed.extension.to_string(), to);
            }
            Act::ExpiryExtended(extended) => {
                if let Some((batch, expiry)) = self.extensions.get(extended.extension.as_str()) {
                    self.labels.insert(batch.clone(), *expiry);
                }
            }
            Act::BatchRecalled(recalled) => _ = self.recalled.insert(recalled.batch.clone()),
            Act::KitsRecalled(at) => {
                self.named.extend([&at.kits, &at.with_subjects, &at.out_of_use].into_iter().flatten());
            }
            Act::KitsQuarantined { kits, .. } => self.leave(kits),
            Act::KitIncident { kit, incident: Incident::Damaged | Incident::Lost, .. } => self.leave(&[*kit]),
            Act::QuarantineDecided { disposition: Disposition::Release, depot: None, kits, .. } => {
                let free: Vec<KitNumber> =
                    kits.iter().copied().filter(|kit| !self.meant.contains(kit)).collect();
                self.arrive(&free);
            }
            Act::KitsAllocated { kits, .. } => self.meant.extend(kits.iter().copied()),
            _ => {}
        }
    }

    pub(super) fn come(&mut self, kits: &[KitNumber]) {
        self.came.extend(kits.iter().copied());
    }

    /// Kits lie on the shelf from now on; only such as came to the site.
    pub(super) fn arrive(&mut self, kits: &[KitNumber]) {
        self.on_shelf.extend(kits.iter().filter(|kit| self.came.contains(*kit)));
    }

    pub(super) fn leave(&mut self, kits: &[KitNumber]) {
        kits.iter().for_each(|kit| _ = self.on_shelf.remove(kit));
    }

    /// Whether the kit comes for the first time.
    pub(super) fn is_new(&self, kit: KitNumber) -> bool {
        !self.came.contains(&kit)
    }

    /// Which of these kits came here, and are of this batch.
    pub(super) fn here<'k>(
        &self,
        batch: &BatchId,
        kits: impl IntoIterator<Item = &'k KitNumber>,
    ) -> Vec<KitNumber> {
        let is_here = |kit: &&KitNumber| self.came.contains(*kit) && self.batches.get(*kit) == Some(batch);
        kits.into_iter().filter(is_here).copied().collect()
    }

    pub(super) fn label_expiry(&self, kit: KitNumber) -> Day {
        let batch = self.batches.get(&kit);
        batch.and_then(|batch| self.labels.get(batch)).copied().unwrap_or(Day::MIN)
    }

    /// The kits on the shelf that last through these dosing days and are not recalled.
    pub(super) fn usable(&self, design: &StudyDesign, through: Day) -> Vec<Usable> {
        let margin = design.supply.expiry_margin_days;
        let usable = self.on_shelf.iter().filter_map(|number| {
            let batch = self.batches.get(number)?;
            let label_expiry = self.label_expiry(*number);
            let is_recalled = self.recalled.contains(batch) || self.named.contains(number);
            let lasts = usable_through(label_expiry, through, margin) && !is_recalled;
            lasts.then(|| Usable { number: *number, batch: batch.clone(), label_expiry })
        });
        usable.collect()
    }
}
