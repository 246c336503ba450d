//! Counts, reconciliations and destructions of kits.

use ledger::{Move, Place};
use terms::{DepotId, KitNumber};

use super::Cell;
use super::fold::{Fold, Followed, at, by};
use super::kits::Step;
use crate::act::{Act, Leaf};
use crate::decide::accountability::Count;

/// Kits that somebody has signed for, and where they are.
#[derive(Clone)]
pub(super) struct SignedFor<'a> {
    place: Place,
    kits: &'a [KitNumber],
}

impl<'a> Fold<'a> {
    pub(super) fn accountability(&mut self, leaf: &'a Leaf) -> Followed {
        match &leaf.act {
            Act::KitReturned { .. } => self.returned(leaf),
            Act::KitReconciliationSigned { .. } => self.reconciliation(leaf),
            Act::KitsReconciled { reconciliation } => {
                self.all_move(leaf, reconciliation.as_str(), Move::Reconcile)?;
                let columns = [
                    ("entry", Cell::of(leaf.index)),
                    ("confirmed_by", by(leaf)),
                    ("confirmed_at", Cell::of(at(leaf))),
                ];
                self.add("kit_reconciliation_confirmation", [reconciliation], columns)
            }
            Act::DestructionProposed { .. } => self.destruction(leaf),
            Act::KitsDestroyed { destruction, certificate } => {
                self.all_move(leaf, destruction.as_str(), Move::Destroy)?;
                let columns = [
                    ("entry", Cell::of(leaf.index)),
                    ("certificate", Cell::of(certificate)),
                    ("authorized_by", by(leaf)),
                    ("authorized_at", Cell::of(at(leaf))),
                ];
                self.add("destruction_authorization", [destruction], columns)
            }
            _ => Ok(()),
        }
    }

    fn returned(&mut self, leaf: &Leaf) -> Followed {
        let Act::KitReturned { kit, used, unused, missing, reason } = &leaf.act else { return Ok(()) };
        let count = Count { used: *used, unused: *unused, missing: *missing };
        self.step(leaf, &[*kit], &Step::planned(count.a_move(), place_of(leaf, None)))?;
        let columns = [
            ("kit", Cell::of(kit)),
            ("used", Cell::of(used)),
            ("unused", Cell::of(unused)),
            ("missing", Cell::of(missing)),
            ("reason_opening", Cell::maybe_sealed("reason", reason.as_ref())),
            ("counted_by", by(leaf)),
            ("counted_at", Cell::of(at(leaf))),
        ];
        self.add("kit_count", [&leaf.index], columns)
    }

    fn reconciliation(&mut self, leaf: &'a Leaf) -> Followed {
        let Act::KitReconciliationSigned { reconciliation, depot, closing, kits, explained } = &leaf.act
        else {
            return Ok(());
        };
        let columns = [
            ("site", Cell::maybe(leaf.site.as_ref())),
            ("depot", Cell::maybe(depot.as_ref())),
            ("closing", Cell::of(closing)),
            ("entry", Cell::of(leaf.index)),
            ("signed_by", by(leaf)),
            ("signed_at", Cell::of(at(leaf))),
        ];
        self.add("kit_reconciliation", [reconciliation], columns)?;
        for kit in kits {
            let why =
                explained.iter().find(|explained| explained.kit == *kit).map(|explained| &explained.reason);
            let columns = [("reason_opening", Cell::maybe_sealed("reason", why))];
            self.add("kit_reconciliation_kit", [reconciliation, kit], columns)?;
        }
        let place = place_of(leaf, depot.as_ref());
        self.signed_for.insert(reconciliation.as_str(), SignedFor { place, kits });
        Ok(())
    }

    fn destruction(&mut self, leaf: &'a Leaf) -> Followed {
        let Act::DestructionProposed { destruction, depot, kits } = &leaf.act else { return Ok(()) };
        let columns = [
            ("site", Cell::maybe(leaf.site.as_ref())),
            ("depot", Cell::maybe(depot.as_ref())),
            ("entry", Cell::of(leaf.index)),
            ("proposed_by", by(leaf)),
            ("proposed_at", Cell::of(at(leaf))),
        ];
        self.add("destruction", [destruction], columns)?;
        for kit in kits {
            self.add("destruction_kit", [destruction, kit], [])?;
        }
        let place = place_of(leaf, depot.as_ref());
        self.signed_for.insert(destruction.as_str(), SignedFor { place, kits });
        Ok(())
    }

    /// All kits that were signed for move by the second signature.
    fn all_move(&mut self, leaf: &Leaf, id: &str, a_move: Move) -> Followed {
        let signed = self.signed_for.get(id).cloned().ok_or_else(|| format!("{id} was not signed for"))?;
        self.step(leaf, signed.kits, &Step::planned(a_move, signed.place))
    }
}

fn place_of(leaf: &Leaf, depot: Option<&DepotId>) -> Place {
    let site = || leaf.site.clone().map_or(Place::Store, Place::Site);
    depot.cloned().map_or_else(site, Place::Depot)
}
