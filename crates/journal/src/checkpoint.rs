//! Checkpoints: the signed head of a tree, as in c2sp.org/tlog-checkpoint.

use std::fmt;

use base64ct::{Base64, Encoding};

use crate::hash::Hash;
use crate::note::{self, BadNote, SigningKey, VerifyingKey};
use crate::tree::{Head, verify_consistency};

/// The state of one tree at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which tree: one non-empty line, the same for the tree's whole life.
    pub origin: String,
    /// The number of leaves, at most 2^53 - 1.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// A checkpoint's text with its signature: what is stored, mailed and printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedNote(String);

/// Why the signer will not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefusedToSign {
    /// The origin is empty, or holds a control character; or the size is above 2^53 - 1.
    #[error("the checkpoint's origin or size cannot be written")]
    Unwritable,
    /// The last checkpoint is of another tree.
    #[error("the last checkpoint has another origin")]
    OtherOrigin,
    /// The tree has become shorter since the last checkpoint.
    #[error("the tree is shorter than at the last checkpoint")]
    Shorter,
    /// The proof does not show that the tree of the last checkpoint is a prefix of this one.
    #[error("the tree does not extend the one of the last checkpoint")]
    NotAnExtension,
}

impl SigningKey {
    /// Signs a checkpoint that provably extends the last one signed. There is no other way to a signature: a
    /// history that was rewritten after its checkpoint left the house can get no second one from this signer.
    ///
    /// The proof is [`crate::consistency_proof`] of all leaf hashes and the previous size; for the first
    /// checkpoint of a tree, and for one of the same size, it is empty.
    ///
    /// # Errors
    /// When the new checkpoint is of another tree, shorter, not proved to extend the previous one, or
    /// unwritable.
    pub fn sign_extension(
        &self,
        previous: Option<&Checkpoint>,
        proof: &[Hash],
        new: &Checkpoint,
    ) -> Result<SignedNote, RefusedToSign> {
        if new.origin.is_empty() || new.origin.chars().any(char::is_control) || new.size > crate::MAX_INTEGER
        {
            return Err(RefusedToSign::Unwritable);
        }
        previous.map_or(Ok(()), |previous| extends(previous, proof, new))?;
        Ok(SignedNote(self.sign(&new.text())))
    }
}

fn extends(previous: &Checkpoint, proof: &[Hash], new: &Checkpoint) -> Result<(), RefusedToSign> {
    if previous.origin != new.origin {
        return Err(RefusedToSign::OtherOrigin);
    }
    if new.size < previous.size {
        return Err(RefusedToSign::Shorter);
    }
    let proved = verify_consistency(previous.head(), new.head(), proof);
    if proved { Ok(()) } else { Err(RefusedToSign::NotAnExtension) }
}

impl Checkpoint {
    /// The checkpoint of a tree's head.
    pub fn new(origin: &str, head: Head) -> Self {
        Self { origin: origin.to_owned(), size: head.size, root: head.root }
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root }
    }

    /// The signed text: origin, size in decimal, root in base64, each with a newline.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, Base64::encode_string(self.root.bytes()))
    }

    /// Reads a signed note that at least one of the trusted keys has signed. The caller compares the origin.
    ///
    /// # Errors
    /// When it is malformed, no trusted key has signed it, or a signature under a trusted key's name and id
    /// is wrong.
    pub fn parse_and_verify(note: &str, trusted: &[VerifyingKey]) -> Result<Self, BadNote> {
        Self::from_text(note::open(note, trusted)?).ok_or(BadNote::Malformed("not a checkpoint"))
    }

    /// Exactly three lines. The format allows more, but nobody could audit what they say, and this journal
    /// has none.
    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let root = Base64::decode_vec(root).ok().and_then(|root| Hash::from_slice(&root))?;
        let size = size.parse().ok().filter(|size| *size <= crate::MAX_INTEGER)?;
        let checkpoint = Self { origin: origin.to_owned(), size, root };
        // One checkpoint has one spelling: this refuses leading zeros, more lines and an odd base64.
        Some(checkpoint).filter(|checkpoint| !origin.is_empty() && checkpoint.text() == text)
    }
}

impl SignedNote {
    /// The note's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<SignedNote> for String {
    fn from(note: SignedNote) -> Self {
        note.0
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Checkpoint, RefusedToSign};
    use crate::{BadNote, Hash, Head, MAX_INTEGER, SigningKey, consistency_proof, leaf_hash, root};

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_seed("iwrs.example", [seed; 32]).expect("a key")
    }

    fn leaves(size: u8) -> Vec<Hash> {
        (0..size).map(|n| leaf_hash(&[n])).collect()
    }

    fn checkpoint(origin: &str, leaves: &[Hash]) -> Checkpoint {
        Checkpoint::new(
            origin,
            Head { size: u64::try_from(leaves.len()).expect("small"), root: root(leaves) },
        )
    }

    #[test]
    fn a_signed_checkpoint_is_read_back_by_its_own_key_only() {
        let new = checkpoint("iwrs.example/imodals", &leaves(5));
        let note = key(1).sign_extension(None, &[], &new).expect("signed");
        let read = |keys: &[SigningKey]| {
            let keys: Vec<_> = keys.iter().map(|key| key.verifying_key().clone()).collect();
            Checkpoint::parse_and_verify(note.as_str(), &keys)
        };
        assert_eq!(read(&[key(2), key(1)]), Ok(new));
        assert_eq!(read(&[key(2)]), Err(BadNote::Untrusted));
        assert_eq!(read(&[]), Err(BadNote::Untrusted));
    }

    #[test]
    fn only_an_extension_is_signed() {
        let (five, nine) = (leaves(5), leaves(9));
        let previous = checkpoint("a", &five);
        let proof = consistency_proof(&nine, 5).expect("a proof");
        let mut rewritten = nine.clone();
        rewritten[2] = leaf_hash(b"another past");
        let rewritten_proof = consistency_proof(&rewritten, 5).expect("a proof");
        let mut same_size = five.clone();
        same_size[4] = leaf_hash(b"another past");
        let too_long = Checkpoint { size: MAX_INTEGER + 1, ..checkpoint("a", &nine) };
        let table = [
            (checkpoint("a", &nine), proof.as_slice(), Ok(())),
            (checkpoint("a", &five), &[], Ok(())),
            (checkpoint("a", &nine), &[], Err(RefusedToSign::NotAnExtension)),
            (checkpoint("a", &rewritten), &rewritten_proof, Err(RefusedToSign::NotAnExtension)),
            (checkpoint("a", &same_size), &[], Err(RefusedToSign::NotAnExtension)),
            (checkpoint("a", &leaves(4)), &[], Err(RefusedToSign::Shorter)),
            (checkpoint("b", &nine), &proof, Err(RefusedToSign::OtherOrigin)),
            (checkpoint("", &nine), &proof, Err(RefusedToSign::Unwritable)),
            (checkpoint("a\nb", &nine), &proof, Err(RefusedToSign::Unwritable)),
            (too_long, &proof, Err(RefusedToSign::Unwritable)),
        ];
        for (new, proof, expected) in table {
            let signed = key(1).sign_extension(Some(&previous), proof, &new);
            assert_eq!(signed.map(|_| ()), expected, "{new:?}");
        }
    }

    #[test]
    fn a_checkpoint_has_one_spelling() {
        let text = checkpoint("a", &leaves(5)).text();
        let zero_root = "A".repeat(43);
        assert!(Checkpoint::from_text(&text).is_some());
        for bad in [
            text.replace("\n5\n", "\n05\n"),
            text.replace("\n5\n", "\n+5\n"),
            text.replace("\n5\n", "\n-5\n"),
            text.replace("\n5\n", "\n9007199254740992\n"),
            text.replacen('a', "", 1),
            format!("{text}extension\n"),
            format!("a\n5\n{zero_root}\n"),
            format!("a\n5\n{}B=\n", &zero_root[..42]),
            text.trim_end().to_owned(),
            String::new(),
        ] {
            assert_eq!(Checkpoint::from_text(&bad), None, "{bad:?}");
        }
    }
}
