//! Commitments: what a blinded reader sees in place of a value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::hash::{BadHash, Hash};

/// The first bytes of every committed message, so that no commitment can be mistaken for another hash of this
/// system.
const TAG: &[u8] = b"iwrs-commitment-1\n";

/// A value that is fixed but not shown. Its text form is 64 lower-case hex digits; it is what stands in a
/// leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Commitment(Hash);

/// Commits to a field's value: SHA-256 of the tag `iwrs-commitment-1` and a newline, the salt (32 bytes), the
/// length of the field's name in bytes (8 bytes, big-endian), the name in UTF-8, and the value.
///
/// Everything before the value has a known length, so two different inputs never give the same message. The
/// salt is what hides the value, since most values can be guessed: 32 bytes from the operating system, never
/// used twice.
pub fn commit(field: &str, salt: &[u8; 32], value: &[u8]) -> Commitment {
    let length = u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes();
    Commitment(Hash::of(&[TAG, salt, &length, field.as_bytes(), value]))
}

impl Commitment {
    /// The commitment with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(Hash::new(bytes))
    }

    /// The 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        self.0.bytes()
    }
}

impl FromStr for Commitment {
    type Err = BadHash;

    fn from_str(text: &str) -> Result<Self, BadHash> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::{Commitment, commit};

    #[test]
    fn the_bytes_are_those_of_the_page() {
        // From Python: hashlib.sha256(b"iwrs-commitment-1\n" + bytes([7] * 32) + (3).to_bytes(8, "big") +
        // b"armB").
        let expected = "f424d2a9a846403c723dd06987c3e883f8dcf401737fe62e5d93b7bb9b832f65";
        assert_eq!(commit("arm", &[7; 32], b"B").to_string(), expected);
        assert_eq!(
            serde_json::to_string(&commit("arm", &[7; 32], b"B")).expect("text"),
            format!("\"{expected}\"")
        );
        assert_eq!(expected.parse::<Commitment>(), Ok(commit("arm", &[7; 32], b"B")));
    }

    #[test]
    fn moving_a_byte_from_one_part_to_another_changes_it() {
        let all = [
            commit("arm", &[7; 32], b"B"),
            commit("armB", &[7; 32], b""),
            commit("ar", &[7; 32], b"mB"),
            commit("arm", &[8; 32], b"B"),
            commit("arm", &[7; 32], b"C"),
            commit("", &[7; 32], b"armB"),
        ];
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }
}
