//! The master key, and the data keys that it wraps.

use std::path::Path;

use aws_lc_rs::hmac;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use terms::StudyId;
use zeroize::Zeroizing;

use super::{KeyError, SecretFile};
use crate::entropy::{Entropy, NoEntropy};

/// The key that wraps all data keys. It never enters the database.
pub struct MasterKey(SecretFile);

/// The key of one tree's openings, of one version. A tree gets a new version when its key is rotated.
pub struct DataKey {
    version: u32,
    bytes: Zeroizing<[u8; 32]>,
}

/// A wrapped key does not open: it was wrapped by another master key, or for another tree or version, or
/// altered.
#[derive(Debug, thiserror::Error)]
#[error("the data key of {tree}, version {version}, does not open under this master key")]
pub struct UnwrapError {
    /// The tree whose key was asked for.
    pub tree: StudyId,
    /// The version that was asked for.
    pub version: u32,
}

impl MasterKey {
    /// Reads the master key from a file of mode 0400 or 0600 that holds 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyError`], one sentence that names the path.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        SecretFile::load(path).map(Self)
    }

    /// Reads the master key from the text of the variable `name`.
    ///
    /// # Errors
    /// [`KeyError::WrongForm`], naming the variable.
    pub fn from_text(name: &str, text: &str) -> Result<Self, KeyError> {
        SecretFile::from_text(name, text).map(Self)
    }

    /// A new master key.
    ///
    /// # Errors
    /// [`NoEntropy`] when there are no random bytes.
    pub fn generate(entropy: &Entropy) -> Result<Self, NoEntropy> {
        Ok(Self(SecretFile::from_bytes(entropy.bytes()?)))
    }

    /// Writes the key into a new file of mode 0400.
    ///
    /// # Errors
    /// [`KeyError::Unusable`], also when the file exists already.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        self.0.write_new(path)
    }

    /// A key of its own for authenticating what lies beside the database.
    pub(crate) fn authenticator(&self, of: &str) -> hmac::Key {
        let master = hmac::Key::new(hmac::HMAC_SHA256, self.0.bytes());
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, of.as_bytes()).as_ref())
    }

    /// The data key as it is stored (72 bytes: nonce, key, tag), bound to its tree and version.
    ///
    /// # Errors
    /// [`NoEntropy`] when there is no nonce to be had.
    pub fn wrap(&self, key: &DataKey, tree: &StudyId, entropy: &Entropy) -> Result<Vec<u8>, NoEntropy> {
        let place = binding(tree, key.version);
        lock(self.0.bytes(), &place, key.bytes.as_slice(), entropy)
    }

    /// The data key of a tree from its stored form.
    ///
    /// # Errors
    /// [`UnwrapError`] when it was wrapped otherwise.
    pub fn unwrap(&self, tree: &StudyId, version: u32, wrapped: &[u8]) -> Result<DataKey, UnwrapError> {
        let failed = || UnwrapError { tree: tree.clone(), version };
        let opened = unlock(self.0.bytes(), &binding(tree, version), wrapped).ok_or_else(failed)?;
        let mut bytes = Zeroizing::new([0; 32]);
        if opened.len() != bytes.len() {
            return Err(failed());
        }
        bytes.copy_from_slice(&opened);
        Ok(DataKey { version, bytes })
    }
}

impl DataKey {
    /// A new data key of the given version.
    ///
    /// # Errors
    /// [`NoEntropy`] when there are no random bytes.
    pub fn generate(version: u32, entropy: &Entropy) -> Result<Self, NoEntropy> {
        Ok(Self { version, bytes: Zeroizing::new(entropy.bytes()?) })
    }

    /// Which key of its tree this is, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The key itself, so that a test can search for it where it must not be; in the test build alone.
    #[cfg(any(test, feature = "ideal-sealer"))]
    pub fn revealed(&self) -> &[u8; 32] {
        &self.bytes
    }
}

fn binding(tree: &StudyId, version: u32) -> String {
    format!("iwrs-data-key|{tree}|{version}")
}

/// XChaCha20-Poly1305: 24 bytes of random nonce, then the ciphertext with its tag. A nonce of 192 bits can be
/// drawn at random for ever without fear of drawing one twice.
pub(super) fn lock(
    key: &[u8; 32],
    place: &str,
    plaintext: &[u8],
    entropy: &Entropy,
) -> Result<Vec<u8>, NoEntropy> {
    let nonce: [u8; 24] = entropy.bytes()?;
    let payload = Payload { msg: plaintext, aad: place.as_bytes() };
    let Ok(ciphertext) = XChaCha20Poly1305::new(&Key::from(*key)).encrypt(&XNonce::from(nonce), payload)
    else {
        panic!("a plaintext of a few kilobytes can always be encrypted");
    };
    Ok([nonce.as_slice(), &ciphertext].concat())
}

/// The plaintext of [`lock`], `None` when anything differs.
pub(super) fn unlock(key: &[u8; 32], place: &str, locked: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = locked.split_first_chunk::<24>()?;
    let payload = Payload { msg: ciphertext, aad: place.as_bytes() };
    let plaintext = XChaCha20Poly1305::new(&Key::from(*key)).decrypt(&XNonce::from(*nonce), payload);
    plaintext.ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::{DataKey, MasterKey, StudyId};
    use crate::entropy::Entropy;

    #[test]
    fn a_data_key_opens_only_under_its_master_key_tree_and_version() {
        let entropy = Entropy::fixed(&[1; 32]);
        let [ours, other] = [(); 2].map(|()| MasterKey::generate(&entropy).expect("a key"));
        let [tree, elsewhere] = ["imodals", "mirocals"].map(|id| StudyId::parse(id).expect("an id"));
        let key = DataKey::generate(3, &entropy).expect("a key");
        let wrapped = ours.wrap(&key, &tree, &entropy).expect("wrapped");
        assert_eq!(wrapped.len(), 72);
        assert!(!wrapped.windows(32).any(|window| window == key.bytes()), "a dump holds no key");
        assert_eq!(ours.unwrap(&tree, 3, &wrapped).expect("the key").bytes(), key.bytes());
        assert!(other.unwrap(&tree, 3, &wrapped).is_err());
        assert!(ours.unwrap(&elsewhere, 3, &wrapped).is_err());
        assert!(ours.unwrap(&tree, 2, &wrapped).is_err());
        for place in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[place] ^= 1;
            assert!(ours.unwrap(&tree, 3, &altered).is_err(), "byte {place}");
            assert!(ours.unwrap(&tree, 3, &wrapped[..place]).is_err(), "cut to {place}");
        }
    }

    #[test]
    fn a_key_is_never_wrapped_twice_alike() {
        let master = MasterKey::generate(&Entropy::System).expect("a key");
        let key = DataKey::generate(1, &Entropy::System).expect("a key");
        let tree = StudyId::parse("imodals").expect("an id");
        let wrap = || master.wrap(&key, &tree, &Entropy::System).expect("wrapped");
        assert_ne!(wrap(), wrap());
    }
}
