use ledger::{KitState, Move};
use terms::{Arm, Day, KitNumber, KitType, Sealed, SubjectId, VisitId};

use super::{Facts, Old, decide};
use crate::decide::supply::{Shelf, ShelfKit};
use crate::study::{SealedDesign, StudyDesign};
use crate::{ReplaceReason, SubjectState};

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn kit(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial).expect("a number")
}

/// A subject of the first arm whose kit 1 was dispensed on the first day, and a shelf with a kit of every type but
/// for those left out.
fn facts(state: KitState, label_expiry: &str, without: Option<u8>) -> Facts {
    let on_shelf = |index: u8| ShelfKit {
        number: kit(10 + u32::from(index)),
        batch: "B".parse().expect("an id"),
        label_expiry: day("2016-10-01"),
        kit_type: Sealed::new(KitType::new(index)),
    };
    let kits = (0..3).filter(|index| Some(*index) != without).map(on_shelf).collect();
    Facts {
        subject: SubjectId::parse("S-001").expect("an id"),
        state: SubjectState::InTreatment,
        code_broken: false,
        on_hold: false,
        later_dispensed: false,
        today: day("2015-10-05"),
        visit: VisitId::parse("D1").expect("an id"),
        attempt: 1,
        old: Old {
            number: kit(1),
            state,
            label_expiry: day(label_expiry),
            given: (state == KitState::Dispensed).then(|| day("2015-10-04")),
            is_recalled: false,
        },
        replaced: 0,
        explained: false,
        arm: Sealed::new(Arm::new(0)),
        shelf: Shelf { kits, pick_seed: Sealed::new([7; 32]) },
    }
}

/// What becomes of the old kit, or the code of the refusal.
fn outcome(why: ReplaceReason, facts: &Facts) -> Result<Option<Move>, &'static str> {
    let design = StudyDesign::from_toml(include_str!("../../../../../config/imodals.toml"));
    let design = design.expect("the shipped design");
    let sealed = SealedDesign::from_toml(include_str!("../../../../../config/imodals.sealed.toml"), &design);
    let Ok(sealed) = sealed else { panic!("the shipped sealed design") };
    let decided = decide(&design, &sealed, why, facts).map_err(|refusal| refusal.code())?;
    // LARIMAR, the third kit type, serves placebo, the first arm.
    assert_eq!((decided.allocation.attempt, decided.allocation.kits.as_slice()), (2, [kit(12)].as_slice()));
    assert_eq!(decided.over_limit, facts.replaced >= design.supply.replacements_per_subject);
    Ok(decided.old_moves)
}

#[test]
fn kit_17_the_old_kit_gets_its_true_state() {
    use KitState as S;
    use ReplaceReason as R;
    let (late, soon) = ("2016-10-01", "2015-10-09");
    let no = Err("kit-state");
    #[rustfmt::skip]
    let table = [
        (R::Lost,        S::Allocated,      late, Ok(Some(Move::Lose))),
        (R::Lost,        S::Dispensed,      late, Ok(Some(Move::Lose))),
        (R::Lost,        S::Lost,           late, Ok(None)),
        (R::Lost,        S::Quarantined,    late, no),
        (R::Damaged,     S::Allocated,      late, Ok(Some(Move::Damage))),
        (R::Damaged,     S::Dispensed,      late, Ok(None)),
        (R::Damaged,     S::Damaged,        late, Ok(None)),
        (R::Damaged,     S::Lost,           late, no),
        (R::NotTaken,    S::Dispensed,      late, Ok(None)),
        (R::NotTaken,    S::ReturnedUnused, late, Ok(None)),
        (R::NotTaken,    S::Allocated,      late, no),
        (R::Expired,     S::Allocated,      soon, Ok(Some(Move::Quarantine))),
        (R::Expired,     S::Allocated,      late, no),
        (R::Expired,     S::Dispensed,      late, no),
        (R::Expired,     S::Dispensed,      "2015-10-08", Ok(None)),
        (R::Expired,     S::Dispensed,      soon, no),
        (R::Recalled,    S::Dispensed,      late, no),
        (R::Recalled,    S::Quarantined,    late, no),
        (R::Quarantined, S::Quarantined,    late, Ok(None)),
        (R::Quarantined, S::Allocated,      late, no),
    ];
    for (why, state, expiry, expected) in table {
        assert_eq!(outcome(why, &facts(state, expiry, None)), expected, "{why} {state:?} {expiry}");
    }
}

#[test]
fn kit_13_what_is_recalled_is_replaced_and_stays_where_it_is() {
    for (state, expected) in [
        (KitState::Dispensed, Ok(None)),
        (KitState::Quarantined, Ok(None)),
        (KitState::ReturnedUsed, Err("kit-state")),
        (KitState::Allocated, Err("kit-state")),
    ] {
        let mut facts = facts(state, "2016-10-01", None);
        facts.old.is_recalled = true;
        assert_eq!(outcome(ReplaceReason::Recalled, &facts), expected, "{state:?}");
    }
}

#[test]
fn what_stands_in_the_way_is_told_in_a_fixed_order_and_the_shelf_last() {
    let mut facts = facts(KitState::Quarantined, "2016-10-01", Some(2));
    (facts.state, facts.on_hold, facts.later_dispensed, facts.replaced) =
        (SubjectState::OffDrug, true, true, 99);
    let next = |facts: &Facts| outcome(ReplaceReason::Lost, facts).expect_err("refused");
    assert_eq!(next(&facts), "subject-state");
    facts.state = SubjectState::InTreatment;
    assert_eq!(next(&facts), "on-hold");
    facts.on_hold = false;
    assert_eq!(next(&facts), "visit-out-of-order");
    facts.later_dispensed = false;
    assert_eq!(next(&facts), "kit-state");
    facts.old.state = KitState::Dispensed;
    assert_eq!(next(&facts), "replacement-limit");
    facts.explained = true;
    assert_eq!(next(&facts), "supply-short");
}

#[test]
fn another_arms_shortage_withholds_no_replacement() {
    for without in [0, 1] {
        let facts = facts(KitState::Dispensed, "2016-10-01", Some(without));
        assert_eq!(outcome(ReplaceReason::Lost, &facts), Ok(Some(Move::Lose)), "without {without}");
    }
}

#[test]
fn over_the_limit_an_explanation_lets_it_through() {
    let mut facts = facts(KitState::Dispensed, "2016-10-01", None);
    (facts.replaced, facts.explained) = (99, true);
    assert_eq!(outcome(ReplaceReason::NotTaken, &facts), Ok(None));
}
