use super::{Head, consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion};
use crate::hash::{Hash, empty_root, leaf_hash, node_hash};

/// Leaves and roots of the test of Certificate Transparency, the first implementation of RFC 6962
/// (`merkle_tree_test.cc` in github.com/google/certificate-transparency; the same in
/// transparency-dev/merkle).
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn published() -> Vec<Hash> {
    LEAVES.iter().map(|leaf| leaf_hash(&hex::decode(leaf).expect("hex"))).collect()
}

fn many(size: u8) -> Vec<Hash> {
    (0..size).map(|n| leaf_hash(&[n])).collect()
}

/// The root by levels: pairs are joined, an odd last node is carried up. Written unlike the recursion on
/// purpose.
fn root_by_levels(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| pair.iter().copied().reduce(node_hash).expect("a node")).collect();
    }
    level.first().copied().unwrap_or_else(empty_root)
}

fn head(leaves: &[Hash]) -> Head {
    Head { size: u64::try_from(leaves.len()).expect("small"), root: root_by_levels(leaves) }
}

#[test]
fn roots_are_those_published() {
    let leaves = published();
    for (size, expected) in ROOTS.iter().enumerate() {
        assert_eq!(root(&leaves[..size]).to_string(), *expected, "size {size}");
        assert_eq!(root_by_levels(&leaves[..size]).to_string(), *expected, "size {size}");
    }
}

#[test]
fn proofs_are_those_published() {
    let text = |proof: Option<Vec<Hash>>| {
        proof.map(|proof| {
            proof.iter().map(|hash| hash.to_string()[..8].to_owned()).collect::<Vec<_>>().join(" ")
        })
    };
    let leaves = published();
    // The first 8 digits of each hash of the published proofs.
    for (index, size, expected) in [
        (0, 1, Some("")),
        (0, 8, Some("96a296d2 5f083f0a 6b47aaf2")),
        (5, 8, Some("bc1a0643 ca854ea1 d37ee418")),
        (2, 3, Some("fac54203")),
        (1, 5, Some("6e340b9c 5f083f0a bc1a0643")),
        (1, 1, None),
        (8, 8, None),
        (0, 0, None),
    ] {
        assert_eq!(text(inclusion_proof(&leaves[..size], index)).as_deref(), expected, "{index} of {size}");
    }
    for (old, new, expected) in [
        (1, 1, Some("")),
        (1, 8, Some("96a296d2 5f083f0a 6b47aaf2")),
        (6, 8, Some("0ebc5d34 ca854ea1 d37ee418")),
        (2, 5, Some("5f083f0a bc1a0643")),
        (6, 7, Some("0ebc5d34 b08693ec d37ee418")),
        (0, 8, Some("")),
        (8, 7, None),
    ] {
        assert_eq!(text(consistency_proof(&leaves[..new], old)).as_deref(), expected, "{old} in {new}");
    }
}

#[test]
fn every_inclusion_proof_holds_and_every_change_to_it_fails() {
    for size in 0..=70 {
        let leaves = many(size);
        let tree = head(&leaves);
        assert_eq!(root(&leaves), tree.root, "size {size}");
        for (index, leaf) in (0_u64..).zip(&leaves) {
            let proof = inclusion_proof(&leaves, index).expect("a proof");
            assert!(verify_inclusion(*leaf, index, tree, &proof), "{index} of {size}");
            assert!(!verify_inclusion(leaf_hash(b"other"), index, tree, &proof));
            assert!(!verify_inclusion(*leaf, index, Head { root: leaf_hash(b"other"), ..tree }, &proof));
            for other in [index.wrapping_sub(1), index + 1, index ^ 2, index + tree.size, u64::MAX] {
                assert!(!verify_inclusion(*leaf, other, tree, &proof), "{other} for {index} of {size}");
            }
            for changed in changes(&proof) {
                assert!(!verify_inclusion(*leaf, index, tree, &changed), "{index} of {size}");
            }
        }
    }
}

#[test]
fn every_consistency_proof_holds_and_every_change_to_it_fails() {
    let all = many(70);
    let heads: Vec<Head> = (0..=all.len()).map(|size| head(&all[..size])).collect();
    for new in heads.iter().copied() {
        let size = new.size;
        let leaves = many(u8::try_from(size).expect("small"));
        for old in heads[..=leaves.len()].iter().copied() {
            let old_size = old.size;
            let proof = consistency_proof(&leaves, old.size).expect("a proof");
            assert!(verify_consistency(old, new, &proof), "{old_size} in {size}");
            for (old, new) in wrong_heads(old, new) {
                assert!(!verify_consistency(old, new, &proof), "{old:?} in {new:?}");
            }
            for changed in changes(&proof) {
                assert!(!verify_consistency(old, new, &changed), "{old_size} in {size}");
            }
        }
    }
}

#[test]
fn absurd_numbers_are_answered() {
    let (a, b) = (leaf_hash(b"a"), leaf_hash(b"b"));
    let longest = vec![a; 200];
    for size in [0, 1, 2, 1 << 63, u64::MAX - 1, u64::MAX] {
        for other in [0, 1, 2, 1 << 63, u64::MAX - 1, u64::MAX] {
            for proof in [&longest[..0], &longest[..], &longest[..63], &longest[..64], &longest[..65]] {
                assert!(!verify_inclusion(b, other, Head { size, root: a }, proof));
                let (old, new) = (Head { size: other, root: b }, Head { size, root: a });
                assert!(!verify_consistency(old, new, proof));
            }
        }
    }
}

/// Each hash changed or left out, two exchanged, one more at either end.
fn changes(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[at] = leaf_hash(changed[at].bytes());
        all.push(changed);
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        all.push(shorter);
        if at > 0 {
            let mut exchanged = proof.to_vec();
            exchanged.swap(at - 1, at);
            all.push(exchanged);
        }
    }
    all.push([proof, &[empty_root()]].concat());
    all.push([&[empty_root()], proof].concat());
    all
}

/// Heads with which the proof must not hold. (A wrong size alone may go unnoticed: a proof says that one root
/// extends another, and which sizes they have is what the signature says.)
fn wrong_heads(old: Head, new: Head) -> Vec<(Head, Head)> {
    let other = leaf_hash(b"other");
    let mut all = vec![(Head { root: other, ..old }, new)];
    if old.size > 0 {
        all.push((old, Head { root: other, ..new }));
    }
    if old.size != new.size {
        all.push((new, old));
    }
    all
}
