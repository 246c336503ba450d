use terms::{Arm, Stratum};

use crate::{AllocationList, BlockDesign, derive, derive_block};

const SEED: [u8; 32] = [0x5e; 32];

fn list_of(ratio: &[u32], sizes: &[u32], lengths: &[u32]) -> AllocationList {
    derive(&SEED, "study", "list", &BlockDesign::new(ratio, sizes, lengths).expect("a design"))
}

/// The arms of one stratum as text, a space between blocks.
fn text(list: &AllocationList, stratum: usize) -> String {
    let blocks = list.strata()[stratum].chunk_by(|a, b| a.block == b.block);
    let words =
        blocks.map(|block| block.iter().map(|entry| entry.arm.index().to_string()).collect::<String>());
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn seq_02_golden_lists() {
    // These come from docs/verify/iwrs_alloc.py, with the seed 32 times 5e.
    let table: [(&[u32], &[u32], &str); 4] = [
        (&[1, 1, 1], &[3], "021 201 021 012 120 021 021"),
        (&[1, 1, 1], &[3, 6, 9], "021102 021012 012102 121200120"),
        (&[2, 1], &[6], "100001 100010 100001 001001"),
        (&[1, 2, 1, 3], &[7, 14], "3320113 33310102323113"),
    ];
    for (ratio, sizes, golden) in table {
        assert_eq!(text(&list_of(ratio, sizes, &[20]), 0), golden, "{ratio:?} {sizes:?}");
    }
}

#[test]
fn any_block_can_be_derived_alone() {
    let design = BlockDesign::new(&[1, 1, 1], &[9, 3, 6], &[30, 50]).expect("a design");
    let list = derive(&SEED, "study", "list", &design);
    for (stratum, entries) in (0..).map(Stratum::new).zip(list.strata()) {
        for block in entries.chunk_by(|a, b| a.block == b.block) {
            let alone = derive_block(&SEED, "study", "list", &design, stratum, block[0].block);
            assert_eq!(alone, block.iter().map(|entry| entry.arm).collect::<Vec<Arm>>());
        }
    }
}

#[test]
fn a_stratum_depends_on_no_other_and_a_longer_one_begins_like_a_shorter_one() {
    let few = list_of(&[1, 1, 1], &[3, 6], &[20, 36]);
    let many = list_of(&[1, 1, 1], &[3, 6], &[90, 36, 5]);
    assert_eq!(text(&few, 1), text(&many, 1));
    assert!(text(&many, 0).starts_with(&text(&few, 0)));
    assert!(!text(&many, 0).starts_with(&text(&few, 1)), "strata have streams of their own");
}

#[test]
fn seq_14_the_last_block_is_kept_whole() {
    for (length, positions) in [(1, 6), (6, 6), (7, 12), (36, 36), (37, 42)] {
        assert_eq!(list_of(&[1, 1, 1], &[6], &[length]).strata()[0].len(), positions, "length {length}");
    }
}

#[test]
fn another_seed_study_or_list_is_another_list() {
    let design = BlockDesign::new(&[1, 1, 1], &[6], &[36]).expect("a design");
    let base = text(&derive(&SEED, "study", "list", &design), 0);
    let mut other_seed = SEED;
    other_seed[31] ^= 1;
    for (seed, study, list) in
        [(other_seed, "study", "list"), (SEED, "study2", "list"), (SEED, "study", "list2")]
    {
        assert_ne!(text(&derive(&seed, study, list, &design), 0), base, "{study} {list}");
    }
}
