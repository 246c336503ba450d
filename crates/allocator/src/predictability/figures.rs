//! The figures of an assessment one by one, under the names that they have everywhere.

use num_bigint::BigUint;
use num_rational::BigRational;

use super::{Certainty, Facts, LongRun};

/// One figure: its name, its words, and itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The name, for programs.
    pub name: &'static str,
    /// The words, for people.
    pub words: &'static str,
    /// The exact number.
    pub number: BigRational,
}

impl Figure {
    /// The names of all figures there are.
    pub const NAMES: [&'static str; 8] = [
        "lists",
        "expected_correct",
        "correct_share",
        "deterministic_sizes_known",
        "deterministic_sizes_unknown",
        "exclusion_sizes_known",
        "exclusion_sizes_unknown",
        "expected_maximum_range",
    ];

    fn of(name: &'static str, words: &'static str, number: &BigRational) -> Self {
        Self { name, words, number: number.clone() }
    }
}

impl Facts {
    /// The facts as figures, in the order in which they are told.
    pub fn figures(&self) -> Vec<Figure> {
        let whole = |number: &BigUint| BigRational::from_integer(number.clone().into());
        let mut figures = vec![
            Figure::of("lists", "different lists", &whole(&self.lists)),
            Figure::of("expected_correct", "expected correct guesses", &self.expected_correct),
            Figure::of("correct_share", "share of correct guesses", &self.correct_share),
        ];
        figures.extend(certainty(&self.sizes_known, &self.sizes_unknown));
        let range = &self.expected_maximum_range;
        figures.push(Figure::of("expected_maximum_range", "expected maximum range", range));
        figures
    }
}

impl LongRun {
    /// The limits as figures, in the order in which they are told.
    pub fn figures(&self) -> Vec<Figure> {
        let correct = Figure::of("correct_share", "share of correct guesses", &self.correct_share);
        std::iter::once(correct).chain(certainty(&self.sizes_known, &self.sizes_unknown)).collect()
    }
}

fn certainty(known: &Certainty, unknown: &Certainty) -> [Figure; 4] {
    let of = Figure::of;
    [
        of("deterministic_sizes_known", "arm certain, sizes drawn known", &known.deterministic),
        of("deterministic_sizes_unknown", "arm certain, sizes drawn unknown", &unknown.deterministic),
        of("exclusion_sizes_known", "an arm impossible, sizes drawn known", &known.exclusion),
        of("exclusion_sizes_unknown", "an arm impossible, sizes drawn unknown", &unknown.exclusion),
    ]
}
