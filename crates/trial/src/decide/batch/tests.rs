use super::{Arrival, Listed, Place, Standing, Taken, is_released, is_released_in, receive, take_step};
use crate::{Refusal, ReleaseStep};
use ledger::KitState;
use std::collections::BTreeMap;
use terms::{Country, KitNumber, SiteId};

fn site(id: &str) -> SiteId {
    SiteId::parse(id).expect("an id")
}

fn kit(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial).expect("a number")
}

/// The moves that follow for one kit in this state and place, or the refusal.
fn outcome(state: KitState, place: &str, arrival: Arrival) -> String {
    let place = if place == "store" { Place::Store } else { Place::Site(site(place)) };
    let kits = BTreeMap::from([(kit(1), Standing { state, place })]);
    let listed = [Listed { path: "here".to_owned(), number: kit(1), arrival }];
    match receive(true, &site("A"), &kits, &listed) {
        Ok(arrived) => {
            let moves = arrived.iter().flat_map(|kit| kit.moves).map(|a_move| a_move.code());
            moves.collect::<Vec<_>>().join(" ")
        }
        Err(Refusal::Field(path, _)) => path,
        Err(other) => other.code().to_owned(),
    }
}

#[test]
fn two_receipts_of_one_kit_are_one_and_contradictions_are_refused() {
    use Arrival::{Damaged, Missing, Received};
    use KitState as S;
    #[rustfmt::skip]
    let table = [
        // state, place, received, missing, damaged
        (S::Released,         "store", ["receive",   "lose",      "receive damage"]),
        (S::Available,        "A",     ["",          "kit-state", "kit-state"]),
        (S::Allocated,        "A",     ["",          "kit-state", "kit-state"]),
        (S::Dispensed,        "A",     ["",          "kit-state", "kit-state"]),
        (S::Quarantined,      "A",     ["",          "kit-state", "kit-state"]),
        (S::Damaged,          "A",     ["kit-state", "kit-state", ""]),
        (S::Lost,             "store", ["kit-state", "",          "kit-state"]),
        (S::Lost,             "A",     ["kit-state", "kit-state", "kit-state"]),
        (S::Damaged,          "store", ["kit-state", "kit-state", "kit-state"]),
        (S::Registered,       "store", ["kit-state", "kit-state", "kit-state"]),
        (S::Available,        "B",     ["here",      "here",      "here"]),
    ];
    for (state, place, expected) in table {
        let got = [Received, Missing, Damaged].map(|arrival| outcome(state, place, arrival));
        assert_eq!(got, expected, "{state:?} at {place}");
    }
}

#[test]
fn a_receipt_names_kits_of_a_released_batch_each_once() {
    let standing = || Standing { state: KitState::Released, place: Place::Store };
    let kits = BTreeMap::from([(kit(1), standing()), (kit(2), standing())]);
    let listed = |path: &str, serial, arrival| Listed { path: path.to_owned(), number: kit(serial), arrival };
    let first = || listed("received[0]", 1, Arrival::Received);
    let path = |kits_listed: &[Listed]| match receive(true, &site("A"), &kits, kits_listed) {
        Err(Refusal::Field(path, _)) => path,
        other => format!("{other:?}"),
    };
    assert_eq!(path(&[]), "received");
    assert_eq!(path(&[first(), listed("damaged[0]", 1, Arrival::Damaged)]), "damaged[0]");
    assert_eq!(path(&[first(), listed("missing[0]", 3, Arrival::Missing)]), "missing[0]");
    let not_released = receive(false, &site("A"), &kits, &[first()]);
    assert_eq!(not_released, Err(Refusal::BatchState("not released")));
    let both = receive(true, &site("A"), &kits, &[first(), listed("received[1]", 2, Arrival::Received)]);
    assert_eq!(both.map(|arrived| arrived.len()), Ok(2));
}

#[test]
fn kit_01_neither_step_alone_releases_a_batch_nor_both_for_another_country() {
    use ReleaseStep::{Certification, RegulatoryRelease};
    let country = |code: &str| code.parse::<Country>().expect("a country");
    let taken = |country_code, step| Taken { country: country(country_code), step };
    let table = [
        (vec![], false, false),
        (vec![taken("FR", Certification)], false, false),
        (vec![taken("FR", RegulatoryRelease)], false, false),
        (vec![taken("FR", Certification), taken("GB", RegulatoryRelease)], false, false),
        (vec![taken("FR", Certification), taken("FR", RegulatoryRelease)], true, true),
        (vec![taken("FR", RegulatoryRelease), taken("FR", Certification)], true, true),
        (vec![taken("GB", RegulatoryRelease), taken("GB", Certification)], false, true),
    ];
    for (steps, in_france, anywhere) in table {
        assert_eq!(is_released_in(&steps, country("FR")), in_france, "{steps:?}");
        assert_eq!(is_released(&steps), anywhere, "{steps:?}");
        for step in &steps {
            assert!(take_step(&steps, *step).is_err(), "{step:?} is taken once");
        }
        assert_eq!(take_step(&steps, taken("ES", Certification)), Ok(()));
    }
}
