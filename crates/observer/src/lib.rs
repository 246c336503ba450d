//! The complete observer: what somebody blinded can prove about who shares an arm with whom, from everything that was
//! seen of the supply.
//!
//! The observer knows the method, every shipment, every shelf, every kit number handed out, every refusal, the block
//! structure if so told, and any number of code breaks; and it reasons without limit. For every pair of subjects it
//! either proves that they share an arm or that they do not, or it shows two *worlds* that agree with everything seen,
//! one of each. So a pair that is not proved cannot be proved by anybody from the same observation.
//!
//! That a pair is **not** proved rests on worlds alone, and each of them is checked by [`check`], which knows nothing
//! of the search. The solver is trusted only where it says that a pair **is** proved.
//!
//! A kit type serves one arm and an arm has one kit type, so here a kit is known by the [`terms::Arm`] that it serves.
//! The room does not know where an observation came from; docs/SUPPLY.md describes its file.

mod blocks;
mod check;
mod clauses;
mod deduce;
#[cfg(test)]
mod exhaustive;
mod observation;
mod puzzle;
mod text;

pub use check::{Inconsistency, check};
pub use deduce::{Contradiction, Deduction, Pair, Verdict, deduce};
pub use observation::{
    CodeBroken, Due, Event, Format, HandedOut, NotServed, Observation, PickRule, Problem, Randomized,
    Received, SeenKit, StockSeen, ToldApart,
};

use std::collections::BTreeMap;

use terms::{Arm, KitNumber, SubjectId};

/// One way in which everything could be: an arm for every subject, and for every kit the arm that it serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct World {
    /// The arm of every subject.
    pub subjects: BTreeMap<SubjectId, Arm>,
    /// The arm that every kit serves.
    pub kits: BTreeMap<KitNumber, Arm>,
}
