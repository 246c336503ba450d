//! Which kits of a packed batch are opened by an unblinded person before it is released.

use draw::Key;
use terms::{BatchId, KitNumber, StudyId};

/// Draws `count` kits of a batch for its sample check, uniform over all of them; all when it has no more.
///
/// The kits are put in the order of their numbers, so nothing else of them matters; one named twice counts once. Then
/// a partial Fisher-Yates runs on stream 0 of `Key::derive(pick_seed, ["iwrs-sample-1", study, batch, attempt])`, the
/// attempt in decimal, and the last `count` kits are the sample, told in the order of their numbers. No kit type goes
/// in: a sample that held some of each would tell how many there are. The same arguments give the same kits;
/// `attempt` rises with another packing alone.
pub fn draw_sample(
    pick_seed: &[u8; 32],
    study: &StudyId,
    batch: &BatchId,
    attempt: u32,
    kits: &[KitNumber],
    count: usize,
) -> Vec<KitNumber> {
    let mut kits = kits.to_vec();
    kits.sort_unstable();
    kits.dedup();
    let others = kits.len().saturating_sub(count);
    let purpose = ["iwrs-sample-1", study.as_str(), batch.as_str(), &attempt.to_string()];
    Key::derive(pick_seed, &purpose).words(0).choose_last(&mut kits, count);
    let mut sample: Vec<KitNumber> = kits.into_iter().skip(others).collect();
    sample.sort_unstable();
    sample
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::draw_sample;
    use terms::{BatchId, KitNumber, StudyId};

    fn batch(size: u32) -> Vec<KitNumber> {
        (0..size).map(|n| KitNumber::from_serial(n * 1_000).expect("in the space")).collect()
    }

    fn draw(batch: &str, attempt: u32, kits: &[KitNumber], count: usize) -> Vec<KitNumber> {
        let seed = std::array::from_fn(|place| u8::try_from(place).expect("small"));
        let (study, batch) = (StudyId::parse("imodals").expect("id"), BatchId::parse(batch).expect("id"));
        draw_sample(&seed, &study, &batch, attempt, kits, count)
    }

    #[test]
    fn the_published_way_of_drawing_is_the_one_in_force() {
        // Computed by a second implementation in another language; seed 00 01 02 ... 1f, twelve kits, four drawn.
        let drawn = draw("B-2026-01", 1, &batch(12), 4);
        let golden = ["0000100008", "0000800057", "0001000071", "0001100078"];
        assert_eq!(drawn.iter().map(KitNumber::to_string).collect::<Vec<_>>(), golden);
    }

    #[test]
    fn neither_a_retry_nor_the_order_of_the_kits_changes_the_sample_and_another_packing_does() {
        let kits = batch(100);
        let first = draw("B-1", 1, &kits, 6);
        let mut other = kits.clone();
        other.reverse();
        assert_eq!(draw("B-1", 1, &[other.clone(), other].concat(), 6), first);
        assert_ne!(draw("B-1", 2, &kits, 6), first);
        assert_ne!(draw("B-2", 1, &kits, 6), first);
        assert!(first.is_sorted() && first.len() == 6);
    }

    #[test]
    fn a_small_batch_is_checked_whole() {
        for (size, count, drawn) in [(0, 6, 0), (3, 6, 3), (6, 6, 6), (7, 6, 6), (7, 0, 0)] {
            assert_eq!(draw("B-1", 1, &batch(size), count).len(), drawn, "{count} of {size}");
        }
    }

    #[test]
    fn every_kit_is_equally_likely() {
        let kits = batch(12);
        let mut counts = BTreeMap::new();
        for attempt in 1..=6_000 {
            draw("B-1", attempt, &kits, 4)
                .into_iter()
                .for_each(|kit| *counts.entry(kit).or_insert(0_u32) += 1);
        }
        // 6000 draws of 4 out of 12; six standard deviations are 220.
        assert!(kits.iter().all(|kit| counts[kit].abs_diff(2_000) < 220), "{counts:?}");
    }
}
