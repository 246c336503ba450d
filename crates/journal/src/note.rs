//! Signed notes: a text, a blank line, and signatures, as in c2sp.org/signed-note v1.0.0, with Ed25519 (type
//! 0x01).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64ct::{Base64, Encoding};

use crate::hash::Hash;

/// The type byte of plain Ed25519 signatures.
const ED25519_TYPE: u8 = 0x01;

/// More signature lines than this and the note is refused unread; the format asks for at least 16.
const MAX_SIGNATURES: usize = 100;

/// A name with the secret key that signs under it.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: VerifyingKey,
}

/// A name with the public key that checks its signatures. Its text form is the `vkey` of
/// c2sp.org/signed-note: name, key id in hex and type byte and key in base64, joined by `+`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    key: [u8; 32],
}

impl SigningKey {
    /// The Ed25519 key with this seed (RFC 8032, 5.1.5). Signatures are deterministic.
    ///
    /// # Errors
    /// When the name is empty or holds a space, a `+` or a control character.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Self, BadKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_rejected| BadKey)?;
        let public = VerifyingKey::new(name, pair.public_key().as_ref()).ok_or(BadKey)?;
        Ok(Self { pair, public })
    }

    /// The key that others check with.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    /// The note: the text, which ends with a newline, a blank line, and this key's signature line.
    pub(crate) fn sign(&self, text: &str) -> String {
        let signature = [&self.public.id(), self.pair.sign(text.as_bytes()).as_ref()].concat();
        format!("{text}\n\u{2014} {} {}\n", self.public.name, Base64::encode_string(&signature))
    }
}

impl fmt::Debug for SigningKey {
    /// Shows the public half only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public)
    }
}

impl VerifyingKey {
    fn new(name: &str, key: &[u8]) -> Option<Self> {
        let key = key.try_into().ok()?;
        is_key_name(name).then(|| Self { name: name.to_owned(), key })
    }

    /// The name under which it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first 4 bytes of SHA-256 of the name, a newline, the type byte and the key: a label, not a proof.
    fn id(&self) -> [u8; 4] {
        let hash = Hash::of(&[self.name.as_bytes(), b"\n", &[ED25519_TYPE], &self.key]);
        let [a, b, c, d, ..] = *hash.bytes();
        [a, b, c, d]
    }

    fn signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.key).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = Base64::encode_string(&[[ED25519_TYPE].as_slice(), &self.key].concat());
        write!(f, "{}+{}+{key}", self.name, hex::encode(self.id()))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifyingKey {
    type Err = BadKey;

    /// Any other spelling than the one it would be written with is refused, a wrong key id included.
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let read = || {
            let (name, rest) = text.split_once('+')?;
            let (_, key) = rest.split_once('+')?;
            let key = Base64::decode_vec(key).ok()?;
            Self::new(name, key.strip_prefix(&[ED25519_TYPE])?)
        };
        read().filter(|key| key.to_string() == text).ok_or(BadKey)
    }
}

/// The name or the key is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name or text of an Ed25519 key")]
pub struct BadKey;

/// Why a note, or the checkpoint in it, is not to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    /// It is not a signed note, or its text is not a checkpoint.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// A trusted key is named, but the signature is not its own.
    #[error("the signature of {0} is wrong")]
    WrongSignature(String),
    /// No signature is by any of the trusted keys.
    #[error("no signature by any of the keys")]
    Untrusted,
}

/// The note's text, once at least one trusted key has signed it and no trusted key's signature is wrong.
/// Signatures by other keys are ignored.
pub(crate) fn open<'a>(note: &'a str, trusted: &[VerifyingKey]) -> Result<&'a str, BadNote> {
    let (text, signatures) = split(note)?;
    let mut believed = false;
    for Signature { name, id, bytes } in &signatures {
        for key in trusted.iter().filter(|key| key.name == *name && key.id() == *id) {
            if !key.signed(text, bytes) {
                return Err(BadNote::WrongSignature(key.name.clone()));
            }
            believed = true;
        }
    }
    if believed { Ok(text) } else { Err(BadNote::Untrusted) }
}

struct Signature<'a> {
    name: &'a str,
    id: [u8; 4],
    bytes: Vec<u8>,
}

/// The text with its last newline, and the signatures: they are parted by the last blank line.
fn split(note: &str) -> Result<(&str, Vec<Signature<'_>>), BadNote> {
    if note.chars().any(|c| c < ' ' && c != '\n') {
        return Err(BadNote::Malformed("a control character"));
    }
    let blank = note.rfind("\n\n").ok_or(BadNote::Malformed("no blank line before the signatures"))?;
    let (text, rest) = note.split_at_checked(blank + 1).unwrap_or((note, ""));
    let lines = rest.strip_prefix('\n').and_then(|rest| rest.strip_suffix('\n'));
    let lines: Vec<&str> = lines.ok_or(BadNote::Malformed("no signature line"))?.split('\n').collect();
    if lines.len() > MAX_SIGNATURES {
        return Err(BadNote::Malformed("too many signatures"));
    }
    let signatures: Option<_> = lines.into_iter().map(signature).collect();
    Ok((text, signatures.ok_or(BadNote::Malformed("a signature line"))?))
}

fn signature(line: &str) -> Option<Signature<'_>> {
    let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let decoded = Base64::decode_vec(encoded).ok().filter(|bytes| Base64::encode_string(bytes) == encoded)?;
    let (id, bytes) = decoded.split_first_chunk::<4>()?;
    let well_formed = is_key_name(name) && !bytes.is_empty();
    well_formed.then(|| Signature { name, id: *id, bytes: bytes.to_vec() })
}

/// Not empty, and without spaces of any script, `+` and control characters.
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

#[cfg(test)]
mod tests;
