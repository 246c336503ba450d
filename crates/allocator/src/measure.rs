//! Measuring a list against its design again: a list that fails cannot be approved.
//!
//! This sees what is out of shape. A list in shape whose arms were exchanged is seen by its commitment.

use std::fmt;

use terms::Arm;

use crate::{AllocationList, BlockDesign, Entry};

/// How a list differs from its design. Strata, blocks and positions are indexes from 0; no arm is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The list has this number of strata, and the design another.
    Strata(usize),
    /// A stratum is shorter than its length.
    TooShort {
        /// The stratum.
        stratum: usize,
        /// Its number of positions.
        positions: usize,
    },
    /// A stratum goes on after it had reached its length: this block should not be there.
    TooLong {
        /// The stratum.
        stratum: usize,
        /// Its first block too many.
        block: usize,
    },
    /// The number of a block is not one more than that of the block before.
    BlockNumber {
        /// The stratum.
        stratum: usize,
        /// The first position of the block.
        position: usize,
    },
    /// The size of a block is none of the design's.
    BlockSize {
        /// The stratum.
        stratum: usize,
        /// The block, counted as they come.
        block: usize,
        /// Its size.
        size: usize,
    },
    /// The arms of a block are not in ratio.
    BlockRatio {
        /// The stratum.
        stratum: usize,
        /// The block, counted as they come.
        block: usize,
    },
    /// An arm that the design does not have.
    UnknownArm {
        /// The stratum.
        stratum: usize,
        /// The position.
        position: usize,
    },
}

/// SEQ-18, SEQ-19: everything in which the list differs from its design; empty when it is as it should be.
pub fn measure(list: &AllocationList, design: &BlockDesign) -> Vec<Mismatch> {
    let mut found = Vec::new();
    if list.strata().len() != design.lengths().len() {
        found.push(Mismatch::Strata(list.strata().len()));
    }
    for (stratum, (entries, length)) in list.strata().iter().zip(design.lengths()).enumerate() {
        measure_arms(stratum, entries, design, &mut found);
        measure_blocks(stratum, entries, *length, design, &mut found);
    }
    found
}

fn measure_arms(stratum: usize, entries: &[Entry], design: &BlockDesign, found: &mut Vec<Mismatch>) {
    let unknown =
        entries.iter().enumerate().filter(|(_, entry)| entry.arm.as_usize() >= design.ratio().len());
    found.extend(unknown.map(|(position, _)| Mismatch::UnknownArm { stratum, position }));
}

fn measure_blocks(
    stratum: usize,
    entries: &[Entry],
    length: u32,
    design: &BlockDesign,
    found: &mut Vec<Mismatch>,
) {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let mut position = 0;
    for (block, run) in entries.chunk_by(|a, b| a.block == b.block).enumerate() {
        let numbered = run.first().and_then(|entry| usize::try_from(entry.block).ok());
        if numbered != Some(block) {
            found.push(Mismatch::BlockNumber { stratum, position });
        }
        if position >= length {
            found.push(Mismatch::TooLong { stratum, block });
        }
        if !design.sizes().iter().any(|size| usize::try_from(*size) == Ok(run.len())) {
            found.push(Mismatch::BlockSize { stratum, block, size: run.len() });
        } else if !in_ratio(run, design) {
            found.push(Mismatch::BlockRatio { stratum, block });
        }
        position += run.len();
    }
    if position < length {
        found.push(Mismatch::TooShort { stratum, positions: position });
    }
}

/// Whether every arm has its share of the block: `count * round = share * size`.
fn in_ratio(run: &[Entry], design: &BlockDesign) -> bool {
    let (round, size) = (u64::from(design.round()), whole(run.len()));
    (0..=u8::MAX).map(Arm::new).zip(design.ratio()).all(|(arm, share)| {
        let count = run.iter().filter(|entry| entry.arm == arm).count();
        whole(count) * round == u64::from(*share) * size
    })
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strata(count) => write!(f, "the list has {count} strata, unlike its design"),
            Self::TooShort { stratum, positions } => {
                write!(f, "stratum {stratum} has only {positions} positions")
            }
            Self::TooLong { stratum, block } => {
                write!(f, "stratum {stratum} goes on with block {block} although it is long enough")
            }
            Self::BlockNumber { stratum, position } => {
                write!(f, "a block of stratum {stratum} begins at position {position} under a wrong number")
            }
            Self::BlockSize { stratum, block, size } => {
                write!(
                    f,
                    "block {block} of stratum {stratum} has {size} positions, which is no size of the design"
                )
            }
            Self::BlockRatio { stratum, block } => {
                write!(f, "block {block} of stratum {stratum} is not in ratio")
            }
            Self::UnknownArm { stratum, position } => {
                write!(f, "position {position} of stratum {stratum} has an arm that the design does not have")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mismatch, Mismatch::*, measure};
    use crate::{AllocationList, BlockDesign, Entry, derive};
    use terms::Arm;

    type Strata = Vec<Vec<Entry>>;

    /// Two strata of 1:1:1 in blocks of 3: 2 blocks of which the last is not used up, and 1.
    fn mismatches(change: impl Fn(&mut Strata)) -> Vec<Mismatch> {
        let design = BlockDesign::new(&[1, 1, 1], &[3], &[4, 3]).expect("a design");
        let mut strata = derive(&[3; 32], "study", "list", &design).strata().to_vec();
        change(&mut strata);
        measure(&AllocationList::from_strata(strata), &design)
    }

    #[test]
    fn seq_18_a_derived_list_is_as_designed() {
        let ratios: [(&[u32], &[u32]); 4] =
            [(&[1, 1, 1], &[3, 6, 9]), (&[2, 1], &[3]), (&[1, 1], &[10, 4]), (&[1, 2, 3, 1], &[14, 7])];
        for (ratio, sizes) in ratios {
            let design = BlockDesign::new(ratio, sizes, &[1, 40, 7]).expect("a design");
            assert_eq!(measure(&derive(&[9; 32], "s", "l", &design), &design), []);
        }
    }

    #[test]
    fn seq_19_a_changed_list_is_caught() {
        let block =
            |block| move |strata: &mut Strata| strata[0][3..].iter_mut().for_each(|e| e.block = block);
        assert_eq!(mismatches(|_| ()), []);
        assert_eq!(mismatches(|strata| strata.truncate(1)), [Strata(1)]);
        assert_eq!(mismatches(|strata| strata.push(Vec::new())), [Strata(3)]);
        assert_eq!(
            mismatches(|strata| strata.swap(0, 1)),
            [TooShort { stratum: 0, positions: 3 }, TooLong { stratum: 1, block: 1 }]
        );
        assert_eq!(mismatches(|strata| strata[1].clear()), [TooShort { stratum: 1, positions: 0 }]);
        assert_eq!(mismatches(block(2)), [BlockNumber { stratum: 0, position: 3 }]);
        assert_eq!(mismatches(block(0)), [BlockSize { stratum: 0, block: 0, size: 6 }]);
        assert_eq!(
            mismatches(|strata| strata[0][5].arm = Arm::new(3)),
            [UnknownArm { stratum: 0, position: 5 }, BlockRatio { stratum: 0, block: 1 }]
        );
        assert_eq!(
            mismatches(|strata| strata[0][0].arm = strata[0][1].arm),
            [BlockRatio { stratum: 0, block: 0 }]
        );
        let drop_last = |strata: &mut Strata| strata[0].truncate(5);
        assert_eq!(mismatches(drop_last), [BlockSize { stratum: 0, block: 1, size: 2 }]);
        let repeat_last = |strata: &mut Strata| {
            let last = strata[1][2];
            strata[1].push(last);
        };
        assert_eq!(mismatches(repeat_last), [BlockSize { stratum: 1, block: 0, size: 4 }]);
    }

    #[test]
    fn seq_19_a_sorted_list_is_caught() {
        let by_arm = |strata: &mut Strata| strata[0].sort_by_key(|entry| entry.arm);
        let found = mismatches(by_arm);
        assert!(found.iter().any(|m| matches!(m, BlockNumber { stratum: 0, .. })), "{found:?}");
        assert!(found.iter().any(|m| matches!(m, BlockSize { stratum: 0, .. })), "{found:?}");
    }
}
