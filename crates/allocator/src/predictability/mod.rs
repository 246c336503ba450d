//! Exact predictability of a design: how well the next arm can be guessed by someone who sees every arm
//! before it.
//!
//! Everything is a rational number, computed with big integers over the classes of prefixes that have equal
//! counts of arms; nothing is simulated and nothing is rounded. The definitions stand in
//! `docs/ALLOCATION.md`, section 9.
//!
//! ```
//! use allocator::{BlockDesign, predictability::{assess, decimal}};
//!
//! let design = BlockDesign::new(&[1, 1, 1], &[6], &[36]).expect("a design without problems");
//! let assessment = assess(&design, 36).expect("a design that is not too large");
//! let share = &assessment.fixed[0].block.correct_share;
//! assert_eq!((share.to_string(), decimal(share, 6)), ("101/180".to_owned(), "0.561111".to_owned()));
//! ```

mod decimal;
mod figures;
mod lists;
mod observer;
mod prefixes;
mod range;
mod walk;

pub use decimal::decimal;
pub use figures::Figure;

use std::fmt;

use num_bigint::BigUint;
use num_rational::BigRational;

use crate::BlockDesign;
use prefixes::Shape;
use walk::Walk;

/// What can be said of a design before a list is derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The number of subjects that the facts about the first subjects are of.
    pub subjects: u32,
    /// Each block size, as if it were the only one, in the order of the design.
    pub fixed: Vec<Fixed>,
    /// All sizes together, when the design has several.
    pub mixed: Option<Mixed>,
    /// All subjects in one block.
    pub one_block: Result<Facts, NotAssessed>,
}

/// One block size, as if it were the only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The size.
    pub size: u32,
    /// One whole block.
    pub block: Facts,
    /// The first subjects.
    pub first_n: Facts,
}

/// Several block sizes, each drawn with equal weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mixed {
    /// The limit for ever more subjects.
    pub long_run: LongRun,
    /// The first subjects.
    pub first_n: Facts,
}

/// Facts about the first `subjects` positions of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The number of positions looked at.
    pub subjects: u32,
    /// How many different lists there are; the last block is whole, and lists that differ only in where their
    /// blocks end are different.
    pub lists: BigUint,
    /// The expected number of correct guesses under the convergence strategy.
    pub expected_correct: BigRational,
    /// The same as a share of the positions.
    pub correct_share: BigRational,
    /// For an observer who is told the size of each block as it begins.
    pub sizes_known: Certainty,
    /// For an observer who knows which sizes there are, but not which were drawn.
    pub sizes_unknown: Certainty,
    /// The expected largest range of the arms' counts, each divided by the arm's share, over all prefixes.
    pub expected_maximum_range: BigRational,
}

/// Limits of the shares of [`Facts`] for ever more positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LongRun {
    /// The share of correct guesses under the convergence strategy.
    pub correct_share: BigRational,
    /// For an observer who is told the size of each block as it begins.
    pub sizes_known: Certainty,
    /// For an observer who knows which sizes there are, but not which were drawn.
    pub sizes_unknown: Certainty,
}

/// What an observer can be certain of, as expected shares of the positions, from 0 to 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certainty {
    /// The share of positions whose arm is certain.
    pub deterministic: BigRational,
    /// The share of positions at which at least one arm is impossible.
    pub exclusion: BigRational,
}

/// Why there are no figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAssessed {
    /// The number of subjects is 0 or over [`MAX_SUBJECTS`].
    Subjects(u32),
    /// A block of this size, or the design around it, has more states than are counted.
    TooLarge(u32),
    /// This number of subjects does not fill whole rounds, so it cannot be one block.
    NotWhole(u32),
}

/// The largest number of subjects that is assessed; the exact fractions grow with it.
pub const MAX_SUBJECTS: u32 = 1_000;

/// SEQ-12: the exact predictability of a design for the first `subjects` positions of a stratum.
///
/// # Errors
/// [`NotAssessed::Subjects`] and [`NotAssessed::TooLarge`]; that the subjects cannot be one block is no
/// error.
pub fn assess(design: &BlockDesign, subjects: u32) -> Result<Assessment, NotAssessed> {
    if subjects == 0 || subjects > MAX_SUBJECTS {
        return Err(NotAssessed::Subjects(subjects));
    }
    let shape = Shape::new(design.ratio());
    let fixed = design.sizes().iter().map(|size| assess_fixed(&shape, *size, subjects));
    Ok(Assessment {
        subjects,
        fixed: fixed.collect::<Result<_, _>>()?,
        mixed: match design.sizes() {
            [_] => None,
            several => Some(assess_mixed(&shape, several, subjects)?),
        },
        one_block: assess_one_block(&shape, subjects),
    })
}

fn assess_fixed(shape: &Shape, size: u32, subjects: u32) -> Result<Fixed, NotAssessed> {
    let block = first_n(shape, &[size], size)?;
    Ok(Fixed { size, block, first_n: first_n(shape, &[size], subjects)? })
}

fn assess_mixed(shape: &Shape, sizes: &[u32], subjects: u32) -> Result<Mixed, NotAssessed> {
    let told = Walk::told(shape, sizes).long_run()?;
    let untold = Walk::untold(shape, sizes).long_run()?;
    let long_run = LongRun {
        correct_share: told.correct,
        sizes_known: Certainty { deterministic: told.deterministic, exclusion: told.exclusion },
        sizes_unknown: Certainty { deterministic: untold.deterministic, exclusion: untold.exclusion },
    };
    Ok(Mixed { long_run, first_n: first_n(shape, sizes, subjects)? })
}

fn assess_one_block(shape: &Shape, subjects: u32) -> Result<Facts, NotAssessed> {
    if subjects.is_multiple_of(shape.round()) {
        first_n(shape, &[subjects], subjects)
    } else {
        Err(NotAssessed::NotWhole(subjects))
    }
}

fn first_n(shape: &Shape, sizes: &[u32], subjects: u32) -> Result<Facts, NotAssessed> {
    let told = Walk::told(shape, sizes).first_n(subjects)?;
    let untold = Walk::untold(shape, sizes).first_n(subjects)?;
    let share = |sum: &BigRational| sum / BigRational::from_integer(subjects.into());
    let certainty = |sums: &walk::Sums| Certainty {
        deterministic: share(&sums.deterministic),
        exclusion: share(&sums.exclusion),
    };
    Ok(Facts {
        subjects,
        lists: lists::count(shape, sizes, subjects),
        correct_share: share(&told.correct),
        sizes_known: certainty(&told),
        sizes_unknown: certainty(&untold),
        expected_correct: told.correct,
        expected_maximum_range: range::expected_maximum(shape, sizes, subjects)?,
    })
}

impl fmt::Display for NotAssessed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subjects(count) => {
                write!(f, "{count} subjects cannot be assessed: there must be 1 to {MAX_SUBJECTS}")
            }
            Self::TooLarge(size) => write!(f, "a block of {size} has too many states to be assessed exactly"),
            Self::NotWhole(count) => {
                write!(f, "{count} subjects cannot be one block: they do not fill whole rounds of the ratio")
            }
        }
    }
}

impl std::error::Error for NotAssessed {}

#[cfg(test)]
mod tests;
