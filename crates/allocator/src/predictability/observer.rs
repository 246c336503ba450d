//! One block as an observer sees it who knows every arm so far, the ratio and which block sizes there are.
//!
//! Counts at the end of a block depend on nothing but the position. So what the observer believes is a set of
//! positions at which the present block may end: each is the sum of an end that was possible before and a
//! block size, and is given up once an arm has come more often than it allows. With an end the arms that are
//! left are known, and more of each are left under a later end than under an earlier one; so the latest
//! possible end decides what is certain.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::Zero;

use super::NotAssessed;
use super::prefixes::{Counts, Factorials, Shape, left};

/// The positions at which a block may end, counted from the true beginning of the present block.
pub(super) type Ends = BTreeSet<u32>;

/// A block as it was watched; the vectors have one entry for each position of the block.
pub(super) struct Watched {
    /// The chance that the convergence strategy, which knows the true size, guesses right.
    pub(super) correct: Vec<BigRational>,
    /// The chance that the arm is certain.
    pub(super) deterministic: Vec<BigRational>,
    /// The chance that at least one arm is impossible.
    pub(super) exclusion: Vec<BigRational>,
    /// The chances of what is believed at the end, counted from there.
    pub(super) next: BTreeMap<Ends, BigRational>,
}

/// Prefixes of one length by class and belief.
type Beliefs = BTreeMap<(Counts, Ends), BigUint>;

/// The most pairs of class and belief at one position.
const MAX_BELIEFS: usize = 20_000;

/// Watches a block of a size from what is believed at its beginning. At each possible end, a block of any of
/// the
/// `believed` sizes may begin; nobody needs to believe in any who is told the sizes.
pub(super) fn watch(
    shape: &Shape,
    believed: &[u32],
    before: &Ends,
    size: u32,
) -> Result<Watched, NotAssessed> {
    shape.check_size(size)?;
    let quota = shape.quota(size);
    let chances = Chances::new(&quota, size);
    let mut watched =
        Watched { correct: vec![], deterministic: vec![], exclusion: vec![], next: BTreeMap::new() };
    let mut beliefs = Beliefs::from([((shape.empty(), before.clone()), BigUint::from(1_u8))]);
    for position in 0..size {
        watched.look(shape, &chances, &beliefs, size - position);
        beliefs = go_on(shape, believed, &quota, beliefs, position + 1);
        if beliefs.len() > MAX_BELIEFS {
            return Err(NotAssessed::TooLarge(size));
        }
    }
    for ((counts, ends), ways) in beliefs {
        let after = ends.iter().map(|end| end - size).collect();
        *watched.next.entry(after).or_insert_with(BigRational::zero) += chances.of(&counts, &ways);
    }
    Ok(watched)
}

impl Watched {
    /// Adds what can be said of the next position when so many of the block are left.
    fn look(&mut self, shape: &Shape, chances: &Chances<'_>, beliefs: &Beliefs, positions_left: u32) {
        let [mut correct, mut deterministic, mut exclusion] = [const { BigUint::ZERO }; 3];
        for ((counts, ends), ways) in beliefs {
            let weight = ways * chances.completions(counts);
            let latest = shape.quota(ends.iter().copied().max().unwrap_or(0));
            let possible = left(counts, &latest).filter(|count| *count > 0).count();
            correct += &weight * left(counts, chances.quota).max().unwrap_or(0);
            if possible == 1 {
                deterministic += &weight;
            }
            if possible < counts.len() {
                exclusion += weight;
            }
        }
        self.correct.push(chances.share(correct) / BigRational::from_integer(positions_left.into()));
        self.deterministic.push(chances.share(deterministic));
        self.exclusion.push(chances.share(exclusion));
    }
}

/// What is believed after one more position, of which there are then `length`.
fn go_on(shape: &Shape, believed: &[u32], quota: &Counts, beliefs: Beliefs, length: u32) -> Beliefs {
    let mut longer = Beliefs::new();
    for ((counts, ends), ways) in beliefs {
        for next in shape.next(&counts, quota) {
            let ends = still_possible(shape, believed, &ends, &next, length);
            *longer.entry((next, ends)).or_default() += &ways;
        }
    }
    longer
}

fn still_possible(shape: &Shape, believed: &[u32], ends: &Ends, counts: &Counts, length: u32) -> Ends {
    let allows = |end: &u32| shape.quota(*end).iter().zip(counts).all(|(most, count)| count <= most);
    let mut possible: Ends = ends.iter().copied().filter(|end| *end >= length).filter(allows).collect();
    if possible.remove(&length) {
        possible.extend(believed.iter().map(|size| length + size));
    }
    possible
}

/// Turns numbers of arrangements into chances.
struct Chances<'a> {
    quota: &'a Counts,
    factorials: Factorials,
    arrangements: BigUint,
}

impl<'a> Chances<'a> {
    fn new(quota: &'a Counts, size: u32) -> Self {
        let factorials = Factorials::up_to(size);
        let arrangements = factorials.orders(quota.iter().copied());
        Self { quota, factorials, arrangements }
    }

    /// In how many ways the block can go on.
    fn completions(&self, counts: &Counts) -> BigUint {
        self.factorials.orders(left(counts, self.quota))
    }

    fn of(&self, counts: &Counts, ways: &BigUint) -> BigRational {
        self.share(ways * self.completions(counts))
    }

    fn share(&self, arrangements: BigUint) -> BigRational {
        BigRational::new(arrangements.into(), self.arrangements.clone().into())
    }
}
