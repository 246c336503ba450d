//! The prefixes of a block, counted by class: two prefixes with the same counts of arms have the same future,
//! and so have two that differ only by an exchange of arms with equal shares.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use num_traits::One;

use super::NotAssessed;

/// How often each arm came, in the order of [`Shape`]; counts of arms with equal shares are sorted.
pub(super) type Counts = Vec<u32>;

/// The prefixes of one length: how many there are of each class.
pub(super) type Layer = BTreeMap<Counts, BigUint>;

/// The most classes of prefixes that a block may have.
const MAX_CLASSES: u64 = 20_000;

/// The ratio, with equal shares side by side: the order of arms does not matter for what can be predicted.
pub(super) struct Shape {
    ratio: Vec<u32>,
}

impl Shape {
    pub(super) fn new(ratio: &[u32]) -> Self {
        let mut ratio = ratio.to_vec();
        ratio.sort_unstable();
        Self { ratio }
    }

    pub(super) fn ratio(&self) -> &[u32] {
        &self.ratio
    }

    pub(super) fn round(&self) -> u32 {
        self.ratio.iter().sum()
    }

    /// The counts at the end of so many positions, if they end a block.
    pub(super) fn quota(&self, positions: u32) -> Counts {
        self.ratio.iter().map(|share| share * (positions / self.round())).collect()
    }

    /// Before any position.
    pub(super) fn empty(&self) -> Counts {
        vec![0; self.ratio.len()]
    }

    /// The classes after one more position of a block with this quota, once for each arm that is left.
    pub(super) fn next<'a>(&'a self, counts: &'a Counts, quota: &'a Counts) -> impl Iterator<Item = Counts> {
        let left = counts.iter().zip(quota).enumerate().filter(|(_, (count, most))| count < most);
        left.map(|(arm, _)| self.one_more(counts, arm))
    }

    fn one_more(&self, counts: &Counts, chosen: usize) -> Counts {
        let mut more = counts.clone();
        if let Some(count) = more.get_mut(chosen) {
            *count += 1;
        }
        let mut rest = more.as_mut_slice();
        for equal_shares in self.ratio.chunk_by(u32::eq) {
            let (group, others) = rest.split_at_mut(equal_shares.len());
            group.sort_unstable();
            rest = others;
        }
        more
    }

    /// The prefixes of a block of this size by length, from none to all, as far as every prefix of them is
    /// kept.
    pub(super) fn layers(&self, size: u32, keep: impl Fn(&Counts) -> bool) -> Vec<Layer> {
        let quota = self.quota(size);
        let mut layers = vec![Layer::from([(self.empty(), BigUint::one())])];
        for _ in 0..size {
            let mut longer = Layer::new();
            for (counts, ways) in layers.last().into_iter().flatten() {
                for next in self.next(counts, &quota).filter(&keep) {
                    *longer.entry(next).or_default() += ways;
                }
            }
            layers.push(longer);
        }
        layers
    }

    /// Refuses a block with too many classes: the number of sorted counts within its quota.
    pub(super) fn check_size(&self, size: u32) -> Result<(), NotAssessed> {
        let groups = self.ratio.chunk_by(u32::eq).map(|group| {
            let most = u64::from(group.iter().copied().min().unwrap_or(0) * (size / self.round()));
            let arms = u64::try_from(group.len()).unwrap_or(u64::MAX);
            sorted_counts(most, arms)
        });
        let classes = groups.fold(1_u64, u64::saturating_mul);
        if classes > MAX_CLASSES { Err(NotAssessed::TooLarge(size)) } else { Ok(()) }
    }
}

/// The number of sorted sequences of `arms` counts from 0 to `most`, or one that is surely too large.
fn sorted_counts(most: u64, arms: u64) -> u64 {
    let mut number: u64 = 1;
    for step in 1..=arms.min(most) {
        number = number.saturating_mul(most + arms - step + 1) / step;
        if number > MAX_CLASSES {
            return u64::MAX;
        }
    }
    number
}

/// Factorials, for the number of ways in which a block can go on.
pub(super) struct Factorials(Vec<BigUint>);

impl Factorials {
    pub(super) fn up_to(largest: u32) -> Self {
        let mut factorials = vec![BigUint::one()];
        for number in 1..=largest {
            let next = factorials.last().map(|product| product * number);
            factorials.extend(next);
        }
        Self(factorials)
    }

    /// In how many orders so many of each arm can come.
    pub(super) fn orders(&self, of_each: impl Iterator<Item = u32>) -> BigUint {
        let (mut total, mut equal) = (0, BigUint::one());
        for count in of_each {
            total += count;
            equal *= self.of(count);
        }
        self.of(total) / equal
    }

    fn of(&self, number: u32) -> &BigUint {
        let found = usize::try_from(number).ok().and_then(|index| self.0.get(index));
        let Some(factorial) = found else { panic!("{number}! was not prepared") };
        factorial
    }
}

/// How many of each arm are left of a quota.
pub(super) fn left<'a>(counts: &'a Counts, quota: &'a Counts) -> impl Iterator<Item = u32> + Clone {
    quota.iter().zip(counts).map(|(most, count)| most.saturating_sub(*count))
}

#[cfg(test)]
mod tests {
    use super::{Factorials, MAX_CLASSES, Shape, sorted_counts};

    #[test]
    fn the_prefixes_of_a_block_are_all_there() {
        for (ratio, size, arrangements) in
            [(&[1, 1, 1][..], 3, 6_u32), (&[1, 1, 1], 9, 1680), (&[1, 2], 6, 15)]
        {
            let shape = Shape::new(ratio);
            let layers = shape.layers(size, |_| true);
            let whole = layers.last().expect("the whole block");
            assert_eq!(
                whole.values().cloned().collect::<Vec<_>>(),
                [arrangements.into()],
                "{ratio:?}, {size}"
            );
            let orders = Factorials::up_to(size).orders(shape.quota(size).into_iter());
            assert_eq!(orders, arrangements.into());
        }
    }

    #[test]
    fn the_number_of_classes_is_known_beforehand() {
        for (ratio, size) in [(&[1, 1, 1][..], 36), (&[1, 2, 2, 1], 12), (&[3, 2], 25), (&[1; 12], 12)] {
            let shape = Shape::new(ratio);
            let counted: usize = shape.layers(size, |_| true).iter().map(|layer| layer.len()).sum();
            let groups = shape.ratio.chunk_by(u32::eq).map(|group| {
                sorted_counts(
                    (group[0] * (size / shape.round())).into(),
                    group.len().try_into().expect("few"),
                )
            });
            assert_eq!(groups.product::<u64>(), counted.try_into().expect("few"), "{ratio:?}");
        }
        assert!(sorted_counts(1_000, 2) > MAX_CLASSES && sorted_counts(250, 250) > MAX_CLASSES);
    }
}
