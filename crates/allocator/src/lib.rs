//! The allocator: an allocation list from 32 secret bytes and a block design, and exact facts about the
//! design.
//!
//! The algorithm is `iwrs-alloc-1`, published in `docs/ALLOCATION.md`: permuted blocks of one or several
//! sizes, any number of arms in any integer ratio, one stream of words for every stratum and block. It keeps
//! no state between blocks, so any block can be derived alone, and no crash or retry can skip or repeat a
//! position.
//!
//! ```
//! use allocator::{BlockDesign, derive, measure};
//!
//! let design = BlockDesign::new(&[1, 1, 1], &[6], &[36]).expect("a design without problems");
//! let list = derive(&[7; 32], "imodals", "list-1", &design);
//! assert_eq!(list.rows().count(), 36);
//! assert_eq!(measure(&list, &design), []);
//! ```
//!
//! This room knows no studies, subjects or kits: a study and a list are two words that keep lists apart.

mod commitment;
mod deduce;
mod derive;
mod design;
mod list;
mod measure;
pub mod predictability;

pub use commitment::{LEAF_BYTES, commitment_leaf, salt};
pub use deduce::deducible;
pub use derive::{ALGORITHM, derive, derive_block};
pub use design::{BlockDesign, DesignProblem};
pub use list::{AllocationList, Entry};
pub use measure::{Mismatch, measure};
