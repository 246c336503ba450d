use journal::Commitment;
use ledger::{Kit, KitState, Place};
use terms::{BatchId, KitNumber, KitType, Sealed, SiteId};

use super::{Content, Lot, Statement, find, hit, named, read, recall, statement};
use crate::Refusal;
use crate::act::{Act, LotRecalled};
use crate::codes::LotRecallReason;
use crate::decide::recall::Fate;
use crate::study::{SealedDesign, StudyDesign};

fn design() -> SealedDesign {
    let design =
        StudyDesign::from_toml(include_str!("../../../../../config/imodals.toml")).expect("a design");
    let text = include_str!("../../../../../config/imodals.sealed.toml");
    SealedDesign::from_toml(text, &design).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn number(serial: u32) -> KitNumber {
    KitNumber::from_serial(serial * 1_000).expect("in the space")
}

fn site() -> Place {
    Place::Site(SiteId::parse("34-001").expect("a site"))
}

/// Kits of these types in these states, numbered in order; those that subjects have are of subjects of their own.
fn kits(of: &[(u8, KitState, Place)]) -> Vec<Content> {
    let content = |(serial, (kit_type, state, place)): (u32, &(u8, KitState, Place))| {
        let given = matches!(state, KitState::Dispensed | KitState::ReturnedUsed);
        let meant = given || *state == KitState::Allocated;
        let subject = meant.then(|| format!("S-{serial}").parse().expect("an id"));
        let kit = Kit { state: *state, place: place.clone(), subject, visit: None, released: true, given };
        Content { number: number(serial), kit_type: Sealed::new(KitType::new(*kit_type)), kit }
    };
    (1..).zip(of).map(content).collect()
}

fn shelf() -> Vec<Content> {
    use KitState::{Allocated, Available, Dispensed, Registered, ReturnedUsed};
    let store = || Place::Store;
    kits(&[
        (0, Available, site()),
        (1, Available, site()),
        (0, Dispensed, site()),
        (1, Dispensed, site()),
        (0, ReturnedUsed, site()),
        (2, Allocated, site()),
        (0, Registered, store()),
    ])
}

const LOTS: &str = "2030-12-31 LOT-A\n2031-01-31 LOT-B\n2030-12-31 LOT-B\n";

fn the_lot() -> Lot {
    find(LOTS, "LOT-A").unwrap_or_else(|refused| panic!("{refused}"))
}

fn batch() -> BatchId {
    BatchId::parse("B-1").expect("an id")
}

fn nothing() -> Commitment {
    Commitment::new([0; 32])
}

fn act() -> LotRecalled {
    LotRecalled {
        statement: "st-1".parse().expect("an id"),
        batch: batch(),
        lot: nothing(),
        statement_file: nothing(),
        why: LotRecallReason::QualityDefect,
        reason: nothing(),
    }
}

fn stated(kits: &[Content]) -> Statement {
    let names = ("st-1".parse().expect("an id"), batch(), nothing());
    let stated = read(names, |grant| {
        Ok::<_, Refusal>((nothing(), statement(the_lot(), &design(), kits, grant).expect("of the design")))
    });
    let (act, stated) = stated.unwrap_or_else(|refused| panic!("{refused}"));
    assert!(matches!(act, Act::LotStatementRead(_)), "no look without its record");
    stated
}

#[test]
fn a_lot_is_found_by_its_name_and_no_refusal_repeats_it() {
    let lot = the_lot();
    assert_eq!((lot.kit_type.index(), lot.expiry.to_string().as_str()), (0, "2030-12-31"));
    for (name, words) in [("LOT-C", "no true lot"), ("LOT-B", "several kit types"), ("LOT", "no true lot")] {
        let Err(refused) = find(LOTS, name) else { panic!("{name}") };
        let told = refused.to_string();
        assert!(told.contains(words) && !told.contains("LOT-"), "{told}");
    }
}

#[test]
fn bld_10_a_recall_hits_the_kits_of_the_lot_that_are_not_finished_with_and_no_other() {
    let decided = recall(act(), KitType::new(0), &shelf(), |_| Ok::<_, Refusal>(true));
    let (act_of_it, hit) = decided.unwrap_or_else(|refused| panic!("{refused}"));
    assert!(matches!(act_of_it, Act::LotRecalled(_)));
    let expected =
        [(number(1), Fate::SetAside), (number(3), Fate::WithSubject), (number(7), Fate::SetAsideOnArrival)];
    assert_eq!(hit, expected, "what came back is finished with");
    let outdated = recall(act(), KitType::new(0), &shelf(), |_| Ok::<_, Refusal>(false));
    assert_eq!(outdated.err(), Some(Refusal::StatementOutdated));
}

#[test]
fn bld_04_a_statement_tells_nothing_of_what_became_of_the_lot_at_a_site() {
    let before = shelf();
    let told = |kits: &[Content]| {
        let stated = stated(kits);
        (stated.says(&batch()), stated.places)
    };
    // A subject who came in between has a kit of the lot, or one of another type: the two statements are the same.
    let [own, another] = [0, 1].map(|index: usize| {
        let mut after = shelf();
        after[index].kit.state = KitState::Dispensed;
        after[index].kit.subject = Some("S-9".parse().expect("an id"));
        told(&after)
    });
    assert_eq!(own, another);
    assert_ne!(own, told(&before), "that somebody came is told");
    let stated = stated(&before);
    assert_eq!((stated.free, stated.with_subjects, stated.subjects), (4, 2, 3), "over all types");
    assert_eq!(stated.places[&Place::Store], [number(7)]);
    assert_eq!(stated.places[&site()], [1, 3, 5].map(number), "all that are there");
}

#[test]
fn what_may_be_told_to_a_reviewer_is_what_the_recall_hits() {
    let kits = shelf();
    let names = ("st-1".parse().expect("an id"), batch(), nothing());
    let told = read(names, |grant| Ok::<_, Refusal>((nothing(), hit(&the_lot(), &kits, grant))));
    let (_, hit) = told.unwrap_or_else(|refused| panic!("{refused}"));
    assert_eq!(hit.into_iter().collect::<Vec<_>>(), [1, 3, 7].map(number));
    assert_eq!(named(&kits).len(), 6, "all but the one that came back");
}
