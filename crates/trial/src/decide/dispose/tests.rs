use std::collections::BTreeSet;

use super::{Order, Standing, destroy, outlook, reconcile, second_signature};
use crate::Refusal;
use ledger::KitState;
use terms::{Day, KitNumber};

fn number(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial).expect("a number")
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// Kit 1 in this state: `miscounted`, `promised`, `expired` or nothing behind it.
fn standing(words: &str) -> Standing {
    let mut words = words.split(' ');
    let state = KitState::parse(words.next().expect("a state")).expect("a state");
    let more: Vec<&str> = words.collect();
    let has = |word| more.contains(&word);
    Standing {
        number: number(1),
        state,
        label_expiry: day(if has("expired") { "2015-10-04" } else { "2015-10-05" }),
        is_miscounted: has("miscounted"),
        is_promised: has("promised"),
    }
}

fn outcome<T>(got: &Result<T, Refusal>) -> &'static str {
    got.as_ref().map_or_else(Refusal::code, |_| "ok")
}

/// What becomes of a kit that stands alone at its place, in passing and when the place is closed.
#[test]
fn kit_18_what_is_finished_with_is_reconciled_and_what_is_open_is_named() {
    const NOTHING: &str = "nothing-to-reconcile";
    const OPEN: &str = "kits-unexplained";
    let table = [
        ("returned_unused", "ok", "ok"),
        ("returned_partly_used", "ok", "ok"),
        ("returned_used", "ok", "ok"),
        ("returned_used miscounted", OPEN, OPEN),
        ("returned_unused miscounted", OPEN, OPEN),
        ("returned_partly_used expired", "ok", "ok"),
        ("damaged", "ok", "ok"),
        ("lost", "ok", "ok"),
        ("dispensed", NOTHING, OPEN),
        ("dispensed_in_error", NOTHING, OPEN),
        ("dispensed expired", NOTHING, OPEN),
        ("quarantined", NOTHING, OPEN),
        ("quarantined expired", NOTHING, OPEN),
        ("in_transit", NOTHING, OPEN),
        ("available", NOTHING, "ok"),
        ("available expired", "ok", "ok"),
        ("released", NOTHING, "ok"),
        ("released expired", "ok", "ok"),
        ("released promised", NOTHING, OPEN),
        ("released expired promised", NOTHING, OPEN),
        ("allocated", NOTHING, "ok"),
        ("allocated expired", NOTHING, "ok"),
        ("registered", NOTHING, "ok"),
        ("reconciled", NOTHING, NOTHING),
        ("destroyed", NOTHING, NOTHING),
    ];
    let (today, none) = (day("2015-10-05"), BTreeSet::new());
    for (words, in_passing, at_the_end) in table {
        for (closing, expected) in [(false, in_passing), (true, at_the_end)] {
            let order = Order { closing, today, explained: &none };
            let got = reconcile(&[standing(words)], order);
            assert_eq!(outcome(&got), expected, "{words}, closing: {closing}");
        }
        // What is told before anybody signs is what the signature finds.
        let told = outlook(&[standing(words)], today);
        let told = [told.finished.len(), told.left_over.len(), told.out.len() + told.unsettled.len()];
        let expected = match (in_passing, at_the_end) {
            ("ok", _) => [1, 0, 0],
            (_, "ok") => [0, 1, 0],
            (_, OPEN) => [0, 0, 1],
            _ => [0, 0, 0],
        };
        assert_eq!(told, expected, "{words}");
    }
}

#[test]
fn a_kit_that_will_not_come_back_is_explained_and_no_other() {
    let (today, explained) = (day("2015-10-05"), BTreeSet::from([number(1)]));
    for (words, expected) in [
        ("dispensed", "ok"),
        ("dispensed_in_error", "ok"),
        ("returned_used", "invalid-field"),
        ("lost", "invalid-field"),
        ("available", "invalid-field"),
        ("reconciled", "invalid-field"),
    ] {
        for closing in [false, true] {
            let order = Order { closing, today, explained: &explained };
            assert_eq!(outcome(&reconcile(&[standing(words)], order)), expected, "{words}");
            assert_eq!(outcome(&reconcile(&[], order)), "invalid-field", "it is not at this place");
        }
    }
}

#[test]
fn the_kits_are_named() {
    let (today, none) = (day("2015-10-05"), BTreeSet::new());
    let kit = |serial, words| Standing { number: number(serial), ..standing(words) };
    let kits = [kit(1, "returned_used"), kit(2, "dispensed"), kit(3, "quarantined"), kit(4, "available")];
    let order = |closing| Order { closing, today, explained: &none };
    assert_eq!(reconcile(&kits, order(false)), Ok(vec![number(1)]));
    let open = [2, 3].map(|serial| number(serial).to_string()).to_vec();
    assert_eq!(reconcile(&kits, order(true)), Err(Refusal::KitsUnexplained(open)));
    let told = outlook(&kits, today);
    let told = [told.finished, told.out, told.unsettled, told.left_over];
    assert_eq!(told, [1, 2, 3, 4].map(|serial| vec![number(serial)]));
}

#[test]
fn kit_18_only_what_is_reconciled_is_destroyed() {
    let kits: Vec<Standing> = (1..)
        .zip(KitState::ALL)
        .map(|(serial, state)| Standing { number: number(serial), ..standing(state.code()) })
        .collect();
    for kit in &kits {
        let expected = if kit.state == KitState::Reconciled { "ok" } else { "kit-state" };
        assert_eq!(outcome(&destroy(&kits, &[kit.number])), expected, "{}", kit.state.code());
    }
    let reconciled = kits.iter().find(|kit| kit.state == KitState::Reconciled).expect("one").number;
    let refused = |wanted: &[KitNumber]| match destroy(&kits, wanted) {
        Err(Refusal::Field(path, _)) => path,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&[]), "kits");
    assert_eq!(refused(&[reconciled, reconciled]), "kits[1]");
    assert_eq!(refused(&[reconciled, number(99)]), "kits[1]");
}

#[test]
fn the_second_signature_is_another_persons_on_what_has_not_changed() {
    assert_eq!(second_signature(false, &[]), Ok(()));
    assert_eq!(second_signature(true, &[number(1)]), Err(Refusal::SamePerson));
    let changed = Refusal::KitsChanged(vec![number(1).to_string()]);
    assert_eq!(second_signature(false, &[number(1)]), Err(changed));
}
