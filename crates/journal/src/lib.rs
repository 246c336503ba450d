//! The append-only record of every act, and the mathematics that lets a stranger check it: append, sign,
//! prove, verify. What an act means is not known here; `docs/JOURNAL.md` gives every byte.
//!
//! An auditor reads in this order: [`leaf_hash`] and [`root`] (the tree), [`Frontier`] (how an append needs
//! no other leaf), [`Commitment`] (how a hidden value is still fixed), [`canonical`] (one spelling for one
//! record), [`Checkpoint`] (the signed head, and the signer that refuses to rewrite history), [`Export`] (the
//! file), and [`verify_text`] (what is checked, offline, and what cannot be).
//!
//! AUD-05: every entry is hashed into the tree and the head is signed and kept elsewhere, so a change, a
//! deletion, a new order and a truncation show.

mod canonical;
mod checkpoint;
mod commitment;
mod export;
mod frontier;
mod hash;
mod note;
mod tree;
mod verify;

pub use canonical::{MAX_DEPTH, MAX_INTEGER, NotCanonical, canonical, is_canonical};
pub use checkpoint::{Checkpoint, RefusedToSign, SignedNote};
pub use commitment::{Commitment, commit};
pub use export::{BadExport, Entry, Export, FORMAT, OpenedTree, Opening};
pub use frontier::{BadFrontier, Frontier};
pub use hash::{BadHash, Hash, empty_root, leaf_hash, node_hash};
pub use note::{BadKey, BadNote, SigningKey, VerifyingKey};
pub use tree::{Head, consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion};
pub use verify::{Check, Outcome, verify, verify_text};
