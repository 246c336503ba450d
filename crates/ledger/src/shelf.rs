//! What a shelf as a whole allows: which batches are open, and whether every type could be served.

use std::collections::BTreeSet;

use terms::{BatchId, Day};

/// A batch on one shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchStock {
    /// The batch.
    pub batch: BatchId,
    /// The one label expiry of all its kits.
    pub label_expiry: Day,
    /// How many of its kits are usable, over all types.
    pub usable: u32,
}

/// The batches from which kits are picked: in order of label expiry, then of code, until together they hold
/// `minimum` usable kits (a minimum of 0 means 1), or all of them. Batches without a usable kit are left out.
///
/// BLD-10: only totals over all types come in, so the next batch opens for all types at once and never
/// because one of them ran out.
pub fn open_tier(batches: &[BatchStock], minimum: u32) -> BTreeSet<BatchId> {
    let mut in_order: Vec<&BatchStock> = batches.iter().filter(|stock| stock.usable > 0).collect();
    in_order.sort_by_key(|stock| (stock.label_expiry, &stock.batch));
    let mut total = 0_u64;
    let still_needed = in_order.into_iter().take_while(|stock| {
        let needed = total < u64::from(minimum.max(1));
        total += u64::from(stock.usable);
        needed
    });
    still_needed.map(|stock| stock.batch.clone()).collect()
}

/// One kit type on one shelf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeStock {
    /// How many of its kits are usable and allocated to nobody.
    pub available: u32,
    /// How many of them are due to subjects in treatment.
    pub due: u32,
}

/// Whether `needed` kits could be taken of any one type and the kits due would still be there: the condition
/// of a randomization. One element for every kit type of the design, in any order; with no type at all
/// nothing can be served.
///
/// One answer whichever type is short, and the same work: every type is looked at even when one has failed.
pub fn can_serve_every_type(types: &[TypeStock], needed: u32) -> bool {
    let serves = |stock: &TypeStock| u64::from(stock.available) >= u64::from(stock.due) + u64::from(needed);
    types.iter().map(serves).fold(!types.is_empty(), |all, one| all & one)
}

#[cfg(test)]
mod tests {
    use super::{BatchStock, TypeStock, can_serve_every_type, open_tier};
    use terms::BatchId;

    fn open(batches: &[(&str, &str, u32)], minimum: u32) -> String {
        let stock = |(batch, expiry, usable): &(&str, &str, u32)| BatchStock {
            batch: BatchId::parse(batch).expect("a batch"),
            label_expiry: expiry.parse().expect("a day"),
            usable: *usable,
        };
        let batches: Vec<BatchStock> = batches.iter().map(stock).collect();
        let opened: Vec<String> = open_tier(&batches, minimum).iter().map(BatchId::to_string).collect();
        opened.join(" ")
    }

    #[test]
    fn the_earliest_batches_are_open_until_the_total_is_enough() {
        let batches = [("C", "2016-06-30", 9), ("B", "2016-03-31", 4), ("A", "2016-03-31", 4)];
        let table = [(0, "A"), (1, "A"), (4, "A"), (5, "A B"), (8, "A B"), (9, "A B C"), (99, "A B C")];
        for (minimum, opened) in table {
            assert_eq!(open(&batches, minimum), opened, "minimum {minimum}");
            let mut other_order = batches;
            other_order.reverse();
            assert_eq!(open(&other_order, minimum), opened, "the order of the batches does not matter");
        }
    }

    #[test]
    fn a_batch_without_a_usable_kit_is_not_open() {
        assert_eq!(open(&[("A", "2016-03-31", 0), ("B", "2016-06-30", 3)], 3), "B");
        assert_eq!(open(&[("A", "2016-03-31", 0)], 1), "");
        assert_eq!(open(&[], 1), "");
        assert_eq!(open(&[("A", "2016-03-31", u32::MAX), ("B", "2016-06-30", u32::MAX)], u32::MAX), "A");
    }

    #[test]
    fn every_type_must_be_servable_beyond_what_is_due() {
        // available and due of three types, needed, answer
        let table = [
            ([(1, 0), (1, 0), (1, 0)], 1, true),
            ([(0, 0), (1, 0), (1, 0)], 1, false),
            ([(1, 0), (0, 0), (1, 0)], 1, false),
            ([(1, 0), (1, 0), (0, 0)], 1, false),
            ([(3, 2), (2, 1), (4, 3)], 1, true),
            ([(3, 2), (2, 2), (4, 3)], 1, false),
            ([(3, 2), (2, 1), (4, 3)], 2, false),
            ([(0, 0), (0, 0), (0, 0)], 0, true),
            ([(0, 1), (9, 0), (9, 0)], 0, false),
            ([(u32::MAX, u32::MAX), (9, 0), (9, 0)], 1, false),
        ];
        for (types, needed, answer) in table {
            let types = types.map(|(available, due)| TypeStock { available, due });
            assert_eq!(can_serve_every_type(&types, needed), answer, "{types:?} {needed}");
        }
        assert!(!can_serve_every_type(&[], 0));
    }
}
