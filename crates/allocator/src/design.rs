//! What a list is derived from: the ratio of the arms, the block sizes and the lengths of the strata.

use std::collections::BTreeSet;
use std::fmt;

use terms::Arm;

/// A design that can be derived: every rule of [`DesignProblem`] holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockDesign {
    ratio: Vec<u32>,
    sizes: Vec<u32>,
    lengths: Vec<u32>,
}

/// What is wrong with a design. Arms, sizes and strata are named by their index, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DesignProblem {
    /// Fewer than 2 arms, or more than 255.
    Arms(usize),
    /// The ratio of an arm is 0.
    ZeroRatio(usize),
    /// There is no block size.
    NoSize,
    /// A block size is 0 or no multiple of the sum of the ratio, which comes second.
    SizeNotWhole(u32, u64),
    /// A block size is over [`BlockDesign::MAX_SIZE`].
    SizeTooLarge(u32),
    /// A block size is there twice, which would give it twice the weight.
    DuplicateSize(u32),
    /// There is no stratum; a study without strata has one.
    NoStratum,
    /// The length of a stratum is 0.
    ZeroLength(usize),
    /// The lengths of all strata together, which come here, are over [`BlockDesign::MAX_POSITIONS`].
    TooLong(u64),
}

impl BlockDesign {
    /// The largest block size. Larger ones belong to no trial, and a cap keeps every sum far from overflow.
    pub const MAX_SIZE: u32 = 1_000;
    /// The largest sum of the lengths of all strata.
    pub const MAX_POSITIONS: u64 = 10_000_000;

    /// A design from its parts: the `ratio` has one integer for each arm, in design order; each of the block
    /// `sizes` is drawn with equal weight; `lengths` are the numbers of positions that each stratum needs at
    /// least, in design order.
    ///
    /// # Errors
    /// All problems, in the order ratio, sizes, lengths.
    pub fn new(ratio: &[u32], sizes: &[u32], lengths: &[u32]) -> Result<Self, Vec<DesignProblem>> {
        let mut problems = ratio_problems(ratio);
        problems.extend(size_problems(sizes, ratio.iter().copied().map(u64::from).sum()));
        problems.extend(length_problems(lengths));
        if problems.is_empty() {
            Ok(Self { ratio: ratio.to_vec(), sizes: sizes.to_vec(), lengths: lengths.to_vec() })
        } else {
            Err(problems)
        }
    }

    /// The share of each arm in design order: 2 to 255 integers from 1.
    pub fn ratio(&self) -> &[u32] {
        &self.ratio
    }

    /// The block sizes in the order of the design; at least one, each a multiple of the sum of the ratio.
    pub fn sizes(&self) -> &[u32] {
        &self.sizes
    }

    /// How many positions each stratum needs at least, in design order; at least one stratum, each length
    /// from 1.
    pub fn lengths(&self) -> &[u32] {
        &self.lengths
    }

    /// The sum of the ratio: the length of one round, which is the smallest block.
    pub fn round(&self) -> u32 {
        self.ratio.iter().sum()
    }

    /// One round: each arm as often as its share, in design order, so `0 0 1` for 2:1.
    pub fn round_of_arms(&self) -> Vec<Arm> {
        let arms = (0..=u8::MAX).map(Arm::new).zip(&self.ratio);
        arms.flat_map(|(arm, share)| (0..*share).map(move |_| arm)).collect()
    }

    /// The largest block size of the design.
    pub fn largest_size(&self) -> u32 {
        self.sizes.iter().copied().max().unwrap_or(0)
    }

    /// SEQ-12: whether every block is the smallest possible one, whose last position anyone can tell who
    /// knows the block before.
    pub fn is_fixed_smallest(&self) -> bool {
        self.sizes == [self.round()]
    }
}

fn ratio_problems(ratio: &[u32]) -> Vec<DesignProblem> {
    let wrong_number = !(2..=255).contains(&ratio.len());
    let zeros = ratio.iter().enumerate().filter(|(_, share)| **share == 0);
    wrong_number
        .then_some(DesignProblem::Arms(ratio.len()))
        .into_iter()
        .chain(zeros.map(|(arm, _)| DesignProblem::ZeroRatio(arm)))
        .collect()
}

fn size_problems(sizes: &[u32], round: u64) -> Vec<DesignProblem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    if sizes.is_empty() {
        problems.push(DesignProblem::NoSize);
    }
    for &size in sizes {
        if size == 0 || (round > 0 && !u64::from(size).is_multiple_of(round)) {
            problems.push(DesignProblem::SizeNotWhole(size, round));
        }
        if size > BlockDesign::MAX_SIZE {
            problems.push(DesignProblem::SizeTooLarge(size));
        }
        if !seen.insert(size) {
            problems.push(DesignProblem::DuplicateSize(size));
        }
    }
    problems
}

fn length_problems(lengths: &[u32]) -> Vec<DesignProblem> {
    let mut problems = Vec::new();
    if lengths.is_empty() {
        problems.push(DesignProblem::NoStratum);
    }
    let zeros = lengths.iter().enumerate().filter(|(_, length)| **length == 0);
    problems.extend(zeros.map(|(stratum, _)| DesignProblem::ZeroLength(stratum)));
    let total: u64 = lengths.iter().copied().map(u64::from).sum();
    if total > BlockDesign::MAX_POSITIONS {
        problems.push(DesignProblem::TooLong(total));
    }
    problems
}

impl fmt::Display for DesignProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arms(count) => write!(f, "there must be 2 to 255 arms, not {count}"),
            Self::ZeroRatio(arm) => write!(f, "the ratio of arm {arm} must be at least 1"),
            Self::NoSize => f.write_str("there must be a block size"),
            Self::SizeNotWhole(size, round) => {
                write!(f, "the block size {size} must be a multiple of {round}, the sum of the ratio")
            }
            Self::SizeTooLarge(size) => {
                write!(f, "the block size {size} must be at most {}", BlockDesign::MAX_SIZE)
            }
            Self::DuplicateSize(size) => write!(f, "the block size {size} must be given once"),
            Self::NoStratum => f.write_str("there must be a stratum"),
            Self::ZeroLength(stratum) => write!(f, "the length of stratum {stratum} must be at least 1"),
            Self::TooLong(total) => {
                write!(
                    f,
                    "all strata together must be at most {} long, not {total}",
                    BlockDesign::MAX_POSITIONS
                )
            }
        }
    }
}

impl std::error::Error for DesignProblem {}

#[cfg(test)]
mod tests {
    use super::{BlockDesign, DesignProblem, DesignProblem::*};

    type Row<'a> = (&'a [u32], &'a [u32], &'a [u32], &'a [DesignProblem]);

    #[test]
    fn seq_01_every_problem_is_reported_at_once() {
        let many = vec![1; 256];
        let table: [Row<'_>; 13] = [
            (&[1, 1, 1], &[6], &[36], &[]),
            (&[2, 1], &[3, 9, 6], &[1, 7], &[]),
            (&[1; 255], &[255, 1_000 - 235], &[10_000_000], &[]),
            (&[], &[], &[], &[Arms(0), NoSize, NoStratum]),
            (&[1], &[1], &[1], &[Arms(1)]),
            (&many, &[256], &[1], &[Arms(256)]),
            (&[1, 0, 2, 0], &[3], &[1], &[ZeroRatio(1), ZeroRatio(3)]),
            (&[0, 0], &[2], &[1], &[ZeroRatio(0), ZeroRatio(1)]),
            (&[1, 1, 1], &[4, 0], &[0], &[SizeNotWhole(4, 3), SizeNotWhole(0, 3), ZeroLength(0)]),
            (&[1, 1], &[4, 2, 4], &[1], &[DuplicateSize(4)]),
            (&[1, 1], &[1_002], &[1], &[SizeTooLarge(1_002)]),
            (&[1, 1], &[2], &[10_000_000, 0, 1], &[ZeroLength(1), TooLong(10_000_001)]),
            (
                &[u32::MAX, u32::MAX],
                &[2],
                &[u32::MAX; 3],
                &[SizeNotWhole(2, 8_589_934_590), TooLong(12_884_901_885)],
            ),
        ];
        for (ratio, sizes, lengths, problems) in table {
            let found = BlockDesign::new(ratio, sizes, lengths).err().unwrap_or_default();
            assert_eq!(found, problems, "{ratio:?} {sizes:?} {lengths:?}");
        }
    }

    #[test]
    fn a_round_has_each_arm_as_often_as_its_share() {
        let design = BlockDesign::new(&[2, 1, 3], &[6], &[1]).expect("a design");
        let arms: Vec<u8> = design.round_of_arms().iter().map(|arm| arm.index()).collect();
        assert_eq!(arms, [0, 0, 1, 2, 2, 2]);
    }

    #[test]
    fn seq_12_only_the_fixed_smallest_block_is_warned_of() {
        for (sizes, smallest) in [(&[3][..], true), (&[6], false), (&[3, 6], false)] {
            let design = BlockDesign::new(&[1, 1, 1], sizes, &[36]).expect("a design");
            assert_eq!(design.is_fixed_smallest(), smallest, "{sizes:?}");
        }
    }
}
