//! An allocation list in the clear: the most secret thing of a study.

use terms::{Arm, Position, Stratum};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// One position of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Zeroize)]
pub struct Entry {
    /// The block that the position belongs to, counted from 0 in its stratum.
    pub block: u32,
    /// The arm of the position.
    pub arm: Arm,
}

/// An allocation list: for every stratum, in design order, its entries by position from 0.
///
/// It has no `Debug`, so that it cannot slip into a log, and it is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct AllocationList {
    strata: Vec<Vec<Entry>>,
}

impl AllocationList {
    /// A list from its entries, for example as they were stored. Nothing is checked: see [`crate::measure`].
    pub fn from_strata(strata: Vec<Vec<Entry>>) -> Self {
        Self { strata }
    }

    /// The entries of every stratum, in design order.
    pub fn strata(&self) -> &[Vec<Entry>] {
        &self.strata
    }

    /// The entry at a place, or `None` beyond the end of the list: it never wraps or borrows (SEQ-15).
    pub fn entry(&self, stratum: Stratum, position: Position) -> Option<Entry> {
        let stratum = self.strata.get(usize::try_from(stratum.index()).ok()?)?;
        stratum.get(usize::try_from(position.index()).ok()?).copied()
    }

    /// All entries with their places, stratum by stratum, in the order of the commitment.
    pub fn rows(&self) -> impl Iterator<Item = (Stratum, Position, Entry)> {
        (0..).zip(&self.strata).flat_map(|(stratum, entries)| {
            (0..)
                .zip(entries)
                .map(move |(position, entry)| (Stratum::new(stratum), Position::new(position), *entry))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{AllocationList, Entry};
    use terms::{Arm, Position, Stratum};

    #[test]
    fn seq_15_there_is_nothing_beyond_the_end() {
        let entry = |arm| Entry { block: 0, arm: Arm::new(arm) };
        let list = AllocationList::from_strata(vec![vec![entry(1)], vec![entry(2), entry(0)]]);
        let table = [(0, 0, Some(1)), (0, 1, None), (1, 1, Some(0)), (1, 2, None), (2, 0, None)];
        for (stratum, position, arm) in table {
            let found = list.entry(Stratum::new(stratum), Position::new(position));
            assert_eq!(found.map(|entry| entry.arm.index()), arm, "stratum {stratum}, position {position}");
        }
        let places: Vec<_> = list.rows().map(|(s, p, e)| (s.index(), p.index(), e.arm.index())).collect();
        assert_eq!(places, [(0, 0, 1), (1, 0, 2), (1, 1, 0)]);
    }
}
