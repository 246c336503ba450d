use std::slice::from_ref;

use chrono_tz::Tz;
use ledger::KitState;
use terms::{Day, KitNumber, Moment, UnitNumber};

use super::{Parent, Prepared, Preparing, Scan, Treatment, Unit, discard, give, prepare, use_by};
use crate::study::StudyDesign;
use crate::{Refusal, SubjectState, UnitEnd};

const IMODALS: &str = include_str!("../../../../../config/imodals.toml");
const PREPARATIONS: &str = "
[[preparations]]
id = \"reconstituted\"
hours = 24
[[preparations]]
id = \"diluted\"
hours = 48
";
const KIT: &str = "1234567889";
const TREATED: Treatment = Treatment { state: SubjectState::InTreatment, code_broken: false, on_hold: false };

fn design() -> StudyDesign {
    StudyDesign::from_toml(&format!("{IMODALS}{PREPARATIONS}")).unwrap_or_else(|bad| panic!("{bad:?}"))
}

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap_or_else(|| panic!("{text}"))
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn kit() -> Parent {
    Parent {
        number: KitNumber::parse(KIT).expect("a kit number"),
        state: KitState::Dispensed,
        label_expiry: day("2015-10-06"),
        handed_over: Some(moment("2015-10-05T08:00:00Z")),
        is_withdrawn: false,
        prepared: 0,
    }
}

fn unit() -> Unit {
    Unit {
        number: UnitNumber { kit: kit().number, index: 2 },
        prepared_at: moment("2015-10-05T09:00:00Z"),
        use_by: moment("2015-10-06T09:00:00Z"),
        end: None,
        is_withdrawn: false,
    }
}

fn wanted() -> Preparing {
    Preparing {
        scanned: KIT.to_owned(),
        preparation: "reconstituted".to_owned(),
        units: 2,
        at: (moment("2015-10-05T09:00:00Z"), day("2015-10-05")),
    }
}

fn told(outcome: Result<Prepared, Refusal>) -> String {
    match outcome {
        Ok(Prepared::Units(_, hours, units)) => {
            let units: Vec<String> = units.iter().map(|unit| unit.index.to_string()).collect();
            format!("{hours} h: {}", units.join(" "))
        }
        Ok(Prepared::Wrong) => "wrong".to_owned(),
        Err(Refusal::Field(path, _)) => path,
        Err(refusal) => refusal.code().to_owned(),
    }
}

#[test]
fn kit_24_units_are_prepared_of_a_kit_that_the_subject_has_and_never_more_than_it_has_vials() {
    let clock = moment("2015-10-06T12:00:00Z");
    let stopped = Treatment { state: SubjectState::OffDrug, ..TREATED };
    let held = Treatment { on_hold: true, ..TREATED };
    let at = |text: &str, of: &str| Preparing { at: (moment(text), day(of)), ..wanted() };
    let table = [
        (TREATED, kit(), wanted(), "24 h: 1 2"),
        (
            TREATED,
            kit(),
            Preparing { preparation: "diluted".into(), units: 5, ..wanted() },
            "48 h: 1 2 3 4 5",
        ),
        (TREATED, Parent { prepared: 3, ..kit() }, wanted(), "24 h: 4 5"),
        (TREATED, Parent { prepared: 4, ..kit() }, wanted(), "units"),
        (TREATED, kit(), Preparing { units: 6, ..wanted() }, "units"),
        (TREATED, kit(), Preparing { units: 0, ..wanted() }, "units"),
        (TREATED, kit(), Preparing { preparation: "boiled".into(), ..wanted() }, "preparation"),
        (TREATED, kit(), at("2015-10-06T12:00:00.000001Z", "2015-10-06"), "prepared_at"),
        (TREATED, kit(), at("2015-10-06T12:00:00Z", "2015-10-06"), "24 h: 1 2"),
        (TREATED, kit(), at("2015-10-05T07:59:59Z", "2015-10-05"), "prepared_at"),
        (TREATED, kit(), at("2015-10-05T08:00:00Z", "2015-10-05"), "24 h: 1 2"),
        (TREATED, kit(), at("2015-10-05T22:00:00Z", "2015-10-07"), "kit-expired"),
        (TREATED, kit(), Preparing { scanned: "7955171567".into(), ..wanted() }, "wrong"),
        (TREATED, kit(), Preparing { scanned: "a pack of aspirin".into(), ..wanted() }, "wrong"),
        (stopped, kit(), Preparing { scanned: "7955171567".into(), ..wanted() }, "wrong"),
        (stopped, kit(), wanted(), "subject-state"),
        (held, kit(), wanted(), "on-hold"),
        (TREATED, Parent { is_withdrawn: true, ..kit() }, wanted(), "kit-state"),
        (TREATED, Parent { state: KitState::Allocated, handed_over: None, ..kit() }, wanted(), "kit-state"),
        (TREATED, Parent { state: KitState::Quarantined, ..kit() }, wanted(), "kit-state"),
        (TREATED, Parent { state: KitState::ReturnedUnused, ..kit() }, wanted(), "kit-state"),
        (TREATED, Parent { state: KitState::Lost, ..kit() }, wanted(), "kit-state"),
    ];
    for (treatment, kit, wanted, expected) in table {
        let outcome = prepare(&design(), treatment, from_ref(&kit), &wanted, clock);
        assert_eq!(told(outcome), expected, "{kit:?} {wanted:?}");
    }
    let without = StudyDesign::from_toml(IMODALS).expect("a design");
    assert_eq!(told(prepare(&without, TREATED, &[kit()], &wanted(), clock)), "nothing-prepared");
    assert_eq!(
        give(&without, TREATED, &[unit()], "1234567889-2", clock, clock),
        Err(Refusal::NothingPrepared)
    );
}

#[test]
fn kit_24_a_unit_is_given_once_to_its_subject_and_not_past_its_limit() {
    let clock = moment("2015-10-07T00:00:00Z");
    let (right, late) = (Ok(Scan::Right(unit().number)), Ok(Scan::Late(unit().number)));
    let field = |outcome: Result<Scan, Refusal>| outcome.map_err(|refusal| refusal.code());
    let stopped = Treatment { state: SubjectState::LeftStudy, ..TREATED };
    let held = Treatment { on_hold: true, ..TREATED };
    let given = Unit { end: Some(UnitEnd::Given), ..unit() };
    let gone = Unit { end: Some(UnitEnd::Discarded), ..unit() };
    let withdrawn = Unit { is_withdrawn: true, ..unit() };
    let (number, noon) = ("1234567889-2", "2015-10-05T12:00:00Z");
    let table = [
        (TREATED, unit(), number, noon, right),
        (TREATED, unit(), number, "2015-10-06T09:00:00Z", right),
        (TREATED, unit(), number, "2015-10-06T09:00:00.000001Z", late),
        (stopped, unit(), number, "2015-10-06T09:00:01Z", late),
        (TREATED, withdrawn.clone(), number, "2015-10-06T09:00:01Z", late),
        (TREATED, unit(), "1234567889-1", noon, Ok(Scan::Wrong)),
        (TREATED, unit(), "1234567889", noon, Ok(Scan::Wrong)),
        (stopped, unit(), "7955171567-1", noon, Ok(Scan::Wrong)),
        (TREATED, given, number, noon, Err("unit-state")),
        (TREATED, gone, number, "2015-10-06T09:00:01Z", Err("unit-state")),
        (TREATED, unit(), number, "2015-10-05T08:59:59Z", Err("invalid-field")),
        (TREATED, unit(), number, "2015-10-07T00:00:01Z", Err("invalid-field")),
        (stopped, unit(), number, noon, Err("subject-state")),
        (held, unit(), number, noon, Err("on-hold")),
        (TREATED, withdrawn, number, noon, Err("kit-state")),
    ];
    for (treatment, unit, scanned, at, expected) in table {
        let outcome = give(&design(), treatment, from_ref(&unit), scanned, moment(at), clock);
        assert_eq!(field(outcome), expected, "{unit:?} {scanned} {at}");
    }
    assert_eq!(discard(unit().number, None), Ok(()));
    for end in [UnitEnd::Given, UnitEnd::Discarded] {
        assert!(discard(unit().number, Some(end)).is_err(), "{end}");
    }
}

/// Hours are elapsed time: on the days on which clocks change, the limit shows another hour of the clock.
#[test]
fn kit_24_the_limit_is_in_elapsed_hours_and_never_after_the_label_expiry_at_the_site() {
    let table = [
        ("Europe/Paris", "2015-10-05T08:00:00Z", 24, "2016-01-31", "2015-10-06T08:00:00Z"),
        // Clocks go back in Paris: from ten in the morning to nine.
        ("Europe/Paris", "2015-10-24T08:00:00Z", 24, "2016-01-31", "2015-10-25T08:00:00Z"),
        // And forward.
        ("Europe/Paris", "2016-03-26T08:00:00Z", 48, "2016-12-31", "2016-03-28T08:00:00Z"),
        // A leap day, and the end of a month on a label.
        ("Europe/Paris", "2016-02-28T08:00:00Z", 48, "2016-12-31", "2016-03-01T08:00:00Z"),
        ("Europe/Paris", "2016-02-28T20:00:00Z", 48, "2016-02-29", "2016-02-29T22:59:59Z"),
        ("Europe/Paris", "2015-10-24T20:00:00Z", 48, "2015-10-25", "2015-10-25T22:59:59Z"),
        ("America/New_York", "2016-02-29T20:00:00Z", 24, "2016-02-29", "2016-03-01T04:59:59Z"),
        // In Beirut clocks went forward at midnight, so that the day began at one.
        ("Asia/Beirut", "2016-03-26T12:00:00Z", 24, "2016-03-26", "2016-03-26T21:59:59Z"),
    ];
    for (zone, prepared, hours, label, expected) in table {
        let zone: Tz = zone.parse().expect("a time zone");
        let until = use_by(moment(prepared), hours, day(label), zone);
        assert_eq!(until, moment(expected), "{zone} {prepared} {label}");
    }
}
