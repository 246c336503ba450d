//! Statistical tests of the draws, in both tails: too uneven shows a bias, too even shows that something else
//! than chance is at work. Each statistic is shown to see planted bugs. All seeds are fixed, so no test can
//! fail by chance.

use std::collections::BTreeSet;

use draw::{Key, Words};
use terms::{BatchId, KitNumber, KitType, StudyId, SubjectId, VisitId};

use crate::{assign_types, draw_kit_numbers, pick};

/// Quantiles of the chi-square distribution at 1/10,000 and 9,999/10,000, by degrees of freedom.
const BOUNDS_9: (f64, f64) = (0.66, 33.72);
const BOUNDS_18: (f64, f64) = (3.56, 49.19);
const BOUNDS_19: (f64, f64) = (3.97, 50.80);
const BOUNDS_22: (f64, f64) = (5.29, 55.52);

fn chi_square(counts: &[u32], expected: f64) -> f64 {
    counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

fn within(value: f64, bounds: (f64, f64)) -> bool {
    bounds.0 < value && value < bounds.1
}

fn shelf(size: u32) -> Vec<KitNumber> {
    (0..size).map(|n| KitNumber::from_serial(n * 9_999_991).expect("in the space")).collect()
}

const SUBJECTS: u32 = 4_000;

/// How often each of ten kits is picked, one for each of many subjects.
fn picks_by_place(pick_one: impl Fn(u32, &[KitNumber]) -> KitNumber) -> f64 {
    let kits = shelf(10);
    let mut counts = [0; 10];
    for subject in 0..SUBJECTS {
        let picked = pick_one(subject, &kits);
        counts[kits.iter().position(|kit| *kit == picked).expect("from the shelf")] += 1;
    }
    chi_square(&counts, f64::from(SUBJECTS) / 10.0)
}

fn pick_for(subject: u32, kits: &[KitNumber], count: usize) -> Vec<KitNumber> {
    let study = StudyId::parse("imodals").expect("a study");
    let subject = SubjectId::parse(&format!("S{subject}")).expect("a subject");
    let visit = VisitId::parse("D1").expect("a visit");
    pick(&[7; 32], &study, &subject, &visit, 0, kits, count).expect("enough kits")
}

#[test]
fn every_eligible_kit_is_equally_likely() {
    let statistic = picks_by_place(|subject, kits| pick_for(subject, kits, 1)[0]);
    assert!(within(statistic, BOUNDS_9), "{statistic}");
}

#[test]
fn the_test_of_the_pick_sees_planted_bugs() {
    let lowest_first = picks_by_place(|_, kits| kits[0]);
    let one_place_short = picks_by_place(|subject, kits| pick_for(subject, &kits[1..], 1)[0]);
    let in_turn = picks_by_place(|subject, kits| kits[usize::try_from(subject % 10).expect("small")]);
    assert!(lowest_first > BOUNDS_9.1 && one_place_short > BOUNDS_9.1 && in_turn < BOUNDS_9.0);
}

#[test]
fn every_ordered_pair_is_equally_likely() {
    let kits = shelf(5);
    let mut counts = [0; 25];
    for subject in 0..SUBJECTS {
        let picked = pick_for(subject, &kits, 2);
        let place = |kit| kits.iter().position(|other| *other == kit).expect("from the shelf");
        counts[place(picked[0]) * 5 + place(picked[1])] += 1;
    }
    let pairs: Vec<u32> = (0..25).filter(|cell| cell / 5 != cell % 5).map(|cell| counts[cell]).collect();
    let statistic = chi_square(&pairs, f64::from(SUBJECTS) / 20.0);
    assert!(within(statistic, BOUNDS_19), "{statistic}");
    assert_eq!(pairs.iter().sum::<u32>(), SUBJECTS, "no kit is picked twice");
}

const BATCHES: u32 = 1_500;

fn drawn(batch: u32) -> Vec<KitNumber> {
    let study = StudyId::parse("imodals").expect("a study");
    let batch = BatchId::parse(&format!("B{batch}")).expect("a batch");
    draw_kit_numbers(&[9; 32], &study, &batch, 12, &BTreeSet::new()).expect("drawn")
}

/// Types in the order of the numbers of a batch of four kits of each of three types.
fn types_by_rank(numbers: &[KitNumber]) -> Vec<KitType> {
    assign_types(numbers, &[4, 4, 4]).expect("assigned").into_values().collect()
}

/// How unevenly the types lie over the ranks of the numbers, summed over many batches: chi-square with 11 * 2
/// degrees of freedom, the factor 11/12 because every batch holds each rank once and each type four times.
fn ranks_against_types(types_of: impl Fn(u32) -> Vec<KitType>) -> f64 {
    let mut counts = [0; 36];
    for batch in 0..BATCHES {
        for (rank, kit_type) in types_of(batch).into_iter().enumerate() {
            counts[rank * 3 + kit_type.as_usize()] += 1;
        }
    }
    chi_square(&counts, f64::from(BATCHES) / 3.0) * 11.0 / 12.0
}

#[test]
fn the_rank_of_a_number_in_its_batch_does_not_tell_the_type() {
    let statistic = ranks_against_types(|batch| types_by_rank(&drawn(batch)));
    assert!(within(statistic, BOUNDS_22), "{statistic}");
}

#[test]
fn the_test_of_the_ranks_sees_planted_bugs() {
    // The numbers sorted before types are given in every 20th batch; the types in turn by rank; each rank in
    // turn.
    let sometimes_sorted = ranks_against_types(|batch| {
        let mut numbers = drawn(batch);
        if batch % 20 == 0 {
            numbers.sort_unstable();
        }
        types_by_rank(&numbers)
    });
    let turn = |start: u32| (start..start + 12).map(|n| KitType::new(u8::try_from(n % 3).expect("small")));
    let interleaved = ranks_against_types(|_| turn(0).collect());
    let rotated = ranks_against_types(|batch| turn(batch).collect());
    assert!(sometimes_sorted > BOUNDS_22.1 && interleaved > BOUNDS_22.1, "{sometimes_sorted} {interleaved}");
    assert!(rotated < BOUNDS_22.0, "{rotated}");
}

/// One digit of the printed number against the type, over all batches; 9 * 2 degrees of freedom.
fn digit_against_types(place: usize) -> f64 {
    let mut counts = [0; 30];
    for batch in 0..BATCHES {
        for (number, kit_type) in assign_types(&drawn(batch), &[4, 4, 4]).expect("assigned") {
            let digit = usize::from(number.to_string().as_bytes()[place] - b'0');
            counts[digit * 3 + kit_type.as_usize()] += 1;
        }
    }
    let by_digit =
        |digit: usize| f64::from(counts[digit * 3] + counts[digit * 3 + 1] + counts[digit * 3 + 2]);
    let cells = (0..30).map(|cell| (f64::from(counts[cell]) - by_digit(cell / 3) / 3.0).powi(2));
    cells.enumerate().map(|(cell, square)| square * 3.0 / by_digit(cell / 3)).sum()
}

#[test]
fn no_digit_of_a_number_tells_the_type() {
    for place in [0, 7, 9] {
        let statistic = digit_against_types(place);
        assert!(within(statistic, BOUNDS_18), "digit {place}: {statistic}");
    }
}

#[test]
fn kit_03_no_single_error_and_no_swap_gives_another_kit_number() {
    // Every kit number is 1 modulo 97. A wrong digit changes it by d * 10^p, a swap of neighbours by 9 * d *
    // 10^p; none of these is a multiple of 97, so the wrong number is not 1 modulo 97. This covers all
    // numbers.
    for power in 0..10 {
        for digit in 1..10_u64 {
            assert_ne!(digit * 10_u64.pow(power) % 97, 0, "{digit} at 10^{power}");
            assert_ne!(9 * digit * 10_u64.pow(power) % 97, 0, "{digit} swapped at 10^{power}");
        }
    }
    let mut words: Words = Key::derive(&[1; 32], &["test", "numbers"]).words(0);
    for _ in 0..2_000 {
        let number = KitNumber::from_serial(words.below(KitNumber::SPACE)).expect("in the space").to_string();
        assert_eq!(number.parse::<u64>().expect("digits") % 97, 1, "{number}");
        let place = usize::try_from(words.below(9)).expect("small");
        let mut wrong = number.clone().into_bytes();
        wrong[place] = b'0' + (wrong[place] - b'0' + 1 + u8::try_from(words.below(9)).expect("small")) % 10;
        assert!(KitNumber::parse(&String::from_utf8(wrong).expect("digits")).is_err(), "{number}");
        let mut swapped = number.clone().into_bytes();
        swapped.swap(place, place + 1);
        let swapped = String::from_utf8(swapped).expect("digits");
        assert_eq!(KitNumber::parse(&swapped).is_ok(), swapped == number, "{number} {swapped}");
    }
}
