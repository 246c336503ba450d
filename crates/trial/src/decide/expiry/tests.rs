use super::{Concern, Kit, KitState, Renewed, Standing, confirm, extends, propose, shorten, shortens};
use crate::Refusal;
use crate::study::{SealedDesign, StudyDesign};
use terms::{Day, VisitId};

/// The lots of the types in the order of the sealed design, SUGILITE first.
const KNOWN: &str = "2016-03-31 LOT A\n2016-12-31 LOT-B\n2016-06-30 LOT-C\n";

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn design() -> StudyDesign {
    StudyDesign::from_toml(include_str!("../../../../../config/imodals.toml")).expect("a design")
}

fn batch() -> Standing {
    Standing {
        label_expiry: day("2016-03-31"),
        is_shortened: false,
        is_recalled: false,
        latest_day: day("2016-03-31"),
    }
}

fn code(refused: Refusal) -> String {
    match refused {
        Refusal::Field(path, _) => path,
        Refusal::BatchState(state) => state.to_owned(),
        other => other.code().to_owned(),
    }
}

#[test]
fn kit_11_a_shortening_is_to_an_earlier_day() {
    // In force, new, whether: the ends of months and a leap day are days like others.
    let table = [
        ("2016-03-31", "2016-03-30", true),
        ("2016-03-31", "2016-03-31", false),
        ("2016-03-31", "2016-04-01", false),
        ("2016-03-01", "2016-02-29", true),
        ("2016-02-29", "2016-02-28", true),
        ("2016-02-29", "2016-03-01", false),
        ("2016-03-31", "2001-01-01", true),
    ];
    for (in_force, new, good) in table {
        assert_eq!(shorten(day(in_force), day(new)).is_ok(), good, "{in_force} {new}");
    }
}

#[test]
fn kit_10_an_extension_stays_within_the_lots_and_makes_none_earlier() {
    let text = include_str!("../../../../../config/imodals.sealed.toml");
    let Ok(sealed) = SealedDesign::from_toml(text, &design()) else { panic!("a sealed design") };
    let [first, second, third] = ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"];
    let lots = |first: &str, third: &str| format!("{first} LOT A\n2016-12-31 LOT-B\n{third} LOT-C\n");
    #[rustfmt::skip]
    let table = [
        // label expiry, renewed, the lots or the wrong field
        ("2016-04-30", &[(first, "2016-04-30")][..],                     lots("2016-04-30", "2016-06-30")),
        ("2016-06-30", &[(first, "2017-01-31")],                         lots("2017-01-31", "2016-06-30")),
        ("2016-07-01", &[(first, "2017-01-31"), (third, "2016-07-01")],  lots("2017-01-31", "2016-07-01")),
        ("2016-03-31", &[(first, "2017-01-31")],                         "label_expiry".to_owned()),
        ("2016-03-30", &[(first, "2017-01-31")],                         "label_expiry".to_owned()),
        ("2016-04-01", &[],                                              "label_expiry".to_owned()),
        ("2016-07-01", &[(first, "2017-01-31")],                         "label_expiry".to_owned()),
        ("2016-04-30", &[(first, "2016-04-29")],                         "label_expiry".to_owned()),
        ("2016-04-30", &[(first, "2016-04-30"), (second, "2016-12-30")], "lots[1].expiry".to_owned()),
        ("2016-04-30", &[(first, "2016-04-30"), (first, "2016-05-31")],  "lots[1].kit_type".to_owned()),
        ("2016-04-30", &[("placebo", "2016-04-30")],                     "lots[0].kit_type".to_owned()),
    ];
    for (label, renewed, expected) in table {
        let one =
            |(code, expiry): &(&str, &str)| Renewed { kit_type: (*code).to_owned(), expiry: day(expiry) };
        let renewed: Vec<Renewed> = renewed.iter().map(one).collect();
        let told = propose(&sealed, &batch(), day(label), KNOWN, &renewed).unwrap_or_else(code);
        assert_eq!(told, expected, "{label}");
    }
}

#[test]
fn kit_10_after_a_shortening_every_lot_is_told_anew() {
    let text = include_str!("../../../../../config/imodals.sealed.toml");
    let Ok(sealed) = SealedDesign::from_toml(text, &design()) else { panic!("a sealed design") };
    let today = day("2016-02-29");
    let shortened = Standing { label_expiry: today, is_shortened: true, latest_day: today, ..batch() };
    let told = |expiries: &[&str]| {
        let codes = ["SUGILITE-9127", "KUNZITE-3358", "LARIMAR-4406"].into_iter().zip(expiries);
        let renewed: Vec<Renewed> =
            codes.map(|(code, expiry)| Renewed { kit_type: code.to_owned(), expiry: day(expiry) }).collect();
        propose(&sealed, &shortened, day("2016-03-31"), KNOWN, &renewed).unwrap_or_else(code)
    };
    assert_eq!(told(&[]), "lots", "what was known before it no longer counts");
    assert_eq!(told(&["2016-03-31", "2016-12-31"]), "lots");
    assert_eq!(
        told(&["2016-03-31", "2016-03-30", "2016-06-30"]),
        "label_expiry",
        "beyond the lot that is bad"
    );
    let lots = "2016-03-31 LOT A\n2016-04-30 LOT-B\n2016-06-30 LOT-C\n";
    assert_eq!(told(&["2016-03-31", "2016-04-30", "2016-06-30"]), lots, "a true expiry may be earlier now");
}

#[test]
fn kit_10_an_extension_is_confirmed_by_another_person_while_nothing_has_changed() {
    let told = |same, batch: Standing| confirm(same, &batch, false).map_or_else(code, |()| "ok".to_owned());
    assert_eq!(told(false, batch()), "ok");
    assert_eq!(told(true, batch()), "same-person");
    assert_eq!(told(false, Standing { is_recalled: true, ..batch() }), "recalled");
    assert_eq!(told(false, Standing { latest_day: day("2016-04-01"), ..batch() }), "out of date");
    assert_eq!(confirm(false, &batch(), true).map_or_else(code, |()| "ok".to_owned()), "changed since");
}

#[test]
fn kit_11_a_shortening_hits_what_it_leaves_without_enough_days_and_only_that() {
    use Concern::{Held, None as Not, WithSubject as With};
    use KitState as S;
    let design = design();
    let visit = |id: &str| VisitId::parse(id).expect("a visit");
    let kit = |state, visit, given: Option<&str>| Kit {
        state,
        today: day("2016-02-25"),
        visit,
        given: given.map(day),
    };
    // Five dosing days from 2016-02-25 end on the leap day; with the margin the label must say 2016-03-01.
    #[rustfmt::skip]
    let table = [
        // state, meant for a visit, handed over, from, to, expected
        (S::Available,  None,              None,               "2016-03-31", "2016-02-29", Held),
        (S::Available,  None,              None,               "2016-03-31", "2016-03-01", Not),
        (S::Available,  None,              None,               "2016-02-29", "2016-02-28", Not),
        (S::Allocated,  Some(visit("D1")), None,               "2016-03-01", "2016-02-29", Held),
        (S::InTransit,  None,              None,               "2016-03-01", "2016-02-29", Held),
        (S::Quarantined, None,             None,               "2016-03-01", "2016-02-29", Held),
        (S::Dispensed,  Some(visit("D1")), Some("2016-02-25"), "2016-03-31", "2016-02-29", With),
        (S::Dispensed,  Some(visit("D1")), Some("2016-02-24"), "2016-03-31", "2016-02-29", Not),
        (S::Damaged,    None,              None,               "2016-03-31", "2016-01-01", Not),
        (S::ReturnedUsed, Some(visit("D1")), Some("2016-02-25"), "2016-03-31", "2016-01-01", Not),
    ];
    for (state, visit, given, from, to, expected) in table {
        let kit = kit(state, visit, given);
        assert_eq!(shortens(&design, &kit, (day(from), day(to))), expected, "{kit:?} {to}");
    }
    assert!(extends(S::Allocated) && extends(S::Quarantined) && extends(S::Registered));
    assert!(!extends(S::Dispensed) && !extends(S::Damaged) && !extends(S::ReturnedUnused));
}
