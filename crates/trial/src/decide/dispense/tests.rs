use super::{Facts, Handover, Past, Refusal, Waiting, decide};
use crate::SubjectState;
use crate::decide::supply::{Shelf, ShelfKit};
use crate::study::{SealedDesign, StudyDesign};
use terms::{Arm, BatchId, Day, KitNumber, KitType, Sealed, SubjectId, VisitId};

/// IMODALS with some of its lines replaced.
fn designs(changes: &[(&str, &str)]) -> (StudyDesign, SealedDesign) {
    let mut text = include_str!("../../../../../config/imodals.toml").to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from} stands there once");
        text = text.replace(from, to);
    }
    let design = StudyDesign::from_toml(&text).expect("a design");
    let sealed = include_str!("../../../../../config/imodals.sealed.toml");
    let sealed = SealedDesign::from_toml(sealed, &design).expect("a sealed design");
    (design, sealed)
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn kit(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial).expect("a number")
}

/// Four kits of each type; the thousands of a kit's serial are its type.
fn shelf(expiry: &str) -> Shelf {
    let kits = (0_u8..3).flat_map(|kit_type| {
        (0..4).map(move |place| ShelfKit {
            number: kit(1_000 * u32::from(kit_type) + place),
            batch: BatchId::parse("B-1").expect("an id"),
            label_expiry: day(expiry),
            kit_type: Sealed::new(KitType::new(kit_type)),
        })
    });
    Shelf { kits: kits.collect(), pick_seed: Sealed::new([9; 32]) }
}

/// A subject in treatment; `past` is `visit day` or `visit day day-of-handover` for each dispensation, after commas.
fn facts(today: &str, past: &str) -> Facts {
    let past = past.split(',').filter(|one| !one.is_empty()).map(|one| {
        let words: Vec<&str> = one.split_whitespace().collect();
        Past {
            visit: VisitId::parse(words[0]).expect("an id"),
            day: day(words[1]),
            handed_over: words.get(2).map(|text| day(text)),
        }
    });
    Facts {
        subject: SubjectId::parse("S-001").expect("an id"),
        state: SubjectState::InTreatment,
        code_broken: false,
        on_hold: false,
        today: day(today),
        past: past.collect(),
        waiting: None,
        reason_given: false,
        arm: Sealed::new(Arm::new(0)),
        shelf: shelf("2016-12-31"),
    }
}

fn ask(changes: &[(&str, &str)], visit: &str, facts: &Facts) -> Result<Handover, Refusal> {
    let (design, sealed) = designs(changes);
    decide(&design, &sealed, &VisitId::parse(visit).expect("an id"), facts)
}

/// `in` or `out` of the window, or the code of the refusal.
fn outcome(changes: &[(&str, &str)], visit: &str, facts: &Facts) -> &'static str {
    match ask(changes, visit, facts) {
        Ok(handover) if handover.in_window => "in",
        Ok(_) => "out",
        Err(refusal) => refusal.code(),
    }
}

#[test]
fn order_of_visits_minimum_and_window() {
    const D1: &str = "D1 2015-10-05";
    #[rustfmt::skip]
    let table = [
        // visit, today, past, reason given, outcome
        ("D1",  "2015-10-05", "", false, "in"),
        ("D29", "2015-10-05", "", true,  "visit-out-of-order"),
        ("D8",  "2015-10-12", D1, true,  "no-dispensing-visit"),
        ("D30", "2015-11-03", D1, true,  "no-dispensing-visit"),
        // The minimum of 21 days blocks, whatever the reason.
        ("D29", "2015-10-25", D1, true,  "too-soon"),
        ("D29", "2015-10-26", D1, true,  "out"),
        ("D29", "2015-10-26", D1, false, "outside-window"),
        // The window of three days around day 29, over the end of summer time.
        ("D29", "2015-10-29", D1, false, "outside-window"),
        ("D29", "2015-10-30", D1, false, "in"),
        ("D29", "2015-11-05", D1, false, "in"),
        ("D29", "2015-11-06", D1, false, "outside-window"),
        ("D29", "2015-11-06", D1, true,  "out"),
        // A course may be missed; none is given after a later one.
        ("D57", "2015-11-30", D1, false, "in"),
        ("D57", "2015-11-30", "D1 2015-10-05,D29 2015-11-02", false, "in"),
        ("D29", "2015-12-28", "D1 2015-10-05,D57 2015-11-30", true, "visit-out-of-order"),
        // A course begins when its kit is given, which may be after the day on which it was asked for.
        ("D57", "2015-11-29", "D1 2015-10-05,D29 2015-11-05 2015-11-09", true, "too-soon"),
        ("D57", "2015-11-30", "D1 2015-10-05,D29 2015-11-05 2015-11-09", false, "in"),
    ];
    for (visit, today, past, reason_given, expected) in table {
        let facts = Facts { reason_given, ..facts(today, past) };
        assert_eq!(outcome(&[], visit, &facts), expected, "{visit} on {today} after {past}");
    }
    let too_soon = ask(&[], "D29", &facts("2015-10-06", D1)).expect_err("too soon");
    assert_eq!(too_soon, Refusal::TooSoon("2015-10-26".to_owned()));
}

#[test]
fn the_window_follows_the_course_before_where_the_design_says_so() {
    let changes = [("anchor = \"first_dose\"", "anchor = \"previous_course\"")];
    let late = "D1 2015-10-05,D29 2015-11-05";
    // Day 57 is 28 days after day 29.
    for (today, expected) in [("2015-11-29", "outside-window"), ("2015-11-30", "in"), ("2015-12-06", "in")] {
        assert_eq!(outcome(&changes, "D57", &facts(today, late)), expected, "{today}");
    }
    assert_eq!(outcome(&changes, "D57", &facts("2015-12-07", late)), "outside-window");
    assert_eq!(outcome(&[], "D57", &facts("2015-12-06", late)), "outside-window");
}

#[test]
fn the_minimum_counts_from_the_last_course_that_was_handed_out() {
    // Courses 1 and 2 are handed out at day 1, so the second begins on day 29, which is 2015-11-02.
    let changes = [("courses = [1]", "courses = [1, 2]"), ("courses = [2]", "courses = []")];
    for (today, expected) in [("2015-11-22", "too-soon"), ("2015-11-23", "out")] {
        let facts = Facts { reason_given: true, ..facts(today, "D1 2015-10-05") };
        assert_eq!(outcome(&changes, "D57", &facts), expected, "{today}");
    }
}

#[test]
fn what_ends_or_holds_the_treatment_is_told_in_a_fixed_order() {
    let stops = [("after_unblinding = \"continues\"", "after_unblinding = \"stops_treatment\"")];
    let broken = || Facts { code_broken: true, ..facts("2015-10-05", "") };
    for state in [SubjectState::OffDrug, SubjectState::LeftStudy, SubjectState::ScreenFailed] {
        let facts = Facts { state, on_hold: true, ..facts("2015-10-05", "") };
        assert_eq!(outcome(&[], "D8", &facts), "subject-state");
    }
    let screened = Facts { state: SubjectState::Screened, on_hold: true, ..facts("2015-10-05", "") };
    assert_eq!(outcome(&[], "D1", &screened), "not-randomized");
    assert_eq!(outcome(&stops, "D1", &Facts { on_hold: true, ..broken() }), "subject-state");
    assert_eq!(outcome(&[], "D1", &broken()), "in");
    let held = Facts { on_hold: true, ..facts("2015-10-05", "") };
    assert_eq!(outcome(&[], "D8", &held), "on-hold");
}

/// The attempt, whether it was allocated now, and the serials of what was put aside.
fn served(facts: &Facts) -> (u32, bool, Vec<KitNumber>) {
    let handover = ask(&[], "D1", facts).expect("the shelf serves");
    assert_eq!(handover.allocation.through, facts.today + chrono::Days::new(4));
    assert_eq!(handover.allocation.kits.len(), 1);
    (handover.allocation.attempt, handover.newly_allocated, handover.set_aside)
}

#[test]
fn kit_06_waiting_kits_are_used_only_through_the_last_dosing_day_and_the_margin() {
    // Five dosing days and a margin of one: on 2015-10-05 a kit must last through 2015-10-10.
    let waiting = |attempt, expiry: &str| Some(Waiting { attempt, kits: vec![(kit(77), day(expiry))] });
    #[rustfmt::skip]
    let table = [
        ("2015-10-05", "2015-10-10", (1, false, vec![])),
        ("2015-10-05", "2015-10-09", (2, true, vec![kit(77)])),
        // Allocated at the randomization on Monday, asked for on Tuesday.
        ("2015-10-06", "2015-10-10", (2, true, vec![kit(77)])),
        ("2015-10-06", "2015-10-11", (1, false, vec![])),
    ];
    for (today, expiry, expected) in table {
        let facts = Facts { waiting: waiting(1, expiry), ..facts(today, "") };
        assert_eq!(served(&facts), expected, "{expiry} on {today}");
    }
    let again = Facts { waiting: waiting(2, "2015-10-09"), ..facts("2015-10-05", "") };
    assert_eq!(served(&again), (3, true, vec![kit(77)]));
}

#[test]
fn a_set_of_which_a_kit_is_gone_is_replaced_as_a_whole() {
    let gone = Facts { waiting: Some(Waiting { attempt: 1, kits: Vec::new() }), ..facts("2015-10-05", "") };
    assert_eq!(served(&gone), (2, true, vec![]));
    let changes = [("kits_per_course = 1", "kits_per_course = 2")];
    let one_left = Waiting { attempt: 1, kits: vec![(kit(77), day("2016-12-31"))] };
    let facts = Facts { waiting: Some(one_left), ..facts("2015-10-05", "") };
    let handover = ask(&changes, "D1", &facts).expect("the shelf serves");
    assert_eq!((handover.allocation.kits.len(), handover.set_aside), (2, vec![kit(77)]));
}

#[test]
fn kit_07_a_shelf_out_of_date_serves_nobody_and_the_own_arm_decides() {
    for arm in 0..3 {
        let arm = || Sealed::new(Arm::new(arm));
        let expired = Facts { arm: arm(), shelf: shelf("2015-10-09"), ..facts("2015-10-05", "") };
        assert_eq!(outcome(&[], "D1", &expired), "supply-short");
        let lasts = Facts { arm: arm(), shelf: shelf("2015-10-10"), ..facts("2015-10-05", "") };
        assert_eq!(outcome(&[], "D1", &lasts), "in");
    }
    // Placebo is served by type 2: the other types may be empty.
    let mut only_own = facts("2015-10-05", "");
    only_own.shelf.kits.retain(|kit| kit.number >= self::kit(2_000));
    assert_eq!(outcome(&[], "D1", &only_own), "in");
    let mut none_own = facts("2015-10-05", "");
    none_own.shelf.kits.retain(|kit| kit.number < self::kit(2_000));
    assert_eq!(outcome(&[], "D1", &none_own), "supply-short");
}
