use super::{Facts, Kit, KitState, Refusal, Scan, check, decide};
use crate::SubjectState;
use crate::study::StudyDesign;
use terms::{Day, KitNumber, UserId, VisitId};

fn kit(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial).expect("a number")
}

fn facts() -> Facts {
    let day = |text: &str| text.parse::<Day>().expect("a day");
    let kit = |serial, state| {
        let (number, label_expiry) = (kit(serial), day("2015-10-10"));
        Kit { number, label_expiry, state, checked_by: Vec::new() }
    };
    Facts {
        state: SubjectState::InTreatment,
        code_broken: false,
        on_hold: false,
        later_dispensed: false,
        today: day("2015-10-05"),
        kits: vec![
            kit(1, KitState::Allocated),
            kit(2, KitState::Dispensed),
            kit(3, KitState::Quarantined),
            kit(4, KitState::Damaged),
        ],
    }
}

/// `right`, `wrong`, or the code of the refusal.
fn outcome(stops: bool, facts: &Facts, scanned: &str) -> &'static str {
    let mut text = include_str!("../../../../../config/imodals.toml").to_owned();
    if stops {
        text = text.replace("after_unblinding = \"continues\"", "after_unblinding = \"stops_treatment\"");
    }
    let design = StudyDesign::from_toml(&text).expect("a design");
    let first = design.dispensing_at(&VisitId::parse("D1").expect("an id")).expect("a dispensing visit");
    match check(&design, first, facts, scanned) {
        Ok(Scan::Right(number)) => {
            assert_eq!(number.to_string(), scanned.trim());
            "right"
        }
        Ok(Scan::Wrong) => "wrong",
        Err(refusal) => refusal.code(),
    }
}

#[test]
fn kit_16_only_a_kit_of_this_dispensation_is_right() {
    let number = |serial| kit(serial).to_string();
    let mistyped = number(1).replace('0', "1");
    let table = [
        (number(1), "right"),
        (format!(" {}\n", number(1)), "right"),
        (number(2), "already-handed-over"),
        (number(3), "kit-state"),
        (number(4), "kit-state"),
        (number(9), "wrong"),
        (mistyped, "wrong"),
        ("another study's label".to_owned(), "wrong"),
        (String::new(), "wrong"),
    ];
    for (scanned, expected) in table {
        assert_eq!(outcome(false, &facts(), &scanned), expected, "{scanned}");
    }
}

#[test]
fn what_stands_in_the_way_is_told_in_a_fixed_order_and_a_wrong_kit_first() {
    let mut facts = Facts {
        state: SubjectState::OffDrug,
        code_broken: true,
        on_hold: true,
        later_dispensed: true,
        today: "2015-10-06".parse().expect("a day"),
        ..facts()
    };
    let right = kit(1).to_string();
    let mut told = Vec::new();
    for mend in 0..6 {
        assert_eq!(outcome(true, &facts, &kit(9).to_string()), "wrong");
        assert_eq!(outcome(true, &facts, &kit(2).to_string()), "already-handed-over");
        told.push(outcome(true, &facts, &right));
        match mend {
            0 => facts.state = SubjectState::InTreatment,
            1 => facts.code_broken = false,
            2 => facts.on_hold = false,
            3 => facts.later_dispensed = false,
            // KIT-07: the kit lasts through 2015-10-10, which is five days and the margin from 2015-10-05.
            _ => facts.today = "2015-10-05".parse().expect("a day"),
        }
    }
    let order = ["subject-state", "subject-state", "on-hold", "visit-out-of-order", "kit-expired", "right"];
    assert_eq!(told, order);
}

#[test]
fn where_the_design_asks_another_person_has_checked_the_kit() {
    let imodals = include_str!("../../../../../config/imodals.toml");
    let asks = imodals.replace("[supply]\n", "[supply]\nsecond_person = true\n");
    let user = |name: &str| UserId::parse(name).expect("an id");
    let outcome = |text: &str, checked_by: &[&str]| {
        let design = StudyDesign::from_toml(text).expect("a design");
        let first = design.dispensing_at(&VisitId::parse("D1").expect("an id")).expect("a dispensing visit");
        let mut facts = facts();
        facts.kits[0].checked_by = checked_by.iter().map(|name| user(name)).collect();
        decide(&design, first, &facts, &kit(1).to_string(), &user("one"))
    };
    let (right, needed) = (Ok(Scan::Right(kit(1))), Err(Refusal::SecondPersonNeeded));
    assert_eq!(outcome(imodals, &[]), right);
    assert_eq!(outcome(&asks, &[]), needed);
    assert_eq!(outcome(&asks, &["one"]), needed, "the same person");
    assert_eq!(outcome(&asks, &["one", "two"]), right);
    let design = StudyDesign::from_toml(&asks).expect("a design");
    let first = design.dispensing_at(&VisitId::parse("D1").expect("an id")).expect("a dispensing visit");
    assert_eq!(decide(&design, first, &facts(), &kit(9).to_string(), &user("one")), Ok(Scan::Wrong));
}
