//! How times and numbers look on a page and on paper.

use chrono_tz::Tz;
use terms::{KitNumber, Moment};

/// A moment by the clock of a place, with the zone.
pub(crate) fn time(moment: Moment, zone: Tz) -> String {
    moment.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// A kit number in groups, to be read aloud, which no line breaks. It is taken so as well.
pub(crate) fn kit(number: &KitNumber) -> String {
    let digits = number.to_string();
    match (digits.get(..4), digits.get(4..7), digits.get(7..)) {
        (Some(first), Some(second), Some(third)) => format!("{first}\u{a0}{second}\u{a0}{third}"),
        _ => digits,
    }
}
