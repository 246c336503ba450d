//! Until when a kit may be used.

use chrono::{Datelike, Days};
use terms::Day;

/// KIT-06: whether a kit lasts for what it is meant for, not merely today. The label expiry is the last day
/// of use, so the kit is usable when the last dosing day it covers plus the margin (in days) is not after it.
///
/// All days are days in the site's own time zone; the caller works out the last dosing day at the moment of
/// use. A last dosing day that no calendar holds is not covered.
pub fn usable_through(label_expiry: Day, last_dosing_day: Day, margin_days: u32) -> bool {
    let needed = last_dosing_day.checked_add_days(Days::new(u64::from(margin_days)));
    needed.is_some_and(|day| day <= label_expiry)
}

/// KIT-08: the expiry of a label that reads MM/YYYY is the last day of that month. `None` for a month outside
/// 1 to 12 or a year that no calendar holds.
pub fn last_day_of_month(year: i32, month: u32) -> Option<Day> {
    let first = Day::from_ymd_opt(year, month, 1)?;
    first.with_day(u32::from(first.num_days_in_month()))
}

#[cfg(test)]
mod tests {
    use super::{last_day_of_month, usable_through};
    use terms::Day;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn kit_06_a_kit_lasts_through_the_last_dosing_day_and_the_margin() {
        // label expiry, last dosing day, margin in days, usable
        let table = [
            ("2015-11-30", "2015-11-30", 0, true),
            ("2015-11-30", "2015-12-01", 0, false),
            ("2015-11-30", "2015-11-29", 1, true),
            ("2015-11-30", "2015-11-30", 1, false),
            ("2015-12-31", "2015-12-30", 1, true),
            ("2015-12-31", "2015-12-31", 1, false),
            ("2015-12-31", "2016-01-01", 0, false),
            ("2016-02-29", "2016-02-28", 1, true),
            ("2016-02-28", "2016-02-28", 1, false),
            ("2016-02-29", "2016-02-29", 0, true),
            ("2016-02-29", "2016-03-01", 0, false),
            ("2015-03-01", "2015-02-28", 1, true),
            ("2015-02-28", "2015-02-28", 1, false),
            ("2015-10-25", "2015-10-20", 5, true),
            ("2015-10-25", "2015-10-20", 6, false),
        ];
        for (expiry, last, margin, usable) in table {
            assert_eq!(usable_through(day(expiry), day(last), margin), usable, "{expiry} {last} {margin}");
        }
        assert!(!usable_through(Day::MAX, Day::MAX, 1), "no calendar holds the day after the last");
        assert!(!usable_through(Day::MAX, day("2015-11-30"), u32::MAX), "nor one millions of years away");
    }

    #[test]
    fn kit_08_a_month_on_a_label_means_its_last_day() {
        let table = [
            (2015, 1, "2015-01-31"),
            (2015, 2, "2015-02-28"),
            (2016, 2, "2016-02-29"),
            (2000, 2, "2000-02-29"),
            (2100, 2, "2100-02-28"),
            (2015, 4, "2015-04-30"),
            (2015, 12, "2015-12-31"),
        ];
        for (year, month, last) in table {
            assert_eq!(last_day_of_month(year, month), Some(day(last)));
        }
        for (year, month) in [(2015, 0), (2015, 13), (i32::MAX, 1), (i32::MIN, 12)] {
            assert_eq!(last_day_of_month(year, month), None, "{month}/{year}");
        }
    }
}
