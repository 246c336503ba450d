//! What a design need not say, and what follows when it does not.

use super::{IMODALS, design, edited};

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
