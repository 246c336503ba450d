//! Countries, by their codes.

use std::fmt;
use std::str::FromStr;

/// A country as ISO 3166-1 names it with two letters, for example `FR`. Whether there is such a country is for the
/// person to know who writes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The text is no code of a country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadCountry;

impl fmt::Display for BadCountry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be two capital letters, as in ISO 3166-1")
    }
}

impl std::error::Error for BadCountry {}

impl FromStr for Country {
    type Err = BadCountry;

    fn from_str(text: &str) -> Result<Self, BadCountry> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([*a, *b])),
            _ => Err(BadCountry),
        }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Country;

    #[test]
    fn a_country_is_two_capital_letters() {
        assert_eq!("FR".parse::<Country>().map(|country| country.to_string()), Ok("FR".to_owned()));
        for bad in ["", "F", "fr", "FRA", "F1", "É"] {
            assert!(bad.parse::<Country>().is_err(), "{bad:?} must be refused");
        }
    }
}
