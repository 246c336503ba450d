//! From one block to lists: the sums over the first positions, and the limits for ever more of them.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::NotAssessed;
use super::observer::{Ends, Watched, watch};
use super::prefixes::Shape;

/// Expected numbers of positions, or their shares in the long run.
#[derive(Clone)]
pub(super) struct Sums {
    pub(super) correct: BigRational,
    pub(super) deterministic: BigRational,
    pub(super) exclusion: BigRational,
}

/// One observer's walk from block to block. What it believes at the beginning of a block is all that matters.
pub(super) struct Walk<'a> {
    shape: &'a Shape,
    sizes: &'a [u32],
    /// The sizes that the observer thinks of by itself; none when it is told each one.
    believed: &'a [u32],
    watched: BTreeMap<(Ends, u32), Watched>,
}

/// The most different beliefs at the beginnings of blocks for which the limits are computed.
const MAX_BELIEFS: usize = 64;

impl<'a> Walk<'a> {
    /// An observer who is told the size of each block as it begins.
    pub(super) fn told(shape: &'a Shape, sizes: &'a [u32]) -> Self {
        Self { shape, sizes, believed: &[], watched: BTreeMap::new() }
    }

    /// An observer who knows which sizes there are.
    pub(super) fn untold(shape: &'a Shape, sizes: &'a [u32]) -> Self {
        Self { shape, sizes, believed: sizes, watched: BTreeMap::new() }
    }

    /// The sums over the first positions.
    pub(super) fn first_n(mut self, positions: u32) -> Result<Sums, NotAssessed> {
        let mut sums = Sums::zero();
        let mut beginnings =
            BTreeMap::from([((0, self.believed.iter().copied().collect()), BigRational::one())]);
        while let Some(((start, belief), chance)) = beginnings.pop_first() {
            let chance = chance / self.number_of_sizes();
            for &size in self.sizes {
                let watched = self.watch(&belief, size)?;
                sums.add(watched, &chance, positions - start);
                for (next, follows) in watched.next.iter().filter(|_| start + size < positions) {
                    let beginning = beginnings.entry((start + size, next.clone()));
                    *beginning.or_insert_with(BigRational::zero) += &chance * follows;
                }
            }
        }
        Ok(sums)
    }

    /// The shares in the long run: beliefs at the beginnings of blocks are a Markov chain, each counted by
    /// how often it comes in the long run; the sums of its blocks are divided by their lengths.
    pub(super) fn long_run(mut self) -> Result<Sums, NotAssessed> {
        let beliefs = self.reachable_beliefs()?;
        let weights = stationary(self.transitions(&beliefs)?);
        let mut sums = Sums::zero();
        let mut positions = BigRational::zero();
        for (belief, weight) in beliefs.iter().zip(&weights) {
            for &size in self.sizes {
                sums.add(self.watch(belief, size)?, weight, size);
                positions += weight * BigRational::from_integer(size.into());
            }
        }
        Ok(sums.divided_by(&positions))
    }

    /// All beliefs that can be held at the beginning of a block, the very first one first. It can come back
    /// from each of them: after a largest block that was never in balance on the way, no older end is left.
    fn reachable_beliefs(&mut self) -> Result<Vec<Ends>, NotAssessed> {
        let mut found: Vec<Ends> = vec![self.believed.iter().copied().collect()];
        let mut looked_at = 0;
        while let Some(belief) = found.get(looked_at).cloned() {
            looked_at += 1;
            for &size in self.sizes {
                for next in self.watch(&belief, size)?.next.keys() {
                    if !found.contains(next) {
                        found.push(next.clone());
                    }
                }
                if found.len() > MAX_BELIEFS {
                    return Err(NotAssessed::TooLarge(size));
                }
            }
        }
        Ok(found)
    }

    /// The chances from each belief to each.
    fn transitions(&mut self, beliefs: &[Ends]) -> Result<Vec<Vec<BigRational>>, NotAssessed> {
        let count = self.number_of_sizes();
        let mut rows = Vec::new();
        for from in beliefs {
            let mut row = vec![BigRational::zero(); beliefs.len()];
            for &size in self.sizes {
                let next = &self.watch(from, size)?.next;
                for (chance, to) in row.iter_mut().zip(beliefs) {
                    *chance += next.get(to).map_or_else(BigRational::zero, |follows| follows / &count);
                }
            }
            rows.push(row);
        }
        Ok(rows)
    }

    fn watch(&mut self, belief: &Ends, size: u32) -> Result<&Watched, NotAssessed> {
        let key = (belief.clone(), size);
        if !self.watched.contains_key(&key) {
            // Whoever is told the size now knows where the block ends; whoever is not holds it possible
            // anyway.
            let before = belief.iter().copied().chain([size]).collect();
            self.watched.insert(key.clone(), watch(self.shape, self.believed, &before, size)?);
        }
        let Some(watched) = self.watched.get(&key) else {
            panic!("a block that was just watched is not there")
        };
        Ok(watched)
    }

    fn number_of_sizes(&self) -> BigRational {
        BigRational::from_integer(self.sizes.len().into())
    }
}

impl Sums {
    fn zero() -> Self {
        Self { correct: Zero::zero(), deterministic: Zero::zero(), exclusion: Zero::zero() }
    }

    /// Adds the first `positions` of a block, or all when it has fewer, with a chance.
    fn add(&mut self, watched: &Watched, chance: &BigRational, positions: u32) {
        let positions = usize::try_from(positions).unwrap_or(usize::MAX);
        let sum = |chances: &[BigRational]| chances.iter().take(positions).sum::<BigRational>() * chance;
        self.correct += sum(&watched.correct);
        self.deterministic += sum(&watched.deterministic);
        self.exclusion += sum(&watched.exclusion);
    }

    fn divided_by(self, positions: &BigRational) -> Self {
        Self {
            correct: self.correct / positions,
            deterministic: self.deterministic / positions,
            exclusion: self.exclusion / positions,
        }
    }
}

/// How often each state of an irreducible Markov chain comes in the long run, relative to the first one.
///
/// States are taken out from the last on: whoever went to one goes where it goes, in proportion. Source: W.
/// Grassmann, M. Taksar, D. Heyman, "Regenerative analysis and steady state distributions for Markov chains",
/// Operations Research 33 (1985), doi 10.1287/opre.33.5.1107.
fn stationary(mut rows: Vec<Vec<BigRational>>) -> Vec<BigRational> {
    let mut visits = Vec::new();
    while let Some(taken_out) = rows.pop().filter(|_| !rows.is_empty()) {
        let leaves: BigRational = taken_out.iter().take(rows.len()).sum();
        let mut visits_per_row = Vec::new();
        for row in &mut rows {
            let visit = row.pop().unwrap_or_else(BigRational::zero) / &leaves;
            for (chance, onward) in row.iter_mut().zip(&taken_out) {
                *chance += &visit * onward;
            }
            visits_per_row.push(visit);
        }
        visits.push(visits_per_row);
    }
    let mut weights = vec![BigRational::one()];
    for visits_per_row in visits.iter().rev() {
        weights.push(weights.iter().zip(visits_per_row).map(|(weight, visit)| weight * visit).sum());
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::stationary;
    use num_rational::BigRational;

    #[test]
    fn the_long_run_of_a_small_chain() {
        // From 0 always to 1; from 1 to 0, 1 or 2; from 2 to 0 or 2. Worked by hand: w1 = w0 + w1/3 and
        // w2 = w1/3 + w2/2.
        let part = |numerator: i32, denominator: i32| BigRational::new(numerator.into(), denominator.into());
        let rows = vec![
            vec![part(0, 1), part(1, 1), part(0, 1)],
            vec![part(1, 3), part(1, 3), part(1, 3)],
            vec![part(1, 2), part(0, 1), part(1, 2)],
        ];
        assert_eq!(stationary(rows), [part(1, 1), part(3, 2), part(1, 1)]);
    }
}
