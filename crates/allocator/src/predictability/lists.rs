//! How many different lists a design can give.

use num_bigint::BigUint;
use num_traits::One;

use super::prefixes::{Factorials, Shape};

/// The number of different lists of whole blocks with at least so many positions, the last block beginning
/// before they are reached. Where the blocks end is part of a list.
pub(super) fn count(shape: &Shape, sizes: &[u32], positions: u32) -> BigUint {
    let factorials = Factorials::up_to(sizes.iter().copied().max().unwrap_or(0));
    let arrangements = |size: u32| factorials.orders(shape.quota(size).into_iter());
    let blocks: Vec<(u32, BigUint)> = sizes.iter().map(|size| (*size, arrangements(*size))).collect();
    // The number of ways to go on, by the number of positions that are still wanted, from 0.
    let mut ways = vec![BigUint::one()];
    for wanted in 1..=positions {
        let of_block = |(size, arranged): &(u32, BigUint)| {
            let rest = usize::try_from(wanted.saturating_sub(*size)).ok();
            rest.and_then(|rest| ways.get(rest)).map_or(BigUint::ZERO, |ways| ways * arranged)
        };
        let next = blocks.iter().map(of_block).sum();
        ways.push(next);
    }
    ways.pop().unwrap_or_default()
}
