//! Each alert at its boundary, who owns it, and who sees it.

use std::str::FromStr;

use strum::VariantArray;
use terms::{BatchId, Day, ListId, ShipmentId};

use super::{
    Alert, AlertKind, AlertPlace, Facts, ListFacts, OnItsWay, PlaceFacts, Stock, acknowledge, owner, sees,
    standing,
};
use crate::study::Thresholds;
use crate::{Action, Refusal, Role};

const THRESHOLDS: Thresholds = Thresholds {
    low_stock_kits: 18,
    expiry_horizon_days: 60,
    overdue_receipt_days: 7,
    old_quarantine_days: 14,
    list_positions: 6,
};

fn place(text: &str) -> AlertPlace {
    AlertPlace::from_str(text).expect("a place")
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn bare(at: &str, today: &str) -> PlaceFacts {
    PlaceFacts {
        place: place(at),
        today: day(today),
        stock: None,
        batches: Vec::new(),
        in_quarantine_since: None,
    }
}

fn told(facts: &Facts) -> Vec<(AlertKind, String)> {
    let alerts = standing(&THRESHOLDS, facts).into_iter();
    alerts.map(|Alert { kind, place, reference, .. }| (kind, format!("{place} {reference}"))).collect()
}

fn of_place(facts: PlaceFacts) -> Vec<(AlertKind, String)> {
    told(&Facts { places: vec![facts], ..Facts::default() })
}

#[test]
fn not_05_low_stock_is_fewer_usable_kits_than_are_due_and_the_threshold() {
    #[rustfmt::skip]
    let table = [
        // usable, due, to come, low
        (18, 0, 100, false),
        (17, 0, 100, true),
        (20, 2, 100, false),
        (19, 2, 100, true),
        // No more is wanted than may still be asked for.
        (3,  0, 3,   false),
        (2,  0, 3,   true),
        (0,  0, 0,   false),
    ];
    for (usable, due, to_come, low) in table {
        let stock = Some(Stock { usable, due, to_come });
        let told = of_place(PlaceFacts { stock, ..bare("site/34-001", "2015-10-05") });
        let expected = low.then(|| (AlertKind::LowStock, "site/34-001 34-001".to_owned()));
        assert_eq!(told, Vec::from_iter(expected), "{usable} {due} {to_come}");
    }
    assert_eq!(of_place(bare("site/34-001", "2015-10-05")), [], "a place that nobody looks after");
}

#[test]
fn not_05_a_label_expiry_is_near_on_the_day_on_which_the_horizon_reaches_it() {
    #[rustfmt::skip]
    let table = [
        ("2015-10-05", "2015-12-05", false),
        ("2015-10-06", "2015-12-05", true),
        ("2015-12-05", "2015-12-05", true),
        ("2016-01-05", "2015-12-05", true),
    ];
    for (today, label_expiry, near) in table {
        let batches = vec![(BatchId::parse("B-1").expect("an id"), day(label_expiry))];
        let told = of_place(PlaceFacts { batches, ..bare("depot/NIMES", today) });
        let expected = near.then(|| (AlertKind::ExpiryHorizon, "depot/NIMES B-1".to_owned()));
        assert_eq!(told, Vec::from_iter(expected), "{today} {label_expiry}");
    }
}

#[test]
fn not_05_a_quarantine_is_old_when_its_days_have_passed() {
    for (today, old) in [("2015-10-18", false), ("2015-10-19", true), ("2015-11-19", true)] {
        let in_quarantine_since = Some(day("2015-10-05"));
        let told = of_place(PlaceFacts { in_quarantine_since, ..bare("site/34-001", today) });
        let expected = old.then(|| (AlertKind::OldQuarantine, "site/34-001 34-001".to_owned()));
        assert_eq!(told, Vec::from_iter(expected), "{today}");
    }
}

#[test]
fn not_05_a_receipt_is_overdue_on_the_day_after_the_last_day_for_it() {
    for (today, overdue) in [("2015-10-12", false), ("2015-10-13", true)] {
        let on_its_way = OnItsWay {
            shipment: ShipmentId::parse("s-1").expect("an id"),
            to: place("site/34-001"),
            today: day(today),
            left: day("2015-10-05"),
        };
        let told = told(&Facts { on_their_way: vec![on_its_way], ..Facts::default() });
        let expected = overdue.then(|| (AlertKind::OverdueReceipt, "site/34-001 s-1".to_owned()));
        assert_eq!(told, Vec::from_iter(expected), "{today}");
    }
}

#[test]
fn not_05_a_list_is_near_its_end_while_more_may_come_than_it_may_hold() {
    #[rustfmt::skip]
    let table = [
        // left, to randomize, near
        (7, 20, false),
        (6, 20, true),
        (6, 6,  true),
        (6, 5,  false),
        (0, 1,  true),
        (0, 0,  false),
    ];
    for (fewest_left, to_randomize, near) in table {
        let list = ListFacts { list: ListId::parse("l-1").expect("an id"), fewest_left, to_randomize };
        let told = told(&Facts { list: Some(list), ..Facts::default() });
        let expected = near.then(|| (AlertKind::ListNearExhaustion, "study l-1".to_owned()));
        assert_eq!(told, Vec::from_iter(expected), "{fewest_left} {to_randomize}");
    }
}

#[test]
fn alerts_stand_in_the_order_of_kind_place_and_reference() {
    let low = |at: &str| PlaceFacts {
        stock: Some(Stock { usable: 0, due: 1, to_come: 0 }),
        in_quarantine_since: Some(day("2015-01-05")),
        ..bare(at, "2015-10-05")
    };
    let one = Facts { places: vec![low("site/44-001"), low("site/34-001")], ..Facts::default() };
    let other = Facts { places: vec![low("site/34-001"), low("site/44-001")], ..Facts::default() };
    assert_eq!(told(&one), told(&other));
    assert_eq!(told(&one).len(), 4);
}

#[test]
fn a_place_is_read_back_from_its_text_and_from_no_other() {
    for text in ["site/34-001", "depot/NIMES", "stock", "study"] {
        assert_eq!(place(text).to_string(), text);
    }
    for text in ["", "site", "site/", "34-001", "shipment/s-1", "stock/", "Study"] {
        assert!(AlertPlace::from_str(text).is_err(), "{text}");
    }
}

#[test]
fn every_owner_sees_its_alert_and_may_acknowledge() {
    for kind in AlertKind::VARIANTS {
        for place in ["site/34-001", "depot/NIMES", "stock", "study"].map(place) {
            let owner = owner(*kind, &place);
            assert!(Action::AcknowledgeAlert.roles().contains(&owner), "{owner}");
            let is_possible = !matches!(
                (kind, &place),
                (AlertKind::OverdueReceipt | AlertKind::OldQuarantine, AlertPlace::Study)
            );
            assert!(sees(owner, *kind, &place) || !is_possible, "{owner} {kind} {place}");
        }
    }
}

#[test]
fn bld_04_the_supply_manager_sees_no_alert_that_tells_what_is_left_at_a_site() {
    let seen = |at: &str| -> Vec<AlertKind> {
        let kinds = AlertKind::VARIANTS.iter().copied();
        kinds.filter(|kind| sees(Role::SupplyManager, *kind, &place(at))).collect()
    };
    let left = [AlertKind::LowStock, AlertKind::ExpiryHorizon, AlertKind::OldQuarantine];
    assert!(left.iter().all(|kind| !seen("site/34-001").contains(kind)));
    assert_eq!(seen("depot/NIMES"), AlertKind::VARIANTS);
}

#[test]
fn an_alert_is_acknowledged_by_its_owner_while_it_stands_and_once() {
    let not_owner = Err(Refusal::NotAlertOwner("quality"));
    #[rustfmt::skip]
    let table = [
        (false, false, false, not_owner.clone()),
        (false, true,  true,  not_owner),
        (true,  true,  true,  Err(Refusal::AlertCleared)),
        (true,  false, true,  Err(Refusal::Exists("acknowledgement"))),
        (true,  false, false, Ok(())),
    ];
    for (is_owner, is_cleared, is_done, expected) in table {
        assert_eq!(acknowledge(Role::Quality, is_owner, is_cleared, is_done), expected);
    }
}
