//! The real sealer against the ideal one, and under other codes: equal lengths, and no difference but in
//! commitments and in the hashes over them.

use std::sync::OnceLock;

use super::canaries::{self, Place, Secret};
use super::mask;
use super::recording::Recording;
use super::script::{Supply, play};
use super::worlds::{FOREIGN, SHIPPED, SHIPPED_KIT_TYPES, plain, real, sealed_design};

/// The randomness of the worlds that are compared here.
const SEED: u8 = 3;

/// What is left of trials that were played with the same randomness: under the ideal sealer, under the real
/// one, and under the real one with other codes.
pub(super) struct Left {
    ideal: Recording,
    real: Recording,
    foreign: Recording,
    /// Everything that lies anywhere, by where it lies.
    pub(super) places: Vec<Place>,
    /// The seeds and keys that were in use.
    pub(super) secrets: Vec<Secret>,
}

/// The trials, played once for all tests and one after another.
pub(super) fn left() -> &'static Left {
    static PLAYED: OnceLock<Left> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let [shipped, foreign] = [&SHIPPED, &FOREIGN].map(|codes| sealed_design(codes, SHIPPED_KIT_TYPES));
        let ideal = play(plain(SEED), Supply::Short).recording;
        let foreign = play(real(SEED, foreign), Supply::Short).recording;
        let trial = play(real(SEED, shipped), Supply::Short);
        let (places, secrets) = (canaries::places(&trial), canaries::secrets(&trial));
        Left { ideal, real: trial.recording, foreign, places, secrets }
    })
}

#[test]
fn bld_03_the_real_sealer_adds_nothing_to_see_but_commitments() {
    let Left { ideal, real, .. } = left();
    assert!(ideal.difference(real).is_some(), "commitments to values differ from those to nothing");
    ideal.with(mask::hashes).assert_same(&real.with(mask::hashes), "the ideal and the real sealer");
}

#[test]
fn bld_03_the_length_and_the_script_of_sealed_codes_are_not_to_be_seen() {
    let Left { real, foreign, .. } = left();
    real.with(mask::hashes).assert_same(&foreign.with(mask::hashes), "other codes");
}
