//! Which of the eligible kits a subject gets.

use draw::Key;
use terms::{KitNumber, StudyId, SubjectId, VisitId};

/// Picks `count` kits, uniform among the eligible ones, which are usable, of the wanted type and in the open tier;
/// `None` when there are too few.
///
/// The eligible kits are put in the order of their numbers, so neither the order in which they come nor anything else
/// of them matters; one named twice counts once. Then a partial Fisher-Yates runs on stream 0 of
/// `Key::derive(pick_seed, ["iwrs-pick-1", study, subject, visit, attempt])`, the attempt in decimal. The first kit
/// of the answer is the first drawn and belongs in slot 0, the second in slot 1, and so on.
///
/// The same arguments give the same kits, so a retry changes nothing; `attempt` rises only by a replacement. "Lowest
/// number first" and "earliest expiry first within a type" are forbidden (design: kits that tell nothing): an observer
/// of the shelf proves from them which subjects share an arm.
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
