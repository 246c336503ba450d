//! The number printed on a kit.

use std::fmt;
use std::str::FromStr;

/// A kit number as printed: ten digits, of which the last two are check digits (ISO 7064 MOD 97-10), so that
/// no single wrong digit and no swap of neighbours gives another kit (KIT-03).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KitNumber(u64);

/// The text is no kit number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKitNumber;

impl fmt::Display for BadKitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not a kit number: ten digits with valid check digits are expected")
    }
}

impl std::error::Error for BadKitNumber {}

impl KitNumber {
    /// How many different kit numbers there are: eight free digits, enough for a million kits at one number in a
    /// hundred, so that a guessed number is hardly ever a kit.
    pub const SPACE: u32 = 100_000_000;

    /// The kit number whose eight free digits are `serial`, with its check digits; `None` from [`Self::SPACE`] on.
    pub fn from_serial(serial: u32) -> Option<Self> {
        if serial >= Self::SPACE {
            return None;
        }
        let shifted = u64::from(serial) * 100;
        Some(Self(shifted + 98 - shifted % 97))
    }

    /// Reads a kit number as printed or scanned; exactly ten digits, nothing around them.
    ///
    /// # Errors
    /// [`BadKitNumber`] when the form or a check digit is wrong.
    pub fn parse(text: &str) -> Result<Self, BadKitNumber> {
        let digits_only = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit());
        let number: u64 = text.parse().map_err(|_not_digits| BadKitNumber)?;
        let serial = u32::try_from(number / 100).map_err(|_too_large| BadKitNumber)?;
        match Self::from_serial(serial) {
            Some(kit) if digits_only && kit.0 == number => Ok(kit),
            _ => Err(BadKitNumber),
        }
    }
}

/// How a scanner says that it read a GS1 DataMatrix.
const SYMBOLOGY: &str = "]d2";
/// Ends a field of variable length in a GS1 code.
const SEPARATOR: char = '\u{1d}';

impl KitNumber {
    /// Reads a kit number as a scanner or a person gives it: the ten digits, also in the groups in which they are
    /// printed or shown; or a GS1 code that holds them as serial number (AI 21), with the other fields of a label (01,
    /// 17, 10) in any order after the first. A kit number has ten digits, so it is read also when the scanner drops
    /// the separator after it.
    ///
    /// # Errors
    /// [`BadKitNumber`] when there is no kit number in it.
    pub fn scanned(text: &str) -> Result<Self, BadKitNumber> {
        let text = text.trim();
        match serial(text) {
            Some(serial) => Self::parse(serial),
            None => Self::parse(&text.replace([' ', '\u{a0}'], "")),
        }
    }
}

/// The serial number in a GS1 code.
fn serial(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix(SYMBOLOGY).unwrap_or(text).trim_start_matches(SEPARATOR);
    // The GTIN comes first, and has more digits than a kit number.
    rest = rest.strip_prefix("01")?.get(14..)?;
    loop {
        let (identifier, value) = (rest.get(..2)?, rest.get(2..)?);
        rest = match identifier {
            "17" => value.get(6..)?,
            "10" => value.split_once(SEPARATOR)?.1,
            "21" => return Some(of_known_length(value.split(SEPARATOR).next()?)),
            _ => return None,
        };
    }
}

/// The kit number alone where the batch follows it without the separator that was printed between them.
fn of_known_length(serial: &str) -> &str {
    match serial.split_at_checked(10) {
        Some((number, batch)) if batch.len() > 2 && batch.starts_with("10") => number,
        _ => serial,
    }
}

impl fmt::Display for KitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

impl fmt::Debug for KitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}", self.0)
    }
}

impl FromStr for KitNumber {
    type Err = BadKitNumber;

    fn from_str(text: &str) -> Result<Self, BadKitNumber> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::KitNumber;

    fn digit_errors(text: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for place in 0..text.len() {
            for digit in '0'..='9' {
                let mut other: Vec<char> = text.chars().collect();
                other[place] = digit;
                wrong.push(other.into_iter().collect());
            }
            if place + 1 < text.len() {
                let mut other: Vec<char> = text.chars().collect();
                other.swap(place, place + 1);
                wrong.push(other.into_iter().collect());
            }
        }
        wrong.retain(|other| other != text);
        wrong
    }

    #[test]
    fn kit_03_no_single_error_and_no_swap_gives_another_kit() {
        for serial in (0..KitNumber::SPACE).step_by(99_991) {
            let number = KitNumber::from_serial(serial).expect("in the space").to_string();
            assert!(KitNumber::parse(&number).is_ok());
            for wrong in digit_errors(&number) {
                assert!(KitNumber::parse(&wrong).is_err(), "{wrong} passes for {number}");
            }
        }
    }

    #[test]
    fn kit_03_a_scanner_gives_the_number_alone_or_within_a_gs1_code() {
        let number = KitNumber::from_serial(12_345_678).expect("in the space");
        for scanned in [
            "1234567889",
            " 1234567889\r\n",
            "1234 5678 89",
            "1234\u{a0}567\u{a0}889",
            "01087140230004051730123110B-2026-01\u{1d}211234567889",
            "]d201087140230004051730123110B-2026-01\u{1d}211234567889",
            "010871402300040517301231211234567889\u{1d}10B-2026-01",
            "]d2010871402300040517301231211234567889\u{1d}10B-2026-01",
            // As a scanner gives it that drops separators.
            "01087140230004051730123121123456788910B-2026-01",
            "01087140230004051730123121123456788910105",
            "\u{1d}0108714023000405211234567889\u{1d}10B-2026-01",
        ] {
            assert_eq!(KitNumber::scanned(scanned), Ok(number), "{scanned:?}");
        }
        for bad in [
            "",
            "1234567888",
            "12345678 8",
            "0108714023000405",
            // Without the separator nobody can say where the batch ends.
            "01087140230004051730123110B-2026-01211234567889",
            "01087140230004051730123110B-2026-01\u{1d}211234567888",
            "0108714023000405171234567889",
            "010871402300040é211234567889",
            // A longer serial number is not one of ours.
            "01087140230004051730123121123456788910",
            "01087140230004051730123121123456788911B-2026-01",
            "0108714023000405173012312112345678é9",
            "0108714023000405991234567889",
        ] {
            assert!(KitNumber::scanned(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_the_printed_form_is_a_kit_number() {
        let number = KitNumber::from_serial(12_345_678).expect("in the space").to_string();
        assert_eq!(number, "1234567889");
        for bad in [
            "",
            "123456789",
            "+123456786",
            " 1234567868",
            "1234567868 ",
            "1234567869",
            "１２３４５６７８６８",
        ] {
            assert!(KitNumber::parse(bad).is_err(), "{bad:?}");
        }
    }
}
