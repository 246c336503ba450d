use super::{Facts, Kit, KitState, Scan, decide};
use crate::SubjectState;
use crate::study::StudyDesign;
use terms::{Day, KitNumber, VisitId};

fn kit(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial).expect("a number")
}

fn facts() -> Facts {
    let day = |text: &str| text.parse::<Day>().expect("a day");
    let kit = |serial, state| Kit { number: kit(serial), label_expiry: day("2015-10-10"), state };
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
    match decide(&design, first, facts, scanned) {
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
