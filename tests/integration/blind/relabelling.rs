//! Relabelling (BLD-03): arms and kit types are permuted where they are stored, jointly and under other
//! codes. To blinded people nothing has changed, to the byte.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::hidden::Hidden;
use super::recording::Recording;
use super::script::{Supply, play};
use super::trial::{Call, Trial};
use super::worlds::{Permutations, plain, relabelled};

/// Arms and kit types turned differently; two arms exchanged; two kit types exchanged.
const PERMUTATIONS: [Permutations; 3] = [
    Permutations { arms: [1, 2, 0], kit_types: [2, 0, 1] },
    Permutations { arms: [1, 0, 2], kit_types: [0, 1, 2] },
    Permutations { arms: [0, 1, 2], kit_types: [1, 0, 2] },
];
/// The public seed of the worlds that are compared here.
const SEED: u8 = 1;

/// A trial that has been played to its end.
pub(super) struct Played {
    pub(super) recording: Recording,
    pub(super) calls: BTreeSet<Call>,
    pub(super) pages: BTreeSet<Call>,
    pub(super) hidden: Hidden,
    labels: Vec<Vec<u8>>,
}

impl From<Trial> for Played {
    fn from(trial: Trial) -> Self {
        let hidden = trial.hidden();
        let Trial { recording, calls, pages, labels, .. } = trial;
        Self { recording, calls, pages, hidden, labels }
    }
}

/// The trial in the world as it is and in every relabelled one, played once for all tests and one after
/// another: trials with one seed have requests with the same ids, by which their lines of the log are found.
fn played() -> &'static [Played] {
    static PLAYED: OnceLock<Vec<Played>> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let worlds = PERMUTATIONS.map(|permutations| relabelled(SEED, permutations));
        let worlds = std::iter::once(plain(SEED)).chain(worlds);
        worlds.map(|world| Played::from(play(world, Supply::Short))).collect()
    })
}

/// The trial in the world as it is.
pub(super) fn here() -> &'static Played {
    &played()[0]
}

/// The trial in the world of the first permutations.
pub(super) fn there() -> &'static Played {
    &played()[1]
}

#[test]
fn bld_03_to_blinded_people_no_relabelling_changes_a_byte() {
    for (permutations, there) in PERMUTATIONS.into_iter().zip(&played()[1..]) {
        assert_differ(here(), there, permutations);
        here().recording.assert_same(&there.recording, &format!("{permutations:?}"));
    }
}

/// What is printed is stuck on the kits, where everybody sees it: the supply manager's files are compared as they are.
#[test]
fn kit_15_two_sets_of_labels_from_permuted_worlds_are_the_same_to_the_byte() {
    for there in &played()[1..] {
        assert_eq!(here().labels.len(), 2, "the first set, and the second one");
        assert!(here().labels.iter().all(|file| file.starts_with(b"%PDF-1.7")));
        assert!(here().labels == there.labels, "a set of labels depends on what is in the kits");
    }
}

/// The worlds are as they should be: every subject and every kit has the permuted arm.
fn assert_differ(here: &Played, there: &Played, permutations: Permutations) {
    let permuted = |arm: &usize| usize::from(permutations.arms[*arm]);
    let arms: BTreeSet<usize> = here.hidden.subjects.values().copied().collect();
    assert_eq!(arms.len(), 3, "every arm was given");
    for (subject, arm) in &here.hidden.subjects {
        assert_eq!(there.hidden.subjects.get(subject), Some(&permuted(arm)), "{subject}");
    }
    for (kit, arm) in &here.hidden.kits {
        assert_eq!(there.hidden.kits.get(kit), Some(&permuted(arm)), "{kit}");
    }
}
