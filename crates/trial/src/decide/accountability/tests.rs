use super::{Count, Doses, count, doses_of_the_study, planned_doses};
use crate::Refusal;
use crate::study::StudyDesign;
use ledger::next;
use terms::VisitId;

/// IMODALS, with other numbers of kits and vials.
fn design(kits_per_course: u32, vials_per_kit: u32) -> StudyDesign {
    let text = include_str!("../../../../../config/imodals.toml")
        .replace("kits_per_course = 1", &format!("kits_per_course = {kits_per_course}"))
        .replace("vials_per_kit = 5", &format!("vials_per_kit = {vials_per_kit}"));
    StudyDesign::from_toml(&text).expect("a design")
}

fn counted(used: u32, unused: u32, missing: u32) -> Count {
    Count { used, unused, missing }
}

#[test]
fn the_state_follows_from_the_count() {
    let table = [
        (0, 5, 0, "returned_unused"),
        (5, 0, 0, "returned_used"),
        (3, 2, 0, "returned_partly_used"),
        (0, 4, 1, "returned_partly_used"),
        (4, 0, 1, "returned_used"),
        (0, 0, 5, "returned_used"),
        (6, 0, 0, "returned_used"),
        (0, 4, 0, "returned_unused"),
        (0, 0, 0, "returned_used"),
    ];
    for (used, unused, missing, state) in table {
        let count = counted(used, unused, missing);
        assert_eq!(count.state().code(), state, "{count:?}");
        let moved = next(Some(ledger::KitState::Dispensed), count.a_move());
        assert_eq!(moved, Ok(count.state()), "{count:?}");
    }
}

#[test]
fn a_count_adds_up_and_is_the_first_or_says_why_not() {
    let supply = design(1, 5).supply;
    let table = [
        (counted(3, 2, 0), false, false, "ok"),
        (counted(0, 0, 5), false, false, "ok"),
        (counted(3, 1, 0), false, false, "reason must say why the vials do not add up to 5"),
        (counted(6, 0, 0), false, false, "reason must say why the vials do not add up to 5"),
        (counted(3, 1, 0), false, true, "ok"),
        (counted(3, 2, 0), true, false, "reason must say why the kit is counted again"),
        (counted(3, 1, 0), true, false, "reason must say why the vials do not add up to 5"),
        (counted(3, 2, 0), true, true, "ok"),
        (counted(1_000, 0, 0), false, true, "ok"),
        (counted(1_001, 0, 0), false, true, "used must be 0 to 1000"),
        (counted(0, u32::MAX, 0), false, true, "unused must be 0 to 1000"),
        (counted(0, 0, 1_001), true, false, "missing must be 0 to 1000"),
    ];
    for (vials, was_counted, has_reason, expected) in table {
        let got = match count(&supply, vials, was_counted, has_reason) {
            Ok(()) => "ok".to_owned(),
            Err(Refusal::Field(path, message)) => format!("{path} {message}"),
            Err(other) => other.code().to_owned(),
        };
        assert_eq!(got, expected, "{vials:?} {was_counted} {has_reason}");
    }
}

#[test]
fn kit_21_doses_are_told_against_the_plan_and_deviations_are_shown() {
    let design = design(1, 5);
    assert_eq!(doses_of_the_study(&design), 15);
    let table = [
        ([0, 0, 0], (15, 0, 15, 0)),
        ([5, 5, 5], (15, 15, 0, 0)),
        ([5, 5, 6], (15, 16, 0, 1)),
        ([5, 4, 6], (15, 15, 1, 1)),
    ];
    for (used, (planned, given, missed, extra)) in table {
        let kits = ["D1", "D29", "D57"].into_iter().zip(used).map(|(visit, used)| {
            let visit = VisitId::parse(visit).expect("an id");
            Doses::of_kit(planned_doses(&design, &visit, 0), used)
        });
        assert_eq!(Doses::sum(kits), Doses { planned, given, missed, extra }, "{used:?}");
    }
}

#[test]
fn the_doses_of_a_course_are_planned_over_its_kits_in_order() {
    let table = [
        (1, 5, "D1", [5, 0, 0]),
        (1, 3, "D1", [5, 0, 0]),
        (1, 9, "D29", [5, 0, 0]),
        (2, 3, "D1", [3, 2, 0]),
        (3, 3, "D57", [3, 2, 0]),
        (3, 1, "D57", [1, 1, 3]),
        (1, 5, "D8", [0, 0, 0]),
        (1, 5, "D2", [0, 0, 0]),
    ];
    for (kits, vials, visit, expected) in table {
        let (design, visit) = (design(kits, vials), VisitId::parse(visit).expect("an id"));
        let planned = [0, 1, 2].map(|slot| planned_doses(&design, &visit, slot));
        assert_eq!(planned, expected, "{kits} kits of {vials} vials at {visit}");
    }
}
