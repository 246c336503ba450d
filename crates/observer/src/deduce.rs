//! What follows for every pair of subjects.

use std::fmt;

use terms::SubjectId;

use crate::clauses::Clauses;
use crate::puzzle::Puzzle;
use crate::{Observation, World, check};

/// What can be proved of two subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They share an arm in every world that agrees with what was seen.
    Same,
    /// They do not, in any.
    Different,
    /// Neither can be proved; here are two worlds of [`Deduction::worlds`] by their place, one of each.
    Open {
        /// They share an arm.
        same: usize,
        /// They do not.
        different: usize,
    },
}

/// Two subjects, the one randomized earlier first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The earlier one.
    pub one: SubjectId,
    /// The later one.
    pub other: SubjectId,
    /// What everything seen proves.
    pub verdict: Verdict,
    /// Whether the blocks and the code breaks prove as much, without anything of the supply.
    pub by_blocks: bool,
}

impl Pair {
    /// Whether it takes the supply to prove what is proved.
    pub fn proved_by_supply(&self) -> bool {
        !self.by_blocks && !matches!(self.verdict, Verdict::Open { .. })
    }
}

/// Everything that can be proved of who shares an arm with whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduction {
    /// Every pair of subjects.
    pub pairs: Vec<Pair>,
    /// Worlds that agree with everything seen, each checked by [`check`].
    pub worlds: Vec<World>,
}

impl Deduction {
    /// How many pairs the blocks and code breaks prove.
    pub fn by_blocks(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.by_blocks).count()
    }

    /// How many more the supply proves.
    pub fn by_supply(&self) -> usize {
        self.pairs.iter().filter(|pair| pair.proved_by_supply()).count()
    }
}

/// No world agrees with what was seen: something of the observation is not true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction;

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the observation contradicts itself: no assignment of arms agrees with it")
    }
}

impl std::error::Error for Contradiction {}

/// Proves all that can be proved from an observation without problems.
///
/// # Errors
/// [`Contradiction`] when no world agrees with it.
pub fn deduce(seen: &Observation) -> Result<Deduction, Contradiction> {
    let all = settle(seen)?;
    let blocks = settle(&seen.without_supply())?;
    let by_blocks = blocks.pairs.iter().map(|(_, verdict)| !matches!(verdict, Verdict::Open { .. }));
    let pairs = all.pairs.into_iter().zip(by_blocks).map(|(((one, other), verdict), by_blocks)| Pair {
        one,
        other,
        verdict,
        by_blocks,
    });
    Ok(Deduction { pairs: pairs.collect(), worlds: all.worlds })
}

struct Settled {
    pairs: Vec<((SubjectId, SubjectId), Verdict)>,
    worlds: Vec<World>,
}

fn settle(seen: &Observation) -> Result<Settled, Contradiction> {
    let puzzle = Puzzle::new(seen);
    let mut search =
        Search { puzzle: &puzzle, clauses: Clauses::new(&puzzle), worlds: Vec::new(), open: open(&puzzle) };
    search.find(&[]).ok_or(Contradiction)?;
    let verdicts = (0..search.open.len()).map(|pair| search.settle(pair)).collect::<Vec<_>>();
    let ids = search.open.iter().map(|pair| (id(&puzzle, pair.one), id(&puzzle, pair.other)));
    Ok(Settled { pairs: ids.zip(verdicts).collect(), worlds: search.worlds })
}

fn id(puzzle: &Puzzle<'_>, subject: usize) -> SubjectId {
    let Some(id) = puzzle.subjects.get(subject) else { panic!("a pair of subjects that are not there") };
    (*id).clone()
}

/// A pair, and the worlds found so far in which its subjects share an arm and in which they do not.
struct Open {
    one: usize,
    other: usize,
    same: Option<usize>,
    different: Option<usize>,
}

fn open(puzzle: &Puzzle<'_>) -> Vec<Open> {
    let count = puzzle.subjects.len();
    let pairs = (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other)));
    pairs.map(|(one, other)| Open { one, other, same: None, different: None }).collect()
}

struct Search<'p> {
    puzzle: &'p Puzzle<'p>,
    clauses: Clauses<'p>,
    worlds: Vec<World>,
    open: Vec<Open>,
}

impl Search<'_> {
    /// Finds a world in which the literals are true, and notes what it shows of every pair at once.
    ///
    /// # Panics
    /// When the world does not agree with what was seen: the rules would not say what the observation says.
    fn find(&mut self, wanted: &[batsat::Lit]) -> Option<()> {
        let arms = self.clauses.solve(wanted)?;
        let world = self.puzzle.world(&arms);
        if let Err(inconsistency) = check(self.puzzle.seen, &world) {
            panic!("the observer found a world that is none: {inconsistency}");
        }
        let place = self.worlds.len();
        let mut shows_more = false;
        for pair in &mut self.open {
            let alike = arms.get(pair.one) == arms.get(pair.other);
            let witness = if alike { &mut pair.same } else { &mut pair.different };
            shows_more |= witness.is_none();
            witness.get_or_insert(place);
        }
        if shows_more {
            self.worlds.push(world);
        }
        Some(())
    }

    /// Asks for the worlds that nothing has shown yet. What does not exist is added as proved.
    fn settle(&mut self, pair: usize) -> Verdict {
        let Some((one, other, same, different)) = self.at(pair) else { panic!("there is no such pair") };
        if same.is_none() || different.is_none() {
            let literal = self.clauses.same(one, other);
            let wanted = if same.is_none() { literal } else { !literal };
            if self.find(&[wanted]).is_none() {
                self.clauses.add(&[!wanted]);
            }
        }
        match self.at(pair) {
            Some((_, _, Some(same), Some(different))) => Verdict::Open { same, different },
            Some((_, _, Some(_), None)) => Verdict::Same,
            _ => Verdict::Different,
        }
    }

    fn at(&self, pair: usize) -> Option<(usize, usize, Option<usize>, Option<usize>)> {
        self.open.get(pair).map(|pair| (pair.one, pair.other, pair.same, pair.different))
    }
}
