//! Sealing: what reveals a treatment, and free text, as it is kept in the table of openings.

use journal::{Commitment, Hash};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use terms::{OpeningId, StudyId};
use zeroize::Zeroizing;

#[cfg(any(test, feature = "ideal-sealer"))]
use super::IdealWorld;
use super::master::{DataKey, lock, unlock};
use crate::entropy::{Entropy, NoEntropy};

/// What kind of value is sealed. All values of a kind are padded to one width, so that no length in the
/// database, in a dump or on the wire goes with the value.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// The arm of a list position: one byte, the index in design order.
    Arm,
    /// The kit type of a kit: one byte, the index in the order of the sealed design.
    KitType,
    /// A seed or key of 32 bytes: of a list, of kit numbers, of picks.
    Seed,
    /// The sealed part of a study design.
    SealedDesign,
    /// Free text that a person wrote.
    Text,
    /// A true lot, or a true expiry.
    Lot,
    /// A block of a list: its index and size.
    Block,
    /// Counts by kit type or arm.
    Counts,
    /// The secret of a person's second factor.
    SecondFactor,
}

impl Kind {
    /// How many bytes a value of the kind may have, and is padded to.
    pub const fn width(self) -> usize {
        match self {
            Self::Arm | Self::KitType => 1,
            Self::Seed => 32,
            Self::SealedDesign => 8_192,
            Self::Text => 1_024,
            Self::Lot => 64,
            Self::Block => 16,
            Self::Counts => 256,
            Self::SecondFactor => 20,
        }
    }

    /// Whether a value of `length` bytes can be sealed: an arm and a kit type are exactly one byte,
    /// everything else at most its width.
    pub const fn takes(self, length: usize) -> bool {
        match self {
            Self::Arm | Self::KitType => length == 1,
            _ => length <= self.width(),
        }
    }
}

/// Where a sealed value belongs. It is authenticated with the ciphertext: moved to another row, the
/// ciphertext fails to open instead of passing for that row's value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The study in whose tree the commitment stands.
    pub study: StudyId,
    /// The kind of value.
    pub kind: Kind,
    /// The row in the table of openings.
    pub opening: OpeningId,
}

impl Place {
    pub(super) fn binding(&self, version: u32) -> String {
        format!("iwrs-opening|{}|{}|{}|{version}", self.study, self.kind, self.opening)
    }
}

/// The salt and value behind a commitment. It cannot be printed, and is wiped when dropped.
pub struct Opening {
    /// The salt of the commitment.
    pub salt: Zeroizing<[u8; 32]>,
    /// The value, without its padding.
    pub value: Zeroizing<Vec<u8>>,
}

/// Why a value was not sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The value is longer than its kind allows. Only a person's text can bring this about.
    #[error("a sealed {0} holds at most {width} bytes", width = .0.width())]
    TooLong(Kind),
    /// There is no nonce to be had.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

/// Why a sealed value did not open. Nothing goes on with a value that did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The value was sealed under another version of the key.
    #[error("opening {opening} is sealed under key version {sealed}, not {given}")]
    OtherKey {
        /// The row.
        opening: OpeningId,
        /// The version that the ciphertext carries.
        sealed: u32,
        /// The version of the key at hand.
        given: u32,
    },
    /// The ciphertext was altered, or belongs to another row, or was sealed under another key.
    #[error("opening {0} does not open: its ciphertext was altered or belongs to another row")]
    Altered(OpeningId),
}

/// How values are sealed.
pub enum Sealer {
    /// XChaCha20-Poly1305 under the data key.
    Real,
    /// The sealing of a world in which ciphertexts tell nothing because they are made of nothing: for the
    /// relabelling test, in the test build alone.
    #[cfg(any(test, feature = "ideal-sealer"))]
    Ideal(IdealWorld),
}

impl Sealer {
    /// The value as it is stored: key version (4 bytes), nonce (24), ciphertext with tag. The length depends
    /// on the kind alone.
    ///
    /// # Errors
    /// [`SealError`] when the value is too long for its kind or no nonce can be drawn.
    pub fn seal(
        &self,
        key: &DataKey,
        place: &Place,
        salt: [u8; 32],
        value: &[u8],
        entropy: &Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let plaintext = pad(place.kind, &salt, value)?;
        let locked = match self {
            Self::Real => lock(key.bytes(), &place.binding(key.version()), &plaintext, entropy)?,
            #[cfg(any(test, feature = "ideal-sealer"))]
            Self::Ideal(world) => world.seal(place, plaintext, entropy)?,
        };
        Ok([key.version().to_be_bytes().as_slice(), &locked].concat())
    }

    /// The salt and value of a sealed row.
    ///
    /// # Errors
    /// [`OpenError`] when the row is not what was sealed at this place under this key.
    pub fn open(&self, key: &DataKey, place: &Place, ciphertext: &[u8]) -> Result<Opening, OpenError> {
        let altered = || OpenError::Altered(place.opening.clone());
        let (version, locked) = ciphertext.split_first_chunk::<4>().ok_or_else(altered)?;
        let sealed = u32::from_be_bytes(*version);
        if sealed != key.version() {
            return Err(OpenError::OtherKey { opening: place.opening.clone(), sealed, given: key.version() });
        }
        let plaintext = match self {
            Self::Real => unlock(key.bytes(), &place.binding(sealed), locked),
            #[cfg(any(test, feature = "ideal-sealer"))]
            Self::Ideal(world) => world.open(place, locked),
        };
        plaintext.and_then(|padded| unpad(&padded)).ok_or_else(altered)
    }

    /// The commitment to a value, for the journal.
    pub fn commit(&self, field: &str, salt: &[u8; 32], value: &[u8]) -> Commitment {
        match self {
            Self::Real => journal::commit(field, salt, value),
            #[cfg(any(test, feature = "ideal-sealer"))]
            Self::Ideal(world) => world.commitment(field, salt),
        }
    }

    /// The root over a list's commitments as it is published: `real`, but for the ideal world, where it must
    /// not depend on the arms.
    pub fn root(&self, real: Hash) -> Hash {
        match self {
            Self::Real => real,
            #[cfg(any(test, feature = "ideal-sealer"))]
            Self::Ideal(world) => world.root(),
        }
    }
}

/// Which version of the data key a ciphertext is sealed under; `None` when it is too short to be one.
pub fn key_version(ciphertext: &[u8]) -> Option<u32> {
    ciphertext.first_chunk::<4>().map(|version| u32::from_be_bytes(*version))
}

/// Salt (32) | length (4, big-endian) | value | zeros up to the width of the kind.
fn pad(kind: Kind, salt: &[u8; 32], value: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let length = u32::try_from(value.len()).ok().filter(|_| kind.takes(value.len()));
    let length = length.ok_or(SealError::TooLong(kind))?;
    // The whole capacity at once: a vector that grows leaves unwiped copies behind.
    let whole = HEAD + kind.width();
    let mut padded = Zeroizing::new(Vec::with_capacity(whole));
    padded.extend_from_slice(salt);
    padded.extend_from_slice(&length.to_be_bytes());
    padded.extend_from_slice(value);
    padded.resize(whole, 0);
    Ok(padded)
}

/// Bytes before the value: salt and length.
pub(super) const HEAD: usize = 36;

fn unpad(padded: &[u8]) -> Option<Opening> {
    let (salt, rest) = padded.split_first_chunk::<32>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    Some(Opening { salt: Zeroizing::new(*salt), value: Zeroizing::new(rest.get(..length)?.to_vec()) })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        DataKey, Entropy, Kind, OpenError, OpeningId, Place, SealError, Sealer, StudyId, VariantArray,
    };
    use super::{HEAD, key_version};

    fn place(study: &str, kind: Kind, opening: &str) -> Place {
        let study = StudyId::parse(study).expect("an id");
        Place { study, kind, opening: OpeningId::parse(opening).expect("an id") }
    }

    fn key(version: u32) -> DataKey {
        DataKey::generate(version, &Entropy::System).expect("a key")
    }

    fn seal(key: &DataKey, place: &Place, value: &[u8]) -> Vec<u8> {
        Sealer::Real.seal(key, place, [9; 32], value, &Entropy::System).expect("sealed")
    }

    #[test]
    fn what_is_sealed_opens_again_and_all_of_a_kind_are_equally_long() {
        let key = key(7);
        for &kind in Kind::VARIANTS {
            let at = place("imodals", kind, "o1");
            let mut lengths = BTreeSet::new();
            for length in
                [0, 1, kind.width() / 2, kind.width()].into_iter().filter(|length| kind.takes(*length))
            {
                let value = vec![0xA5; length];
                let sealed = seal(&key, &at, &value);
                assert_eq!(key_version(&sealed), Some(7));
                lengths.insert(sealed.len());
                let opened = Sealer::Real.open(&key, &at, &sealed).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!((&*opened.value, &*opened.salt), (&value, &[9; 32]));
            }
            assert_eq!(Vec::from_iter(lengths), [4 + 24 + HEAD + kind.width() + 16], "{kind}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused() {
        #[rustfmt::skip]
        let table = [
            (Kind::Arm,            0), (Kind::Arm,        2), (Kind::KitType, 0), (Kind::KitType, 2),
            (Kind::Seed,          33), (Kind::Text,   1_025), (Kind::Lot,    65), (Kind::Block,  17),
            (Kind::SealedDesign, 8_193), (Kind::Counts, 257),
        ];
        for (kind, length) in table {
            let at = place("imodals", kind, "o1");
            let refused = Sealer::Real.seal(&key(1), &at, [0; 32], &vec![1; length], &Entropy::System);
            assert!(matches!(refused, Err(SealError::TooLong(of)) if of == kind), "{kind} of {length}");
        }
    }

    #[test]
    fn a_ciphertext_moved_to_another_place_or_altered_fails_loudly() {
        let key = key(1);
        let home = place("imodals", Kind::Arm, "o1");
        let sealed = seal(&key, &home, &[2]);
        for other in [
            place("imodals", Kind::Arm, "o2"),
            place("imodals", Kind::KitType, "o1"),
            place("mirocals", Kind::Arm, "o1"),
        ] {
            assert!(
                matches!(Sealer::Real.open(&key, &other, &sealed), Err(OpenError::Altered(_))),
                "{other:?}"
            );
        }
        for byte in 4..sealed.len() {
            let mut altered = sealed.clone();
            altered[byte] ^= 0x80;
            assert!(Sealer::Real.open(&key, &home, &altered).is_err(), "byte {byte}");
        }
        for length in 0..sealed.len() {
            assert!(Sealer::Real.open(&key, &home, &sealed[..length]).is_err(), "cut to {length}");
        }
    }

    #[test]
    fn another_key_version_is_named_and_another_key_of_that_version_fails() {
        let home = place("imodals", Kind::Seed, "o1");
        let sealed = seal(&key(1), &home, &[2; 32]);
        let said = Sealer::Real.open(&key(2), &home, &sealed).err().map(|error| error.to_string());
        assert_eq!(said.as_deref(), Some("opening o1 is sealed under key version 1, not 2"));
        assert!(matches!(Sealer::Real.open(&key(1), &home, &sealed), Err(OpenError::Altered(_))));
        // The version is authenticated, too: rewritten to that of another key it does not pass.
        let mut relabeled = sealed;
        relabeled[3] = 2;
        assert!(matches!(Sealer::Real.open(&key(2), &home, &relabeled), Err(OpenError::Altered(_))));
    }

    #[test]
    fn sealing_twice_gives_unlike_bytes() {
        let (key, home) = (key(1), place("imodals", Kind::Arm, "o1"));
        assert_ne!(seal(&key, &home, &[0]), seal(&key, &home, &[0]));
    }

    #[test]
    fn the_real_commitment_is_the_journals_and_the_root_is_the_lists() {
        let commitment = Sealer::Real.commit("arm", &[7; 32], b"B");
        assert_eq!(commitment, journal::commit("arm", &[7; 32], b"B"));
        let root = journal::empty_root();
        assert_eq!(Sealer::Real.root(root), root);
    }

    /// Compiles only while the type has no `Debug`: with one, the path below would be ambiguous.
    #[test]
    fn nothing_secret_can_be_printed() {
        trait Silent<Marker> {
            const YES: bool = true;
        }
        impl<T> Silent<()> for T {}
        impl<T: std::fmt::Debug> Silent<u8> for T {}
        let silent = [
            <super::Opening as Silent<_>>::YES,
            <DataKey as Silent<_>>::YES,
            <crate::keys::MasterKey as Silent<_>>::YES,
            <crate::keys::SecretFile as Silent<_>>::YES,
            <crate::tokens::OpaqueToken as Silent<_>>::YES,
            <crate::tokens::TokenKeys as Silent<_>>::YES,
            <crate::passwords::Passwords as Silent<_>>::YES,
        ];
        assert_eq!(silent, [true; 7]);
    }
}
