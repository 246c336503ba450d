//! What a design need not say, and what follows when it does not.

use super::{IMODALS, assert_problems, design, edited};
use crate::study::StudyDesign;

#[test]
fn not_05_thresholds_that_the_file_leaves_out_have_their_defaults() {
    let start = IMODALS.find("\n[alerts]\n").expect("the thresholds");
    let end = IMODALS.find("\n[label]\n").expect("the next table");
    let without = format!("{}{}", &IMODALS[..start], &IMODALS[end..]);
    let without = without.replace("path = \"alerts\"", "path = \"supply\"");
    assert_eq!(design(&without).alerts, design(IMODALS).alerts, "the file says what follows without it");
    let more =
        edited(&without, &[("buffer_kits = 6", "buffer_kits = 4"), ("lead_days = 7", "lead_days = 9")]);
    let alerts = design(&more).alerts;
    assert_eq!((alerts.low_stock_kits, alerts.overdue_receipt_days), (12, 9));
    let some = edited(IMODALS, &[("expiry_horizon_days = 60", "expiry_horizon_days = 90")]);
    assert_eq!(design(&some).alerts.expiry_horizon_days, 90);
}

#[test]
fn a_design_that_does_not_say_when_the_target_is_reached_has_no_plan() {
    assert_eq!(design(IMODALS).allocation.enrolment_days, Some(92));
    let without = edited(
        IMODALS,
        &[("\nenrolment_days = 92\n", "\n"), ("\"allocation.enrolment_days\"", "\"allocation.target\"")],
    );
    assert_eq!(design(&without).allocation.enrolment_days, None);
}

#[test]
fn the_age_of_a_criterion_has_a_bound_and_its_bounds_have_an_order() {
    for (age, problem) in [
        ("{}", ("criteria[3].age", "must hold `at_least`")),
        ("{ at_least = 18, under = 18 }", ("criteria[3].age", "lower than the second")),
        ("{ under = 75, sex = \"male\" }", ("criteria[3].age.sex", "not a known field")),
        ("{ under = 0 }", ("criteria[3].age.under", "from 1 to 120")),
    ] {
        let text = edited(IMODALS, &[("age = { at_least = 18, under = 75 }", &format!("age = {age}"))]);
        let problems = StudyDesign::from_toml(&text).expect_err(age);
        assert!(problems.iter().any(|found| found.path == problem.0), "{problems:?}");
        assert_problems(&problems[..1], &[problem]);
    }
}
