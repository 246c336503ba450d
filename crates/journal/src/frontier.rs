//! The compact tree: enough to append and to know the root, without any earlier leaf.

use crate::hash::{Hash, empty_root, node_hash};
use crate::tree::Head;

/// The size of a tree and the roots of its complete subtrees, the largest first: one per 1 bit of the size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree without a leaf.
    pub fn empty() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// Appends a leaf; its index is the size before.
    pub fn append(&mut self, leaf: Hash) {
        let mut root = leaf;
        // Each trailing 1 bit of the size is a complete tree as high as the one just made: both become one.
        for _ in 0..self.size.trailing_ones() {
            root = self.peaks.pop().map_or(root, |left| node_hash(left, root));
        }
        self.peaks.push(root);
        self.size += 1;
    }

    /// The number of leaves, which is the index of the next one.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves: the same as [`crate::root`] of all leaf hashes.
    pub fn root(&self) -> Hash {
        let above = self.peaks.iter().rev().copied().reduce(|right, left| node_hash(left, right));
        above.unwrap_or_else(empty_root)
    }

    /// Size and root.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root() }
    }

    /// The stored form: the size as 8 bytes, big-endian, and 32 bytes for each peak, the largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        self.peaks.iter().for_each(|peak| bytes.extend_from_slice(peak.bytes()));
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the size is missing or above 2^53 - 1, or the number of peaks is not that of the size's 1 bits.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadFrontier> {
        let (size, peaks) = bytes.split_first_chunk::<8>().ok_or(BadFrontier)?;
        let size = u64::from_be_bytes(*size);
        let (chunks, rest) = peaks.as_chunks::<32>();
        let peaks: Vec<Hash> = chunks.iter().copied().map(Hash::new).collect();
        let right_number = u32::try_from(peaks.len()) == Ok(size.count_ones());
        let well_formed = rest.is_empty() && right_number && size <= crate::MAX_INTEGER;
        if well_formed { Ok(Self { size, peaks }) } else { Err(BadFrontier) }
    }
}

/// The bytes are not a stored frontier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored frontier is malformed")]
pub struct BadFrontier;

#[cfg(test)]
mod tests {
    use super::Frontier;
    use crate::{Hash, empty_root, leaf_hash, root};

    #[test]
    fn the_frontier_is_the_whole_tree_at_every_size() {
        let leaves: Vec<Hash> = (0_u8..=130).map(|n| leaf_hash(&[n])).collect();
        let mut frontier = Frontier::empty();
        assert_eq!(frontier.root(), empty_root());
        for (size, leaf) in leaves.iter().enumerate() {
            assert_eq!(frontier.root(), root(&leaves[..size]), "size {size}");
            frontier = Frontier::from_bytes(&frontier.to_bytes()).expect("its own bytes");
            assert_eq!(frontier.size(), u64::try_from(size).expect("small"));
            frontier.append(*leaf);
        }
        assert_eq!(frontier.root(), root(&leaves));
    }

    #[test]
    fn malformed_bytes_are_refused() {
        let mut three = Frontier::empty();
        (0..3).for_each(|n| three.append(leaf_hash(&[n])));
        let bytes = three.to_bytes();
        for end in 0..bytes.len() {
            assert!(Frontier::from_bytes(&bytes[..end]).is_err(), "cut to {end} bytes");
        }
        let mut other_size = bytes.clone();
        other_size[7] = 4;
        let mut huge = u64::MAX.to_be_bytes().to_vec();
        huge.extend([0; 64 * 32]);
        for bad in
            [[bytes.as_slice(), &[0]].concat(), [bytes.as_slice(), &[0; 32]].concat(), other_size, huge]
        {
            assert!(Frontier::from_bytes(&bad).is_err());
        }
    }
}
