//! The number of a unit that was prepared on site.

use std::fmt;
use std::str::FromStr;

use crate::{BadTerm, KitNumber};

/// A unit prepared out of a kit, for example one syringe: the number of the kit, and which of its units it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitNumber {
    /// The kit out of which it was prepared.
    pub kit: KitNumber,
    /// Which of its units, counted from 1 over all preparations.
    pub index: u32,
}

impl UnitNumber {
    /// Reads a unit number as it is printed or scanned; blanks around it do no harm.
    ///
    /// # Errors
    /// [`BadTerm`] when it is none.
    pub fn scanned(text: &str) -> Result<Self, BadTerm> {
        text.trim().parse()
    }
}

impl fmt::Display for UnitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kit, self.index)
    }
}

impl FromStr for UnitNumber {
    type Err = BadTerm;

    fn from_str(text: &str) -> Result<Self, BadTerm> {
        let (kit, index) = text.split_once('-').ok_or(BadTerm)?;
        let kit = KitNumber::parse(kit).map_err(|_malformed| BadTerm)?;
        let number = Self { kit, index: index.parse().map_err(|_no_number| BadTerm)? };
        // One spelling for one number: no sign and no zero before it.
        if number.index > 0 && number.to_string() == text { Ok(number) } else { Err(BadTerm) }
    }
}

#[cfg(test)]
mod tests {
    use super::UnitNumber;

    #[test]
    fn a_unit_number_has_one_spelling() {
        let number: UnitNumber = "1234567889-3".parse().expect("a unit number");
        assert_eq!((number.to_string(), number.index), ("1234567889-3".to_owned(), 3));
        assert_eq!(UnitNumber::scanned(" 1234567889-3\r\n"), Ok(number));
        for bad in ["", "1234567889", "1234567889-0", "1234567889-03", "1234567889-+3", "1234567888-3"] {
            assert!(bad.parse::<UnitNumber>().is_err(), "{bad:?}");
        }
    }
}
