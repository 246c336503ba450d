//! The ideal world of the relabelling test (BLD-03): ciphertexts, commitments and roots that are made of
//! nothing but a public stream, so that whatever still differs between two runs has leaked.
#![cfg(any(test, feature = "ideal-sealer"))]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use draw::Key;
use journal::{Commitment, Hash};
use zeroize::Zeroizing;

use super::sealed::{HEAD, Kind, Place};
use crate::entropy::{Entropy, NoEntropy};

/// One of the two worlds that are compared: a public seed, and the permutations that are applied to the
/// indices of arms and kit types when they are stored. Clones share what has been sealed.
#[derive(Clone)]
pub struct IdealWorld {
    seed: [u8; 32],
    arms: Vec<u8>,
    kit_types: Vec<u8>,
    kept: Arc<Mutex<BTreeMap<Place, Zeroizing<Vec<u8>>>>>,
}

impl IdealWorld {
    /// A world in which arm `a` is stored as `arms[a]` and kit type `t` as `kit_types[t]`; an index beyond
    /// the permutation is stored as it is, so that empty permutations change nothing.
    pub fn new(seed: [u8; 32], arms: Vec<u8>, kit_types: Vec<u8>) -> Self {
        Self { seed, arms, kit_types, kept: Arc::default() }
    }

    /// As many public bytes as the real sealer would write; the plaintext is kept aside.
    pub(super) fn seal(
        &self,
        place: &Place,
        mut plaintext: Zeroizing<Vec<u8>>,
        entropy: &Entropy,
    ) -> Result<Vec<u8>, NoEntropy> {
        // The real sealer draws a nonce; so must this one, that both leave the stream at the same word.
        let nonce: [u8; 24] = entropy.bytes()?;
        let permutation = self.permutation(place.kind);
        if let Some(index) = plaintext.get_mut(HEAD) {
            *index = permutation.get(usize::from(*index)).copied().unwrap_or(*index);
        }
        let cover = self.public("sealed", &place.binding(0), plaintext.len() + 16);
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(place.clone(), plaintext);
        Ok([nonce.as_slice(), &cover].concat())
    }

    /// What was sealed at this place.
    pub(super) fn open(&self, place: &Place, locked: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(place).cloned()?;
        let cover = self.public("sealed", &place.binding(0), kept.len() + 16);
        (locked.get(24..)? == cover).then_some(kept)
    }

    pub(super) fn commitment(&self, field: &str, salt: &[u8; 32]) -> Commitment {
        Commitment::new(self.public_hash("commitment", &format!("{field}|{}", hex::encode(salt))))
    }

    pub(super) fn root(&self) -> Hash {
        Hash::new(self.public_hash("root", "list"))
    }

    fn public_hash(&self, purpose: &str, of: &str) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(&self.public(purpose, of, 32));
        hash
    }

    fn permutation(&self, kind: Kind) -> &[u8] {
        match kind {
            Kind::Arm => &self.arms,
            Kind::KitType => &self.kit_types,
            _ => &[],
        }
    }

    /// Bytes that depend on the seed and the purpose alone, not on the order in which they are asked for.
    fn public(&self, purpose: &str, of: &str, length: usize) -> Vec<u8> {
        let mut words = Key::derive(&self.seed, &["ideal-world", purpose, &hex::encode(of)]).words(0);
        let mut bytes: Vec<u8> = std::iter::repeat_with(|| words.next_word().to_be_bytes())
            .take(length.div_ceil(4))
            .flatten()
            .collect();
        bytes.truncate(length);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use terms::{OpeningId, StudyId};

    use super::{Entropy, IdealWorld, Kind, Place};
    use crate::keys::{DataKey, Sealer};

    fn place(kind: Kind, opening: &str) -> Place {
        let study = StudyId::parse("imodals").expect("an id");
        Place { study, kind, opening: OpeningId::parse(opening).expect("an id") }
    }

    fn key() -> DataKey {
        DataKey::generate(1, &Entropy::System).expect("a key")
    }

    /// The ciphertext of a value, and the value that opens again.
    fn sealed(world: &IdealWorld, place: &Place, value: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let (sealer, key, public) = (Sealer::Ideal(world.clone()), key(), Entropy::fixed(&[5; 32]));
        let sealed = sealer.seal(&key, place, [3; 32], value, &public).expect("sealed");
        let opened = sealer.open(&key, place, &sealed).unwrap_or_else(|error| panic!("{error}"));
        (sealed, opened.value.to_vec())
    }

    #[test]
    fn bld_03_ciphertexts_tell_nothing_and_are_as_long_as_real_ones() {
        let world = IdealWorld::new([1; 32], vec![], vec![]);
        for (kind, one, two) in [
            (Kind::Arm, vec![0], vec![2]),
            (Kind::KitType, vec![1], vec![0]),
            (Kind::Text, b"placebo".to_vec(), b"aldesleukin".to_vec()),
        ] {
            let at = place(kind, "o1");
            let (first, opened) = sealed(&world, &at, &one);
            assert_eq!(opened, one);
            assert_eq!(first, sealed(&world, &at, &two).0, "{kind}: the bytes do not depend on the value");
            assert_ne!(first, sealed(&world, &place(kind, "o2"), &one).0, "{kind}: but on the row");
            let real = Sealer::Real.seal(&key(), &at, [3; 32], &one, &Entropy::System).expect("sealed");
            assert_eq!(first.len(), real.len());
        }
    }

    #[test]
    fn bld_03_the_other_world_stores_other_arms_under_the_same_bytes() {
        let here = IdealWorld::new([1; 32], vec![], vec![]);
        let there = IdealWorld::new([1; 32], vec![2, 0, 1], vec![1, 2, 0]);
        for (kind, value, expected) in [
            (Kind::Arm, 0, 2),
            (Kind::Arm, 1, 0),
            (Kind::Arm, 2, 1),
            (Kind::Arm, 9, 9),
            (Kind::KitType, 0, 1),
            (Kind::KitType, 2, 0),
            (Kind::Block, 0, 0),
        ] {
            let at = place(kind, "o1");
            let (a, b) = (sealed(&here, &at, &[value]), sealed(&there, &at, &[value]));
            assert_eq!((a.1, b.1), (vec![value], vec![expected]), "{kind} {value}");
            assert_eq!(a.0, b.0);
        }
    }

    #[test]
    fn bld_03_commitments_and_roots_do_not_depend_on_values() {
        let world = Sealer::Ideal(IdealWorld::new([1; 32], vec![], vec![]));
        assert_eq!(world.commit("arm", &[7; 32], &[0]), world.commit("arm", &[7; 32], &[1]));
        assert_ne!(world.commit("arm", &[7; 32], &[0]), world.commit("arm", &[8; 32], &[0]));
        assert_ne!(world.commit("arm", &[7; 32], &[0]), world.commit("lot", &[7; 32], &[0]));
        assert_eq!(world.root(journal::empty_root()), world.root(journal::leaf_hash(b"arms")));
    }

    #[test]
    fn a_ciphertext_moved_to_another_row_fails_in_the_ideal_world_too() {
        let world = Sealer::Ideal(IdealWorld::new([1; 32], vec![], vec![]));
        let (key, public) = (key(), Entropy::fixed(&[5; 32]));
        let seal = |at: &Place| world.seal(&key, at, [3; 32], &[1], &public).expect("sealed");
        let (one, two) = (place(Kind::Arm, "o1"), place(Kind::Arm, "o2"));
        let (first, second) = (seal(&one), seal(&two));
        assert!(world.open(&key, &two, &first).is_err() && world.open(&key, &one, &second).is_err());
        assert!(world.open(&key, &place(Kind::Arm, "o3"), &first).is_err());
    }
}
