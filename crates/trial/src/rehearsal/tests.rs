//! What is seen in a rehearsal is true, whatever befalls the trial.

use observer::Event;

use super::{Conditions, Rehearsed, SupplyPolicy, rehearse, seed_of};
use crate::study::{SealedDesign, StudyDesign};

const POLICIES: [SupplyPolicy; 5] = [
    SupplyPolicy::Shipped,
    SupplyPolicy::OneOfEach,
    SupplyPolicy::SingleKits,
    SupplyPolicy::LowestNumberFirst,
    SupplyPolicy::EarliestExpiryFirst,
];

/// Late and lossy, so that everything that can be seen is seen.
const HARD: Conditions = Conditions { delay_days: 9, loss_percent: 20, ..Conditions::IMODALS };

fn designs() -> (StudyDesign, SealedDesign) {
    let design = StudyDesign::from_toml(include_str!("../../../../config/imodals.toml")).expect("a design");
    let sealed = include_str!("../../../../config/imodals.sealed.toml");
    let sealed = SealedDesign::from_toml(sealed, &design).expect("a sealed design");
    (design, sealed)
}

fn run(policy: SupplyPolicy, conditions: &Conditions, number: u32) -> Rehearsed {
    let (design, sealed) = designs();
    rehearse(&design, &sealed, policy, conditions, &seed_of(number))
}

#[test]
fn what_is_seen_is_true_under_every_policy() {
    let mut unserved = 0;
    for policy in POLICIES {
        for (number, conditions) in [(0, Conditions::IMODALS), (1, HARD), (2, HARD)] {
            let done = run(policy, &conditions, number);
            assert_eq!(done.seen.problems(), [], "{policy:?}");
            assert_eq!(observer::check(&done.seen, &done.truth), Ok(()), "{policy:?}");
            // Single kits that are lost are never replaced, so that not everybody can be randomized.
            assert!(done.truth.subjects.len() == 36 || policy == SupplyPolicy::SingleKits, "{policy:?}");
            unserved += done.not_served;
        }
    }
    assert!(unserved > 0, "no hardship was hard enough");
}

#[test]
fn every_subject_gets_three_kits_and_none_gets_another_s() {
    let done = run(SupplyPolicy::Shipped, &Conditions::IMODALS, 3);
    let handed = done.seen.events.iter().filter_map(|event| match event {
        Event::HandedOut(handed) => Some(handed),
        _ => None,
    });
    let kits: Vec<_> = handed.flat_map(|handed| handed.kits.iter()).collect();
    let different: std::collections::BTreeSet<_> = kits.iter().collect();
    assert_eq!((kits.len(), different.len()), (108, 108));
    assert!(done.kits_per_type >= 36 && done.kits_per_type.is_multiple_of(12), "{}", done.kits_per_type);
    assert!(done.boxes > 1);
}

#[test]
fn the_same_seed_gives_the_same_trial_and_another_one_another() {
    let [first, again, other] =
        [4, 4, 5].map(|number| run(SupplyPolicy::Shipped, &Conditions::IMODALS, number));
    assert_eq!(first.seen, again.seen);
    assert_eq!(first.truth, again.truth);
    assert_ne!(first.seen, other.seen);
}

#[test]
fn a_broken_code_is_a_true_one() {
    let done = run(SupplyPolicy::Shipped, &Conditions::IMODALS, 6);
    let broken = done.with_breaks(3, &seed_of(6));
    assert_eq!(broken.events.len(), done.seen.events.len() + 3);
    assert_eq!(broken.problems(), []);
    assert_eq!(observer::check(&broken, &done.truth), Ok(()));
    assert_eq!(broken, done.with_breaks(3, &seed_of(6)));
}
