//! Instants and days.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, SubsecRound, Utc};

/// The text is not written as this term is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTerm;

impl fmt::Display for BadTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not written as it should be")
    }
}

impl std::error::Error for BadTerm {}

/// A calendar day without a time zone; what a day means is decided by the site's zone at the moment of use.
pub type Day = NaiveDate;

/// An instant in UTC, cut to microseconds: PostgreSQL keeps no more, and an instant that changes when it is stored
/// breaks the hash of the record that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// The instant, cut to microseconds.
    pub fn new(instant: DateTime<Utc>) -> Self {
        Self(instant.trunc_subsecs(6))
    }

    /// The instant from its stored form, a date and time in UTC.
    pub fn from_stored(utc: NaiveDateTime) -> Self {
        Self::new(utc.and_utc())
    }

    /// The stored form: a date and time in UTC.
    pub fn to_stored(self) -> NaiveDateTime {
        self.0.naive_utc()
    }

    /// Reads an RFC 3339 instant with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|instant| Self::new(instant.to_utc()))
    }

    /// The instant.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// The instant `seconds` later; the same instant when it cannot be represented.
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let later =
            chrono::TimeDelta::try_seconds(seconds).and_then(|delta| self.0.checked_add_signed(delta));
        later.map_or(self, Self::new)
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in UTC with six decimals and `Z`: one spelling for one instant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl FromStr for Moment {
    type Err = BadTerm;

    fn from_str(text: &str) -> Result<Self, BadTerm> {
        Self::parse(text).ok_or(BadTerm)
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn an_instant_is_cut_to_microseconds_and_has_one_spelling() {
        let moment = Moment::parse("2015-10-05T10:00:00.1234567+02:00").expect("an instant");
        assert_eq!(moment.to_string(), "2015-10-05T08:00:00.123456Z");
        assert_eq!(Moment::from_stored(moment.to_stored()), moment);
        assert_eq!(moment.plus_seconds(60).to_string(), "2015-10-05T08:01:00.123456Z");
        assert_eq!(Moment::parse("2015-10-05 10:00:00"), None);
    }
}
