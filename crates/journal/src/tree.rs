//! The Merkle tree of RFC 6962, and its two proofs.
//!
//! The makers of proofs follow the recursive definitions of RFC 6962, 2.1; the checkers follow the loops of
//! RFC 9162, 2.1.3.2 and 2.1.4.2. They share nothing but the node hash, so each tests the other. All are
//! total: whatever the numbers and the proof, a checker answers yes or no and never fails.

use crate::hash::{Hash, empty_root, node_hash};

/// What stands for a whole tree: the number of its leaves and the root over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// The root over the leaf hashes, in order.
pub fn root(leaves: &[Hash]) -> Hash {
    match (leaves, halves(leaves)) {
        (_, Some((left, right))) => node_hash(root(left), root(right)),
        ([leaf], None) => *leaf,
        _ => empty_root(),
    }
}

/// The proof that the leaf of this index is in the tree, from the leaf upward; `None` when there is no such
/// leaf.
pub fn inclusion_proof(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    if index >= count(leaves) {
        return None;
    }
    let Some((left, right)) = halves(leaves) else { return Some(Vec::new()) };
    let (mut proof, sibling) = match index.checked_sub(count(left)) {
        None => (inclusion_proof(left, index)?, right),
        Some(index) => (inclusion_proof(right, index)?, left),
    };
    proof.push(root(sibling));
    Some(proof)
}

/// Whether the proof shows that the leaf hash stands at the index of the tree with this head.
pub fn verify_inclusion(leaf: Hash, index: u64, tree: Head, proof: &[Hash]) -> bool {
    let Some(last) = tree.size.checked_sub(1) else { return false };
    if index > last {
        return false;
    }
    let (mut path, mut hash) = (Path { node: index, last }, leaf);
    for sibling in proof {
        match path.climb() {
            Some(Side::Left) => hash = node_hash(*sibling, hash),
            Some(Side::Right) => hash = node_hash(hash, *sibling),
            None => return false,
        }
    }
    path.last == 0 && hash == tree.root
}

/// The proof that the tree's first `old_size` leaves are a prefix of all; `None` when there are not so many.
pub fn consistency_proof(leaves: &[Hash], old_size: u64) -> Option<Vec<Hash>> {
    match old_size {
        0 => Some(Vec::new()),
        _ if old_size > count(leaves) => None,
        _ => Some(subproof(leaves, old_size, true)),
    }
}

/// Whether the proof shows that the old tree is a prefix of the new one. The empty tree is a prefix of every
/// tree, and every tree of itself, both by the empty proof.
pub fn verify_consistency(old: Head, new: Head, proof: &[Hash]) -> bool {
    let empty_is_empty = |head: Head| head.size > 0 || head.root == empty_root();
    if old.size > new.size || !empty_is_empty(old) || !empty_is_empty(new) {
        return false;
    }
    if old.size == 0 || old.size == new.size {
        return proof.is_empty() && (old.size == 0 || old.root == new.root);
    }
    // When the old tree is one complete tree, its root is where the proof begins, and the proof leaves it
    // out.
    let complete = old.size.is_power_of_two();
    let (seed, rest) = match proof.split_first() {
        Some(_) if complete => (old.root, proof),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    climb_both(old, new, seed, rest)
}

/// From the largest complete tree that ends the old one, up to both roots.
fn climb_both(old: Head, new: Head, seed: Hash, proof: &[Hash]) -> bool {
    let mut path = Path { node: old.size.saturating_sub(1), last: new.size.saturating_sub(1) };
    path.rise(path.node.trailing_ones());
    let (mut old_hash, mut new_hash) = (seed, seed);
    for sibling in proof {
        match path.climb() {
            Some(Side::Left) => {
                old_hash = node_hash(*sibling, old_hash);
                new_hash = node_hash(*sibling, new_hash);
            }
            Some(Side::Right) => new_hash = node_hash(new_hash, *sibling),
            None => return false,
        }
    }
    path.last == 0 && old_hash == old.root && new_hash == new.root
}

/// `SUBPROOF` of RFC 6962, 2.1.2. `known` says that the verifier has the root of the first `old_size` leaves.
fn subproof(leaves: &[Hash], old_size: u64, known: bool) -> Vec<Hash> {
    let Some((left, right)) = halves(leaves).filter(|_| old_size < count(leaves)) else {
        return if known { Vec::new() } else { vec![root(leaves)] };
    };
    let (mut proof, sibling) = match old_size.checked_sub(count(left)) {
        None | Some(0) => (subproof(left, old_size, known), right),
        Some(old_size) => (subproof(right, old_size, false), left),
    };
    proof.push(root(sibling));
    proof
}

/// Where a proof's next hash stands beside the path.
enum Side {
    Left,
    Right,
}

/// A node on the way from a leaf to the root, and the last node of its level.
struct Path {
    node: u64,
    last: u64,
}

impl Path {
    /// One hash of the proof further up: its side, or `None` when the path has already ended.
    fn climb(&mut self) -> Option<Side> {
        if self.last == 0 {
            return None;
        }
        let side = if self.node % 2 == 1 || self.node == self.last { Side::Left } else { Side::Right };
        if self.node == self.last {
            // A last node without a sibling is carried up unchanged until it is a right child.
            self.rise(self.node.trailing_zeros());
        }
        self.rise(1);
        Some(side)
    }

    fn rise(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }
}

/// The leaves split at the largest power of two below their number; `None` for fewer than two.
fn halves(leaves: &[Hash]) -> Option<(&[Hash], &[Hash])> {
    if leaves.len() < 2 { None } else { leaves.split_at_checked(leaves.len().next_power_of_two() / 2) }
}

/// The number of leaves. No machine holds more than 2^64.
fn count(leaves: &[Hash]) -> u64 {
    u64::try_from(leaves.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
