//! What a list is committed to before anyone can read it: one salted leaf for every position.
//!
//! The hash of a leaf and the root of the tree are those of RFC 6962 and are computed where trees are at
//! home.

use draw::Key;
use terms::{Arm, Position, Stratum};

/// The number of bytes of a leaf: salt (32), stratum (4), position (4), arm (1).
pub const LEAF_BYTES: usize = 41;

/// The first part of the purpose of a salt.
const SALT: &str = "iwrs-alloc-1-salt";

/// The salt of one position, which can be computed alone: an unblinding proves its own leaf and tells nothing
/// of any other. It is HKDF-SHA-256 of the seed with the info
/// `iwrs-alloc-1-salt|study|list|stratum|position`, where stratum and position are decimal numbers.
///
/// # Panics
/// When `study` or `list` holds a `|`; see [`Key::derive`].
pub fn salt(seed: &[u8; 32], study: &str, list: &str, stratum: Stratum, position: Position) -> [u8; 32] {
    let (stratum, position) = (stratum.index().to_string(), position.index().to_string());
    Key::derive(seed, &[SALT, study, list, &stratum, &position]).bytes()
}

/// SEQ-06: the bytes of a leaf: salt, stratum and position as four bytes each with the highest first, and the
/// arm's index as one byte.
pub fn commitment_leaf(salt: &[u8; 32], stratum: Stratum, position: Position, arm: Arm) -> [u8; LEAF_BYTES] {
    let stratum = stratum.index().to_be_bytes();
    let position = position.index().to_be_bytes();
    let parts = salt.iter().chain(&stratum).chain(&position).copied().chain([arm.index()]);
    let mut leaf = [0; LEAF_BYTES];
    for (place, byte) in leaf.iter_mut().zip(parts) {
        *place = byte;
    }
    leaf
}

#[cfg(test)]
mod tests {
    use super::{commitment_leaf, salt};
    use terms::{Arm, Position, Stratum};

    #[test]
    fn seq_06_a_leaf_has_every_byte_in_its_place() {
        let leaf =
            commitment_leaf(&[0xaa; 32], Stratum::new(0x0102_0304), Position::new(0x0506_0708), Arm::new(9));
        assert_eq!(leaf[..32], [0xaa; 32]);
        assert_eq!(leaf[32..], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn no_two_positions_share_a_salt() {
        let of = |study, list, stratum, position| {
            salt(&[1; 32], study, list, Stratum::new(stratum), Position::new(position))
        };
        let salts = [
            of("s", "l", 0, 0),
            of("s", "l", 0, 1),
            of("s", "l", 1, 0),
            of("s", "m", 0, 0),
            of("t", "l", 0, 0),
        ];
        let different: std::collections::BTreeSet<_> = salts.iter().collect();
        assert_eq!(different.len(), salts.len());
        assert_eq!(of("s", "l", 0, 11), of("s", "l", 0, 11));
    }
}
