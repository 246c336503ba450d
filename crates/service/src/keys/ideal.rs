//! The ideal world of the relabelling test (BLD-03): ciphertexts, commitments and roots that are made of nothing but
//! a public stream, so that whatever still differs between two runs has leaked.
#![cfg(any(test, feature = "ideal-sealer"))]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use draw::Key;
use journal::{Commitment, Hash};
use zeroize::Zeroizing;

use super::sealed::{HEAD, Kind, Place};
use crate::entropy::{Entropy, NoEntropy};

/// One of the two worlds that are compared: a public seed, and the permutations that are applied to the indices of
/// arms and kit types when they are stored. Clones share what has been sealed.
#[derive(Clone)]
pub struct IdealWorld {
    seed: [u8; 32],
    arms: Vec<u8>,
    kit_types: Vec<u8>,
    kept: Arc<Mutex<BTreeMap<Place, Zeroizing<Vec<u8>>>>>,
}

impl IdealWorld {
    /// A world in which arm `a` is stored as `arms[a]` and kit type `t` as `kit_types[t]`; an index beyond the
    /// permutation is stored as it is, so that empty permutations change nothing.
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
        let mut bytes: Vec<u8> =
            std::iter::repeat_with(|| words.next_word().to_be_bytes()).take(length.div_ceil(4)).flatten().collect();
        bytes.truncate(length);
        bytes
    }
}
