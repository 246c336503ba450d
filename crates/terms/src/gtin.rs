//! The number under which a product is traded.

use std::fmt;
use std::str::FromStr;

/// A Global Trade Item Number in its form of 14 digits, as application identifier 01 of a GS1 code holds it. A number
/// of 13 digits has a zero before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gtin(u64);

/// The text is no GTIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadGtin;

impl fmt::Display for BadGtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a GTIN of 14 digits with a valid check digit")
    }
}

impl std::error::Error for BadGtin {}

impl Gtin {
    /// Reads a GTIN: exactly 14 digits. From the right, weighted 1 and 3 in turn, they add up to a multiple of ten (GS1
    /// General Specifications, check digit calculation).
    ///
    /// # Errors
    /// [`BadGtin`] when the form or the check digit is wrong.
    pub fn parse(text: &str) -> Result<Self, BadGtin> {
        let digits: Option<Vec<u32>> = text.chars().map(|letter| letter.to_digit(10)).collect();
        let digits = digits.filter(|digits| digits.len() == 14).ok_or(BadGtin)?;
        let weighted = digits.iter().rev().zip([1, 3].into_iter().cycle());
        let sum: u32 = weighted.map(|(digit, weight)| digit * weight).sum();
        if sum.is_multiple_of(10) {
            text.parse().map(Self).map_err(|_too_large| BadGtin)
        } else {
            Err(BadGtin)
        }
    }
}

impl fmt::Display for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

impl fmt::Debug for Gtin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Gtin {
    type Err = BadGtin;

    fn from_str(text: &str) -> Result<Self, BadGtin> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::{BadGtin, Gtin};

    /// The two packs of Proleukin in the United Kingdom, and the example of the GS1 General Specifications.
    const REAL: [&str; 3] = ["08714023000405", "08714023000412", "06291041500213"];

    #[test]
    fn a_gtin_has_fourteen_digits_and_a_check_digit() {
        for text in REAL {
            assert_eq!(Gtin::parse(text).map(|gtin| gtin.to_string()), Ok(text.to_owned()));
        }
        for bad in
            ["", "8714023000405", "008714023000405", "0871402300040X", "+8714023000405", "０8714023000405"]
        {
            assert_eq!(Gtin::parse(bad), Err(BadGtin), "{bad:?}");
        }
    }

    #[test]
    fn every_single_wrong_digit_is_seen() {
        for text in REAL {
            for (place, right) in text.char_indices() {
                for digit in ('0'..='9').filter(|digit| *digit != right) {
                    let wrong = format!("{}{digit}{}", &text[..place], &text[place + 1..]);
                    assert_eq!(Gtin::parse(&wrong), Err(BadGtin), "{wrong}");
                }
            }
        }
    }
}
