//! The expected maximum range: how far apart the arms drift at worst.
//!
//! After a prefix, the range is the largest minus the smallest of the arms' counts, each count divided by the
//! arm's share so that every block ends in balance. The maximum is over all prefixes of the positions looked
//! at.

use std::collections::BTreeSet;

use num_bigint::BigUint;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::NotAssessed;
use super::prefixes::{Counts, Factorials, Shape, left};

/// The most classes of prefixes times ranges.
const MAX_WORK: usize = 1_000_000;

/// The expected maximum range over the first positions.
pub(super) fn expected_maximum(
    shape: &Shape,
    sizes: &[u32],
    positions: u32,
) -> Result<BigRational, NotAssessed> {
    let largest = sizes.iter().copied().max().unwrap_or(0);
    shape.check_size(largest)?;
    let units = Units::new(shape);
    let classes: Vec<Counts> =
        shape.layers(largest, |_| true).into_iter().flatten().map(|(c, _)| c).collect();
    let ranges: BTreeSet<u64> = classes.iter().map(|counts| units.range(counts)).collect();
    if classes.len() * ranges.len() > MAX_WORK {
        return Err(NotAssessed::TooLarge(largest));
    }
    // The maximum exceeds a range with the chance that it does not stay within: the expectation is the sum of
    // these chances over the steps from one possible range to the next.
    let mut expected = BigRational::zero();
    let mut last: Option<(u64, BigRational)> = None;
    for range in ranges {
        if let Some((below, within)) = last {
            expected += (BigRational::one() - within) * BigRational::from_integer((range - below).into());
        }
        last = Some((range, chance_within(shape, &units, sizes, positions, range)));
    }
    Ok(expected / BigRational::from_integer(units.per_round.into()))
}

/// The chance that the range of no prefix of the first positions exceeds `most` units.
fn chance_within(shape: &Shape, units: &Units, sizes: &[u32], positions: u32, most: u64) -> BigRational {
    let blocks: Vec<Vec<BigRational>> =
        sizes.iter().map(|size| block_within(shape, units, *size, most)).collect();
    let number_of_sizes = BigRational::from_integer(sizes.len().into());
    // By the number of positions that are still wanted, from 0.
    let mut chances = vec![BigRational::one()];
    for wanted in 1..=usize::try_from(positions).unwrap_or(usize::MAX) {
        let of_block = |within: &Vec<BigRational>| {
            let size = within.len() - 1;
            let part = within.get(wanted.min(size))?;
            Some(part * chances.get(wanted.saturating_sub(size))?)
        };
        let next = blocks.iter().filter_map(of_block).sum::<BigRational>() / &number_of_sizes;
        chances.push(next);
    }
    chances.pop().unwrap_or_else(BigRational::one)
}

/// For a block of a size, by the length of the prefix from 0 to all: the chance that the range stays within.
fn block_within(shape: &Shape, units: &Units, size: u32, most: u64) -> Vec<BigRational> {
    let quota = shape.quota(size);
    let factorials = Factorials::up_to(size);
    let arrangements = factorials.orders(quota.iter().copied());
    let layers = shape.layers(size, |counts| units.range(counts) <= most);
    let chance = |layer: &super::prefixes::Layer| {
        let staying: BigUint =
            layer.iter().map(|(counts, ways)| ways * factorials.orders(left(counts, &quota))).sum();
        BigRational::new(staying.into(), arrangements.clone().into())
    };
    layers.iter().map(chance).collect()
}

/// Ranges in whole units, so that counts divided by different shares can be compared.
struct Units {
    /// The units in one round: the least common multiple of the shares.
    per_round: u64,
    /// The units that one more of an arm adds to it.
    per_count: Vec<u64>,
}

impl Units {
    fn new(shape: &Shape) -> Self {
        let shares: Vec<u64> = shape.ratio().iter().copied().map(u64::from).collect();
        let per_round = shares.iter().fold(1, |multiple, share| multiple.lcm(share));
        let per_count = shares.iter().map(|share| per_round / share).collect();
        Self { per_round, per_count }
    }

    fn range(&self, counts: &Counts) -> u64 {
        let scaled = || counts.iter().zip(&self.per_count).map(|(count, units)| u64::from(*count) * units);
        scaled().max().unwrap_or(0) - scaled().min().unwrap_or(0)
    }
}
