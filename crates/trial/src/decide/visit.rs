//! Recording a visit.

use terms::{Day, VisitId};

use crate::Refusal;
use crate::study::{StudyDesign, Visit};

/// What is known when a visit is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The day at the site.
    pub today: Day,
    /// Day 1: that of the first dispensation, or of the randomization before it; none before either.
    pub day_one: Option<Day>,
    /// Whether the visit has been recorded before.
    pub recorded_before: bool,
    /// Whether a reason for a correction was given.
    pub reason_given: bool,
}

/// Decides whether a visit on `day` can be recorded, and whether that day lies in its window. A window never blocks;
/// before randomization no day is planned, and the answer is none.
///
/// # Errors
/// [`Refusal::Field`] for a visit that is not in the design, one from day 1 on before there is a day 1, a day in the
/// future at the site, and a correction of an earlier record without a reason (AUD-08), in this order.
pub fn decide(
    design: &StudyDesign,
    facts: &Facts,
    visit: &VisitId,
    day: Day,
) -> Result<Option<bool>, Refusal> {
    let planned =
        design.visit(visit).ok_or_else(|| Refusal::field("visit", "is no visit of the study's design"))?;
    if !can_take_place(planned, facts.day_one) {
        return Err(Refusal::field("visit", "cannot take place before the subject is randomized"));
    }
    if day > facts.today {
        return Err(Refusal::field("date", "lies in the future at the site"));
    }
    if facts.recorded_before && !facts.reason_given {
        let rule = "is needed: the visit has been recorded before, and this would correct it";
        return Err(Refusal::field("correction_reason", rule));
    }
    Ok(facts.day_one.map(|day_one| planned.window_holds(day_one, day)))
}

/// Whether a visit can take place: from day 1 on, only once there is a day 1.
pub fn can_take_place(planned: &Visit, day_one: Option<Day>) -> bool {
    planned.day < 1 || day_one.is_some()
}

#[cfg(test)]
mod tests {
    use super::{Day, Facts, Refusal, StudyDesign, decide};

    /// The outcome in a word, with today on 2015-11-10 and day 1 on 2015-10-05.
    fn outcome(visit: &str, day: &str, day_one: bool, before: bool, reason: bool) -> String {
        let design = StudyDesign::from_toml(include_str!("../../../../config/imodals.toml"));
        let date = |text: &str| text.parse::<Day>().expect("a day");
        let facts = Facts {
            today: date("2015-11-10"),
            day_one: day_one.then(|| date("2015-10-05")),
            recorded_before: before,
            reason_given: reason,
        };
        let visit = visit.parse().expect("an id");
        match decide(&design.expect("a design"), &facts, &visit, date(day)) {
            Ok(None) => "no window".to_owned(),
            Ok(Some(true)) => "in".to_owned(),
            Ok(Some(false)) => "out".to_owned(),
            Err(Refusal::Field(path, _)) => path,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_visit_outside_its_window_is_recorded_all_the_same() {
        #[rustfmt::skip]
        let table = [
            // visit, day,         day 1, before, reason, expected
            ("D8",  "2015-10-10", true,  false, false, "out"),
            ("D8",  "2015-10-11", true,  false, false, "in"),
            ("D8",  "2015-10-13", true,  false, false, "in"),
            ("D8",  "2015-10-14", true,  false, false, "out"),
            ("SCR", "2015-10-04", true,  false, false, "in"),
            ("SCR", "2015-09-07", true,  false, false, "in"),
            ("SCR", "2015-09-06", true,  false, false, "out"),
            ("SCR", "2015-10-04", false, false, false, "no window"),
            ("D1",  "2015-10-05", false, false, false, "visit"),
            ("D29", "2015-11-11", false, false, false, "visit"),
            ("D29", "2015-11-10", true,  false, false, "out"),
            ("D29", "2015-11-11", true,  false, false, "date"),
            ("D30", "2015-11-02", true,  false, false, "visit"),
            ("D30", "2015-11-11", true,  true,  false, "visit"),
            ("D29", "2015-11-11", true,  true,  false, "date"),
            ("D29", "2015-11-02", true,  true,  false, "correction_reason"),
            ("D29", "2015-11-02", true,  true,  true,  "in"),
        ];
        for (visit, day, day_one, before, reason, expected) in table {
            assert_eq!(outcome(visit, day, day_one, before, reason), expected, "{visit} on {day}");
        }
    }
}
