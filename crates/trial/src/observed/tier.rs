//! Which batches were open when kits were picked, as anyone can work it out who saw the shelf.

use std::collections::BTreeMap;

use ledger::{BatchStock, open_tier};
use terms::{BatchId, Day, KitNumber};

use crate::study::StudyDesign;

/// A kit on a shelf that lasts for long enough.
#[derive(Clone)]
pub(crate) struct Usable {
    pub(crate) number: KitNumber,
    pub(crate) batch: BatchId,
    pub(crate) label_expiry: Day,
}

/// The usable kits of the tier before the one that these kits were picked from; none when the total alone opened it.
pub(crate) fn tier_before(
    design: &StudyDesign,
    usable: &[Usable],
    picked: &[KitNumber],
) -> Option<Vec<KitNumber>> {
    let mut stocks: BTreeMap<&BatchId, BatchStock> = BTreeMap::new();
    for kit in usable {
        let (batch, label_expiry) = (kit.batch.clone(), kit.label_expiry);
        let stock = stocks.entry(&kit.batch).or_insert(BatchStock { batch, label_expiry, usable: 0 });
        stock.usable += 1;
    }
    let stocks: Vec<BatchStock> = stocks.into_values().collect();
    let mut before = None;
    let mut minimum = design.supply.tier_minimum;
    loop {
        let tier = open_tier(&stocks, minimum);
        let inside: Vec<KitNumber> =
            usable.iter().filter(|kit| tier.contains(&kit.batch)).map(|kit| kit.number).collect();
        let all_open = inside.len() == usable.len();
        if all_open || picked.iter().all(|kit| inside.contains(kit)) {
            return before;
        }
        minimum = u32::try_from(inside.len()).unwrap_or(u32::MAX).saturating_add(1);
        before = Some(inside);
    }
}
