use super::{Allocation, Need, Refusal, Shelf, ShelfKit, allocate, shortage};
use crate::study::{SealedDesign, StudyDesign};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use terms::{Arm, BatchId, Day, KitNumber, KitType, Sealed, SubjectId, VisitId};

/// IMODALS: the open tier holds at least 18 kits, and the margin is one day.
fn designs() -> &'static (StudyDesign, SealedDesign) {
    static DESIGNS: OnceLock<(StudyDesign, SealedDesign)> = OnceLock::new();
    DESIGNS.get_or_init(|| {
        let design =
            StudyDesign::from_toml(include_str!("../../../../../config/imodals.toml")).expect("a design");
        let sealed = include_str!("../../../../../config/imodals.sealed.toml");
        let sealed = SealedDesign::from_toml(sealed, &design).expect("a sealed design");
        (design, sealed)
    })
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

/// The shelf of these batches: name, label expiry, and how many kits of each of the three types. The last digit of a
/// kit's serial is its type, and the ten thousands are its batch.
fn shelf(batches: &[(&str, &str, [u32; 3])]) -> Shelf {
    let mut kits = Vec::new();
    for (index, (batch, expiry, counts)) in (0..).zip(batches) {
        for (kit_type, count) in (0_u8..).zip(counts) {
            for place in 0..*count {
                let serial = 10_000 * index + 10 * place + u32::from(kit_type);
                kits.push(ShelfKit {
                    number: KitNumber::from_serial(serial).expect("a number"),
                    batch: BatchId::parse(batch).expect("an id"),
                    label_expiry: day(expiry),
                    kit_type: Sealed::new(KitType::new(kit_type)),
                });
            }
        }
    }
    Shelf { kits, pick_seed: Sealed::new([9; 32]) }
}

/// The serial of a kit: its number without the two check digits.
fn serial(kit: &KitNumber) -> u32 {
    kit.to_string()[..8].parse().expect("digits")
}

fn pick(shelf: &Shelf, subject: &str, arm: u8, count: u32) -> Result<Vec<u32>, Refusal> {
    let (design, sealed) = designs();
    let subject = SubjectId::parse(subject).expect("an id");
    let visit = VisitId::parse("D1").expect("an id");
    let through = day("2015-10-09");
    let need = Need { study: &design.id, subject: &subject, visit: &visit, attempt: 1, through, count };
    let allocation = allocate(design, sealed, shelf, &need, &Sealed::new(Arm::new(arm)))?;
    let Allocation { visit, attempt, through, kits } = allocation;
    assert_eq!((visit.as_str(), attempt, through), ("D1", 1, need.through));
    Ok(kits.iter().map(serial).collect())
}

/// The kit type of every arm in `config/imodals.sealed.toml`: placebo, 1 MIU, 2 MIU.
const TYPE_OF_ARM: [u32; 3] = [2, 0, 1];

#[test]
fn the_kits_are_of_the_arms_type_and_none_comes_twice() {
    let shelf = shelf(&[("B-1", "2016-12-31", [4, 4, 4])]);
    for (arm, kit_type) in (0..).zip(TYPE_OF_ARM) {
        let mut kits = pick(&shelf, "S-001", arm, 4).expect("four kits");
        assert!(kits.iter().all(|serial| serial % 10 == kit_type), "arm {arm}: {kits:?}");
        kits.sort_unstable();
        kits.dedup();
        assert_eq!(kits.len(), 4);
        assert_eq!(pick(&shelf, "S-001", arm, 5), Err(Refusal::SupplyShort));
    }
}

#[test]
fn bld_08_every_kit_of_the_type_is_as_likely() {
    const SUBJECTS: u32 = 1_200;
    let shelf = shelf(&[("B-1", "2016-12-31", [6, 9, 6])]);
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    for subject in 0..SUBJECTS {
        let kits = pick(&shelf, &format!("S-{subject}"), 0, 1).expect("a kit");
        *counts.entry(kits[0]).or_default() += 1;
    }
    // 200 each; five standard deviations of a binomial count are 65.
    assert_eq!(counts.len(), 6);
    assert!(counts.values().all(|count| count.abs_diff(SUBJECTS / 6) < 65), "{counts:?}");
}

#[test]
fn kit_06_the_day_after_the_last_dose_and_the_margin_decides() {
    // Through 2015-10-09, with a margin of one day.
    for (expiry, serves) in [("2015-10-09", false), ("2015-10-10", true), ("2016-02-29", true)] {
        let shelf = shelf(&[("B-1", expiry, [9, 9, 9])]);
        for arm in 0..3 {
            assert_eq!(pick(&shelf, "S-001", arm, 1).is_ok(), serves, "{expiry}");
        }
    }
}

/// From how many batches the arms of a hundred subjects pick, by arm: the indices of the batches seen.
fn batches_seen(shelf: &Shelf) -> [Vec<u32>; 3] {
    [0_u8, 1, 2].map(|arm| {
        let subjects = (0..100).filter_map(|i| pick(shelf, &format!("S-{i}"), arm, 1).ok());
        let mut seen: Vec<u32> = subjects.map(|kits| kits[0] / 10_000).collect();
        seen.sort_unstable();
        seen.dedup();
        seen
    })
}

#[test]
fn bld_10_the_open_tier_goes_by_totals_and_opens_further_for_all_types_at_once() {
    let open = |first: [u32; 3]| {
        batches_seen(&shelf(&[("B-1", "2016-06-30", first), ("B-2", "2016-12-31", [6, 6, 6])]))
    };
    assert_eq!(open([6, 6, 6]), [[0], [0], [0]], "eighteen kits are enough");
    assert_eq!(open([5, 6, 6]), [[0, 1], [0, 1], [0, 1]], "seventeen are not");
    // One type has run out in the first batch: the second opens for all, not for that one alone.
    let [placebo, one, two] = open([0, 9, 9]);
    assert_eq!((one, two, placebo), (vec![1], vec![0, 1], vec![0, 1]));
}

#[test]
fn a_dose_on_the_shelf_is_never_withheld() {
    let shelf = shelf(&[("B-1", "2016-06-30", [0, 9, 9]), ("B-2", "2016-12-31", [0, 1, 1])]);
    assert_eq!(batches_seen(&shelf), [vec![0, 1], vec![], vec![0, 1]], "one type is nowhere to be had");
}

#[test]
fn not_05_every_type_is_told_with_its_figures_whichever_is_short() {
    let (design, sealed) = designs();
    let told = |counts, due: &[u8], count| {
        let due: Vec<_> = due.iter().map(|arm| (Sealed::new(Arm::new(*arm)), 1)).collect();
        let shelf = shelf(&[("B-1", "2016-06-30", counts), ("B-0", "2015-10-09", [9, 9, 9])]);
        let short = shortage(design, sealed, &shelf, &due, day("2015-10-09"), count);
        let line = |short: &super::Shortage| {
            format!(
                "{}: {} of {}",
                short.kit_type.trim_start_matches("5 vials of "),
                short.usable,
                short.wanted
            )
        };
        short.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    let of =
        |one, two, vehicle| format!("aldesleukin 1 MIU: {one}, aldesleukin 2 MIU: {two}, vehicle: {vehicle}");
    assert_eq!(told([1, 1, 1], &[], 1), of("1 of 1", "1 of 1", "1 of 1"));
    assert_eq!(told([1, 1, 0], &[], 1), of("1 of 1", "1 of 1", "0 of 1"));
    assert_eq!(told([0, 1, 1], &[0, 0], 1), of("0 of 1", "1 of 1", "1 of 3"));
    assert_eq!(told([2, 1, 1], &[1], 1), of("2 of 2", "1 of 1", "1 of 1"));
}
