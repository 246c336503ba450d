//! SEQ-03: every arrangement of a block and every size is equally likely. The seeds are fixed, so these never
//! waver: they fail when the code draws otherwise. That `below` rejects is tested with injected words in the
//! room `draw`.

use crate::{AllocationList, BlockDesign, derive};

const BLOCKS: u32 = 1_000_000;

fn list_of(seed: u8, ratio: &[u32], sizes: &[u32], lengths: &[u32]) -> AllocationList {
    derive(&[seed; 32], "study", "list", &BlockDesign::new(ratio, sizes, lengths).expect("a design"))
}

/// The chi-square statistic of counts that are expected to be equal.
fn chi_square(counts: &[u32]) -> f64 {
    let cells = u32::try_from(counts.len()).expect("few counts");
    let expected = f64::from(counts.iter().sum::<u32>()) / f64::from(cells);
    counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
}

/// Whether counts look drawn: neither too uneven nor too even, each at one in a thousand. The quantiles are
/// those of chi-square with one degree of freedom less than there are counts.
fn look_drawn(counts: &[u32]) -> bool {
    let quantiles = match counts.len() {
        3 => 0.002..13.816,
        6 => 0.210..20.515,
        90 => 53.4..135.98,
        other => panic!("no quantiles for {other} counts"),
    };
    quantiles.contains(&chi_square(counts))
}

/// How often each arrangement of a block of at most 6 positions and 3 arms came, the absent ones left out.
fn arrangements(list: &AllocationList, size: usize) -> Vec<u32> {
    let mut counts = [0; 729];
    for block in list.strata()[0].chunks(size) {
        counts[block.iter().fold(0, |code, entry| code * 3 + entry.arm.as_usize())] += 1;
    }
    counts.into_iter().filter(|count| *count > 0).collect()
}

#[test]
fn seq_03_every_arrangement_is_equally_likely() {
    for (ratio, size, distinct) in [(&[1, 1, 1][..], 3, 6), (&[1, 1, 1], 6, 90), (&[2, 1], 3, 3)] {
        let list = list_of(1, ratio, &[size], &[BLOCKS * size]);
        let counts = arrangements(&list, usize::try_from(size).expect("a small size"));
        assert_eq!(counts.len(), distinct, "{ratio:?} in blocks of {size}");
        assert_eq!(counts.iter().sum::<u32>(), BLOCKS);
        assert!(look_drawn(&counts), "{ratio:?} in blocks of {size}: {}", chi_square(&counts));
    }
}

#[test]
fn seq_03_too_uneven_and_too_even_are_both_seen() {
    // A shuffle that exchanges every place with any place gives 27 equally likely ways to 6 arrangements.
    let biased = [4, 5, 5, 4, 4, 5].map(|ways| BLOCKS / 27 * ways);
    let even = [BLOCKS / 6; 6];
    assert!(!look_drawn(&biased));
    assert!(!look_drawn(&even));
}

#[test]
fn seq_03_sizes_and_positions_are_uniform() {
    let list = list_of(2, &[1, 1, 1], &[3, 6, 9], &[36; 20_000]);
    let mut sizes = [0; 3];
    let mut arms = [[0; 3]; 36];
    for stratum in list.strata() {
        for block in stratum.chunk_by(|a, b| a.block == b.block) {
            // Only the first block: later ones reach the end of the list more often when they are long.
            if block[0].block == 0 {
                sizes[block.len() / 3 - 1] += 1;
            }
        }
        for (counts, entry) in arms.iter_mut().zip(stratum) {
            counts[entry.arm.as_usize()] += 1;
        }
    }
    assert!(look_drawn(&sizes), "{sizes:?}");
    for (position, counts) in arms.iter().enumerate() {
        assert!(look_drawn(counts), "position {position}: {counts:?}");
    }
}
