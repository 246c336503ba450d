//! Choosing kits from a site's shelf.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{BatchStock, TypeStock};
use terms::{Arm, BatchId, Day, KitNumber, KitType, Sealed, StudyId, SubjectId, VisitId};

use crate::study::{KitTypeWords, SealedDesign, StudyDesign};
use crate::{Engine, Refusal};

/// A kit on a site's shelf: received, released and not allocated.
pub struct ShelfKit {
    /// The number on the kit.
    pub number: KitNumber,
    /// Its blinded batch.
    pub batch: BatchId,
    /// The label expiry of the batch: the last day of use.
    pub label_expiry: Day,
    /// What is in it.
    pub kit_type: Sealed<KitType>,
}

/// What a site has to give, with the seed of the picks.
pub struct Shelf {
    /// The kits on the shelf, in any order.
    pub kits: Vec<ShelfKit>,
    /// The seed of the picks of this study.
    pub pick_seed: Sealed<[u8; 32]>,
}

/// For whom and when kits are allocated. `attempt` is 1, and rises only by a replacement.
pub struct Need<'a> {
    /// The study.
    pub study: &'a StudyId,
    /// The subject.
    pub subject: &'a SubjectId,
    /// The visit.
    pub visit: &'a VisitId,
    /// Which allocation for this visit it is, from 1.
    pub attempt: u32,
    /// The last dosing day that the kits must cover.
    pub through: Day,
    /// How many kits.
    pub count: u32,
}

/// Kits chosen for a subject at a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The visit.
    pub visit: VisitId,
    /// Which allocation for this visit it is, from 1.
    pub attempt: u32,
    /// The last dosing day that the kits cover.
    pub through: Day,
    /// The kits in the order of the pick; the index is the slot.
    pub kits: Vec<KitNumber>,
}

/// Chooses kits of the arm's type (KIT-06, BLD-08): uniformly among the kits of that type that stay in date through
/// the last dosing day plus the margin and lie in the open tier. When even all tiers together could not serve every
/// type, the own type decides alone: a dose on the shelf is never withheld from a subject in treatment.
///
/// # Errors
/// [`Refusal::SupplyShort`].
pub fn allocate(
    design: &StudyDesign,
    sealed: &SealedDesign,
    shelf: &Shelf,
    need: &Need<'_>,
    arm: &Sealed<Arm>,
) -> Result<Allocation, Refusal> {
    let engine = Engine::new();
    let count = usize::try_from(need.count).unwrap_or(usize::MAX);
    let wanted = sealed.kit_type_of(*arm.open(&engine)).ok_or(Refusal::SupplyShort)?;
    let usable = usable_kits(design, shelf, need.through);
    let tier = open_tier(design, sealed, &usable, need.count);
    let eligible: Vec<KitNumber> = of_type(wanted, usable, &engine)
        .into_iter()
        .filter(|kit| tier.as_ref().is_none_or(|tier| tier.contains(&kit.batch)))
        .map(|kit| kit.number)
        .collect();
    let seed = shelf.pick_seed.open(&engine);
    let kits = ledger::pick(seed, need.study, need.subject, need.visit, need.attempt, &eligible, count)
        .ok_or(Refusal::SupplyShort)?;
    Ok(Allocation { visit: need.visit.clone(), attempt: need.attempt, through: need.through, kits })
}

/// Whether every arm could be served, counting the kits that are due to subjects in treatment; with one answer
/// whatever type is short (BLD-06).
///
/// # Errors
/// [`Refusal::SupplyShort`].
pub fn every_arm_can_be_served(
    design: &StudyDesign,
    sealed: &SealedDesign,
    shelf: &Shelf,
    due: &[(Sealed<Arm>, u32)],
    through: Day,
    count: u32,
) -> Result<(), Refusal> {
    let stock = stock_by_type(design, sealed, shelf, due, through);
    if ledger::can_serve_every_type(&stock, count) { Ok(()) } else { Err(Refusal::SupplyShort) }
}

/// What a site has of a kit type, and what is wanted. It is for unblinded eyes alone, so it has no `Debug`.
pub struct Shortage {
    /// What a kit of the type holds, in words.
    pub kit_type: String,
    /// How many usable kits of the type are on the shelf.
    pub usable: u32,
    /// How many are wanted: those due to subjects in treatment, and `count` more.
    pub wanted: u32,
}

/// Every kit type with the usable kits of the site, and how many are due and `count` more (NOT-05), in the order of the
/// sealed design. The types that are not short are told, too: else whoever counts what is told would see how many are.
pub fn shortage(
    design: &StudyDesign,
    sealed: &SealedDesign,
    shelf: &Shelf,
    due: &[(Sealed<Arm>, u32)],
    through: Day,
    count: u32,
) -> Vec<Shortage> {
    let stock = stock_by_type(design, sealed, shelf, due, through);
    let of_type = |(words, stock): (&KitTypeWords, TypeStock)| Shortage {
        kit_type: words.contents.text.clone(),
        usable: stock.available,
        wanted: stock.due.saturating_add(count),
    };
    sealed.kit_types().iter().zip(stock).map(of_type).collect()
}

/// What is usable and what is due of every kit type, in the order of the sealed design.
fn stock_by_type(
    design: &StudyDesign,
    sealed: &SealedDesign,
    shelf: &Shelf,
    due: &[(Sealed<Arm>, u32)],
    through: Day,
) -> Vec<TypeStock> {
    let engine = Engine::new();
    let mut stock = vec![TypeStock { available: 0, due: 0 }; sealed.kit_type_count()];
    for kit in usable_kits(design, shelf, through) {
        if let Some(stock) = stock.get_mut(kit.kit_type.open(&engine).as_usize()) {
            stock.available = stock.available.saturating_add(1);
        }
    }
    for (arm, kits) in due {
        let kit_type = sealed.kit_type_of(*arm.open(&engine));
        if let Some(stock) = kit_type.and_then(|kit_type| stock.get_mut(kit_type.as_usize())) {
            stock.due = stock.due.saturating_add(*kits);
        }
    }
    stock
}

fn usable_kits<'a>(design: &StudyDesign, shelf: &'a Shelf, through: Day) -> Vec<&'a ShelfKit> {
    let margin = design.supply.expiry_margin_days;
    shelf.kits.iter().filter(|kit| ledger::usable_through(kit.label_expiry, through, margin)).collect()
}

fn of_type<'a>(wanted: KitType, kits: Vec<&'a ShelfKit>, engine: &Engine) -> Vec<&'a ShelfKit> {
    kits.into_iter().filter(|kit| *kit.kit_type.open(engine) == wanted).collect()
}

/// The batches of the open tier. It opens by totals over all types; and when one type has too few kits in it, the next
/// batch opens for all types at once, so that the batch of a kit does not tell whose type ran out (BLD-10). None when
/// no tier holds enough of every type.
pub(super) fn open_tier(
    design: &StudyDesign,
    sealed: &SealedDesign,
    usable: &[&ShelfKit],
    count: u32,
) -> Option<BTreeSet<BatchId>> {
    let stocks = batch_stocks(usable);
    let total = stocks.iter().map(|stock| stock.usable).sum::<u32>();
    let mut minimum = design.supply.tier_minimum;
    loop {
        let tier = ledger::open_tier(&stocks, minimum);
        if holds_every_type(sealed, usable, &tier, count) {
            return Some(tier);
        }
        let held: u32 =
            stocks.iter().filter(|stock| tier.contains(&stock.batch)).map(|stock| stock.usable).sum();
        if held >= total {
            return None;
        }
        minimum = held.saturating_add(1);
    }
}

fn batch_stocks(usable: &[&ShelfKit]) -> Vec<BatchStock> {
    let mut stocks: BTreeMap<&BatchId, BatchStock> = BTreeMap::new();
    for kit in usable {
        let (batch, label_expiry) = (&kit.batch, kit.label_expiry);
        let stock = stocks.entry(batch).or_insert_with(|| BatchStock {
            batch: batch.clone(),
            label_expiry,
            usable: 0,
        });
        stock.usable = stock.usable.saturating_add(1);
    }
    stocks.into_values().collect()
}

fn holds_every_type(
    sealed: &SealedDesign,
    usable: &[&ShelfKit],
    tier: &BTreeSet<BatchId>,
    count: u32,
) -> bool {
    let engine = Engine::new();
    let mut held = vec![TypeStock { available: 0, due: 0 }; sealed.kit_type_count()];
    for kit in usable.iter().filter(|kit| tier.contains(&kit.batch)) {
        if let Some(stock) = held.get_mut(kit.kit_type.open(&engine).as_usize()) {
            stock.available = stock.available.saturating_add(1);
        }
    }
    ledger::can_serve_every_type(&held, count)
}

#[cfg(test)]
mod tests;
