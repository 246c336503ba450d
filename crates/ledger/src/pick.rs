//! Which of the eligible kits a subject gets.

use draw::Key;
use terms::{KitNumber, StudyId, SubjectId, VisitId};

/// Picks `count` kits, uniform among the eligible ones, which are usable, of the wanted type and in the open
/// tier; `None` when there are too few.
///
/// The eligible kits are put in the order of their numbers, so neither the order in which they come nor
/// anything else of them matters; one named twice counts once. Then a partial Fisher-Yates runs on stream 0
/// of `Key::derive(pick_seed, ["iwrs-pick-1", study, subject, visit, attempt])`, the attempt in decimal. The
/// first kit of the answer is the first drawn and belongs in slot 0, the second in slot 1, and so on.
///
/// The same arguments give the same kits, so a retry changes nothing; `attempt` rises only by a replacement.
/// "Lowest number first" and "earliest expiry first within a type" are forbidden (design: kits that tell
/// nothing): an observer of the shelf proves from them which subjects share an arm.
pub fn pick(
    pick_seed: &[u8; 32],
    study: &StudyId,
    subject: &SubjectId,
    visit: &VisitId,
    attempt: u32,
    eligible: &[KitNumber],
    count: usize,
) -> Option<Vec<KitNumber>> {
    let mut kits = eligible.to_vec();
    kits.sort_unstable();
    kits.dedup();
    let others = kits.len().checked_sub(count)?;
    let purpose = ["iwrs-pick-1", study.as_str(), subject.as_str(), visit.as_str(), &attempt.to_string()];
    Key::derive(pick_seed, &purpose).words(0).choose_last(&mut kits, count);
    Some(kits.into_iter().skip(others).rev().collect())
}

#[cfg(test)]
mod tests {
    use super::pick;
    use terms::{KitNumber, StudyId, SubjectId, VisitId};

    fn shelf(size: u32) -> Vec<KitNumber> {
        (0..size).map(|n| KitNumber::from_serial(n * 1_000).expect("in the space")).collect()
    }

    fn pick_for(
        occasion: [&str; 3],
        attempt: u32,
        kits: &[KitNumber],
        count: usize,
    ) -> Option<Vec<KitNumber>> {
        let [study, subject, visit] = occasion;
        let seed = std::array::from_fn(|place| u8::try_from(place).expect("small"));
        let study = StudyId::parse(study).expect("id");
        let (subject, visit) = (SubjectId::parse(subject).expect("id"), VisitId::parse(visit).expect("id"));
        pick(&seed, &study, &subject, &visit, attempt, kits, count)
    }

    const OCCASION: [&str; 3] = ["imodals", "34-001-007", "D29"];

    #[test]
    fn the_published_way_of_picking_is_the_one_in_force() {
        // Computed by a second implementation in another language; seed 00 01 02 ... 1f, eight kits, three
        // wanted.
        let picked = pick_for(OCCASION, 2, &shelf(8), 3).expect("enough");
        let golden = ["0000700050", "0000500036", "0000300022"];
        assert_eq!(picked.iter().map(KitNumber::to_string).collect::<Vec<_>>(), golden);
    }

    #[test]
    fn neither_a_retry_nor_the_order_of_the_shelf_changes_the_pick() {
        let kits = shelf(8);
        let first = pick_for(OCCASION, 0, &kits, 3);
        let mut other = kits.clone();
        for _ in 0..8 {
            other.rotate_left(3);
            other.swap(0, 5);
            assert_eq!(pick_for(OCCASION, 0, &other, 3), first);
        }
        let doubled = [kits.clone(), kits].concat();
        assert_eq!(pick_for(OCCASION, 0, &doubled, 3), first, "a kit named twice has no second chance");
    }

    #[test]
    fn another_occasion_or_attempt_is_another_pick() {
        let kits = shelf(1_000);
        let base = pick_for(OCCASION, 0, &kits, 3);
        for other in [
            ["other", "34-001-007", "D29"],
            ["imodals", "34-001-008", "D29"],
            ["imodals", "34-001-007", "D57"],
        ] {
            assert_ne!(pick_for(other, 0, &kits, 3), base, "{other:?}");
        }
        assert_ne!(pick_for(OCCASION, 1, &kits, 3), base);
    }

    #[test]
    fn too_few_kits_give_none_and_just_enough_give_all() {
        let kits = shelf(3);
        assert_eq!(pick_for(OCCASION, 0, &kits, 4), None);
        assert_eq!(pick_for(OCCASION, 0, &[kits[0], kits[0]], 2), None);
        assert_eq!(pick_for(OCCASION, 0, &[], 1), None);
        assert_eq!(pick_for(OCCASION, 0, &[], 0), Some(Vec::new()));
        let mut all = pick_for(OCCASION, 0, &kits, 3).expect("enough");
        all.sort_unstable();
        assert_eq!(all, kits);
    }
}
