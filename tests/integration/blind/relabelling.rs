//! Relabelling (BLD-03): arms and kit types are permuted where they are stored, jointly and under other codes.
//! To blinded people nothing has changed, to the byte.

use super::recording::Recording;
use super::script::{Supply, play};
use super::worlds::{Permutations, plain, relabelled};

/// Arms and kit types turned differently; two arms exchanged; the kit types alone; both exchanged.
const PERMUTATIONS: [Permutations; 4] = [
    Permutations { arms: [1, 2, 0], kit_types: [2, 0, 1] },
    Permutations { arms: [1, 0, 2], kit_types: [0, 1, 2] },
    Permutations { arms: [0, 1, 2], kit_types: [1, 0, 2] },
    Permutations { arms: [2, 1, 0], kit_types: [0, 2, 1] },
];

#[test]
fn bld_03_to_blinded_people_no_relabelling_changes_a_byte() {
    let here: Recording = play(plain(1), Supply::Short).recording;
    for permutations in PERMUTATIONS {
        let there = play(relabelled(1, permutations), Supply::Short).recording;
        here.assert_same(&there, &format!("{permutations:?}"));
    }
}
