//! Places in an allocation list, and the number that a site sees instead of them.

use std::fmt;
use std::str::FromStr;

use crate::BadTerm;

/// A stratum, as its index in design order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stratum(u32);

impl Stratum {
    /// The stratum with this index in design order.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The index in design order.
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// A place in one stratum of an allocation list, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u32);

impl Position {
    /// The position with this index in its stratum.
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// The index in the stratum.
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// What a site writes down when a subject has been randomized: the ordinal of the randomization in the study,
/// from 1. It tells the order of randomization, which everyone at the site knows anyway, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RandomizationNumber(u32);

impl RandomizationNumber {
    /// The randomization number of the `ordinal`th randomized subject, counted from 1.
    pub const fn new(ordinal: u32) -> Self {
        Self(ordinal)
    }

    /// Reads `R0001` and the like.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('R')?;
        let plain = digits.len() >= 4 && digits.bytes().all(|b| b.is_ascii_digit());
        let number = Self(digits.parse().ok()?);
        (plain && number.0 > 0 && number.to_string() == text).then_some(number)
    }

    /// The ordinal, from 1.
    pub const fn ordinal(self) -> u32 {
        self.0
    }
}

impl fmt::Display for RandomizationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "R{:04}", self.0)
    }
}

impl FromStr for RandomizationNumber {
    type Err = BadTerm;

    fn from_str(text: &str) -> Result<Self, BadTerm> {
        Self::parse(text).ok_or(BadTerm)
    }
}

#[cfg(test)]
mod tests {
    use super::RandomizationNumber;

    #[test]
    fn a_randomization_number_has_one_spelling() {
        for ordinal in [1, 36, 9_999, 10_000, u32::MAX] {
            let number = RandomizationNumber::new(ordinal);
            assert_eq!(RandomizationNumber::parse(&number.to_string()), Some(number));
        }
        for bad in ["", "R", "R1", "R0000", "R00001", "r0001", "R+001", "0001", "R99999999999"] {
            assert_eq!(RandomizationNumber::parse(bad), None, "{bad:?}");
        }
    }
}
