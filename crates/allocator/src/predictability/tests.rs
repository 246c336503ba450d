use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::prefixes::Shape;
use super::walk::Walk;
use super::{Assessment, Facts, NotAssessed, assess};
use crate::BlockDesign;

fn of(ratio: &[u32], sizes: &[u32], subjects: u32) -> Assessment {
    let design = BlockDesign::new(ratio, sizes, &[subjects]).expect("a design");
    assess(&design, subjects).expect("not too large")
}

fn fraction(text: &str) -> BigRational {
    text.parse().expect("a fraction")
}

#[test]
fn seq_12_known_shares_of_fixed_blocks() {
    let known =
        [(6_u32, "11/18", "1/3", "2/3"), (90, "101/180", "1/5", "7/15"), (1680, "4021/7560", "1/7", "5/14")];
    let assessment = of(&[1, 1, 1], &[3, 6, 9], 36);
    for (fixed, (arrangements, correct, deterministic, exclusion)) in assessment.fixed.iter().zip(known) {
        let arrangements = BigUint::from(arrangements);
        assert_eq!(fixed.block.lists, arrangements);
        assert_eq!(fixed.first_n.lists, arrangements.pow(36 / fixed.size));
        for facts in [&fixed.block, &fixed.first_n] {
            assert_eq!(facts.correct_share, fraction(correct), "blocks of {}", fixed.size);
            assert_eq!(facts.sizes_known.deterministic, fraction(deterministic));
            assert_eq!(facts.sizes_known.exclusion, fraction(exclusion));
            assert_eq!(facts.sizes_known, facts.sizes_unknown, "one size hides nothing");
        }
    }
}

#[test]
fn seq_12_known_shares_of_mixed_blocks_and_of_one_block() {
    let assessment = of(&[1, 1, 1], &[3, 6, 9], 36);
    let mixed = assessment.mixed.expect("several sizes");
    assert_eq!(mixed.long_run.correct_share, fraction("8389/15120"));
    assert_eq!(mixed.first_n.correct_share, fraction("104979371/191318760"));
    let one_block = assessment.one_block.expect("36 are whole rounds");
    assert_eq!(one_block.expected_correct, fraction("279717816089/17364544600"));
    assert_eq!(of(&[1, 1, 1], &[3], 35).one_block, Err(NotAssessed::NotWhole(35)));
}

#[test]
fn the_long_run_of_an_observer_told_the_sizes_is_that_of_the_blocks() {
    for (ratio, sizes) in [(&[1, 1][..], &[2, 6][..]), (&[2, 1, 1], &[4, 8]), (&[1, 1, 1], &[3, 6, 9])] {
        let assessment = of(ratio, sizes, 12);
        let long_run = assessment.mixed.expect("several sizes").long_run;
        let positions: u32 = sizes.iter().sum();
        let weighted = |of: fn(&Facts) -> &BigRational| {
            let blocks = assessment
                .fixed
                .iter()
                .map(|fixed| of(&fixed.block) * BigRational::from_integer(fixed.size.into()));
            blocks.sum::<BigRational>() / BigRational::from_integer(positions.into())
        };
        assert_eq!(long_run.correct_share, weighted(|facts| &facts.correct_share));
        assert_eq!(long_run.sizes_known.deterministic, weighted(|facts| &facts.sizes_known.deterministic));
        assert_eq!(long_run.sizes_known.exclusion, weighted(|facts| &facts.sizes_known.exclusion));
    }
}

#[test]
fn the_long_run_is_what_many_subjects_approach() {
    for (ratio, sizes) in [(&[1, 1][..], &[2, 6][..]), (&[1, 1, 1], &[3, 9]), (&[1, 2], &[9, 3, 6])] {
        let shape = Shape::new(ratio);
        for observer in [Walk::told, Walk::untold] {
            let sums = |positions| observer(&shape, sizes).first_n(positions).expect("small");
            let (fewer, more) = (sums(60), sums(90));
            let limit = observer(&shape, sizes).long_run().expect("small");
            let close = |fewer: BigRational, more: BigRational, limit: BigRational| {
                ((more - fewer) / BigRational::from_integer(30.into()) - limit).abs() < fraction("1/10000")
            };
            assert!(close(fewer.correct, more.correct, limit.correct), "{sizes:?}");
            assert!(close(fewer.deterministic, more.deterministic, limit.deterministic), "{sizes:?}");
            assert!(close(fewer.exclusion, more.exclusion, limit.exclusion), "{sizes:?}");
        }
    }
}

/// A list as an observer may come to see it, cut to the positions looked at.
#[derive(Clone)]
struct Seen {
    chance: BigRational,
    arms: Vec<usize>,
    /// The size of the block of each position.
    sizes: Vec<usize>,
}

/// Every list, one by one.
fn all_lists(ratio: &[u32], sizes: &[u32], positions: usize) -> Vec<Seen> {
    let mut unfinished = vec![Seen { chance: BigRational::one(), arms: vec![], sizes: vec![] }];
    let mut lists = Vec::new();
    while let Some(list) = unfinished.pop() {
        if list.arms.len() >= positions {
            lists.push(Seen {
                arms: list.arms[..positions].to_vec(),
                sizes: list.sizes[..positions].to_vec(),
                ..list
            });
            continue;
        }
        for &size in sizes {
            let blocks = all_blocks(ratio, usize::try_from(size).expect("small"));
            let share = usize::try_from(size).expect("small");
            for block in &blocks {
                let mut longer = list.clone();
                longer.chance /= BigRational::from_integer((sizes.len() * blocks.len()).into());
                longer.arms.extend(block);
                longer.sizes.extend(vec![share; share]);
                unfinished.push(longer);
            }
        }
    }
    lists
}

fn all_blocks(ratio: &[u32], size: usize) -> Vec<Vec<usize>> {
    let rounds = size / usize::try_from(ratio.iter().sum::<u32>()).expect("small");
    let of_arm = |block: &[usize], arm: usize| block.iter().filter(|other| **other == arm).count();
    let mut blocks = vec![vec![]];
    for _ in 0..size {
        let longer = |block: &Vec<usize>| {
            let allowed =
                |arm: &usize| of_arm(block, *arm) < rounds * usize::try_from(ratio[*arm]).expect("small");
            let arms: Vec<usize> = (0..ratio.len()).filter(allowed).collect();
            arms.into_iter().map(|arm| [block.as_slice(), &[arm]].concat()).collect::<Vec<_>>()
        };
        blocks = blocks.iter().flat_map(longer).collect();
    }
    blocks
}

/// The expected numbers of positions: best guess right, arm certain, an arm impossible, for whoever sees so
/// much of a list before a position.
fn observed(
    lists: &[Seen],
    arms: usize,
    positions: usize,
    sees: fn(&Seen, usize) -> Vec<usize>,
) -> [BigRational; 3] {
    let mut totals = [const { None }; 3].map(|_: Option<()>| BigRational::zero());
    for position in 0..positions {
        let mut histories: BTreeMap<Vec<usize>, Vec<BigRational>> = BTreeMap::new();
        for list in lists {
            let next =
                histories.entry(sees(list, position)).or_insert_with(|| vec![BigRational::zero(); arms]);
            next[list.arms[position]] += &list.chance;
        }
        for next in histories.values() {
            let all: BigRational = next.iter().sum();
            let possible = next.iter().filter(|chance| !chance.is_zero()).count();
            totals[0] += next.iter().max().expect("arms");
            totals[1] += if possible == 1 { all.clone() } else { BigRational::zero() };
            totals[2] += if possible < arms { all } else { BigRational::zero() };
        }
    }
    totals
}

fn largest_range(list: &Seen, ratio: &[u32]) -> BigRational {
    let range = |length: usize| {
        let counts = ratio.iter().enumerate().map(|(arm, share)| {
            let count = list.arms[..length].iter().filter(|other| **other == arm).count();
            BigRational::new(count.into(), (*share).into())
        });
        let counts: BTreeSet<BigRational> = counts.collect();
        counts.last().expect("arms") - counts.first().expect("arms")
    };
    (1..=list.arms.len()).map(range).max().expect("positions")
}

#[test]
fn seq_12_small_designs_agree_with_every_list_one_by_one() {
    let table: [(&[u32], &[u32], u32); 7] = [
        (&[1, 1], &[2, 4], 7),
        (&[1, 1], &[6, 2], 6),
        (&[1, 1], &[4], 6),
        (&[2, 1], &[3, 6], 7),
        (&[1, 1, 1], &[3, 6], 5),
        (&[2, 3, 1], &[6], 6),
        (&[1, 1, 2], &[4, 8], 4),
    ];
    for (ratio, sizes, subjects) in table {
        let assessment = of(ratio, sizes, subjects);
        let facts = assessment.mixed.map_or(assessment.fixed[0].first_n.clone(), |mixed| mixed.first_n);
        let positions = usize::try_from(subjects).expect("small");
        let lists = all_lists(ratio, sizes, positions);
        assert_eq!(facts.lists, lists.len().into(), "{ratio:?} {sizes:?}");
        let number = BigRational::from_integer(subjects.into());
        let untold =
            observed(&lists, ratio.len(), positions, |list, position| list.arms[..position].to_vec());
        assert_eq!(facts.sizes_unknown.deterministic, &untold[1] / &number, "{ratio:?} {sizes:?}");
        assert_eq!(facts.sizes_unknown.exclusion, &untold[2] / &number, "{ratio:?} {sizes:?}");
        let told = observed(&lists, ratio.len(), positions, |list, position| {
            [&list.arms[..position], &list.sizes[..=position]].concat()
        });
        assert_eq!(facts.expected_correct, told[0], "{ratio:?} {sizes:?}");
        assert_eq!(facts.sizes_known.deterministic, &told[1] / &number, "{ratio:?} {sizes:?}");
        assert_eq!(facts.sizes_known.exclusion, &told[2] / &number, "{ratio:?} {sizes:?}");
        let range: BigRational = lists.iter().map(|list| &list.chance * largest_range(list, ratio)).sum();
        assert_eq!(facts.expected_maximum_range, range, "{ratio:?} {sizes:?}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let design = |ratio: &[u32], sizes: &[u32]| BlockDesign::new(ratio, sizes, &[1]).expect("a design");
    let table = [
        (design(&[1, 1], &[2]), 0, NotAssessed::Subjects(0)),
        (design(&[1, 1], &[2]), 1_001, NotAssessed::Subjects(1_001)),
        (design(&[1, 1, 1], &[6, 999]), 36, NotAssessed::TooLarge(999)),
        (design(&[1; 255], &[510]), 36, NotAssessed::TooLarge(510)),
    ];
    for (design, subjects, refusal) in table {
        assert_eq!(assess(&design, subjects), Err(refusal), "{design:?}");
    }
    let one_block = assess(&design(&[1, 1, 1], &[6]), 999).expect("small blocks").one_block;
    assert_eq!(one_block, Err(NotAssessed::TooLarge(999)), "only the one block is too large");
}
