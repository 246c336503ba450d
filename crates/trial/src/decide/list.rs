//! The life of an allocation list, and the reading of it.

use allocator::{AllocationList, Entry};
use terms::{Arm, ListId, Sealed, UserId};

use crate::act::Act;
use crate::study::SealedDesign;
use crate::{Engine, Grant, ListState, Refusal};

/// A second, unblinded person approves a list that measures up to its design (SEQ-03, SEQ-06).
///
/// # Errors
/// [`Refusal::ListState`], [`Refusal::SamePerson`], [`Refusal::ListMismeasured`], in this order.
pub fn approve(
    state: ListState,
    generated_by: &UserId,
    actor: &UserId,
    measures_up: bool,
) -> Result<(), Refusal> {
    match state {
        ListState::Generated => {}
        state => return Err(Refusal::ListState(state.into())),
    }
    if generated_by == actor {
        return Err(Refusal::SamePerson);
    }
    if measures_up { Ok(()) } else { Err(Refusal::ListMismeasured) }
}

/// An approved list of the current design comes into use, when no other is.
///
/// # Errors
/// [`Refusal::ListState`].
pub fn activate(state: ListState, another_is_active: bool) -> Result<(), Refusal> {
    match state {
        ListState::Approved if another_is_active => Err(Refusal::ListState("not the only one in use")),
        ListState::Approved => Ok(()),
        state => Err(Refusal::ListState(state.into())),
    }
}

/// A list is given up. One that has given an allocation never is (SEQ-10).
///
/// # Errors
/// [`Refusal::ListState`].
pub fn discard(state: ListState, is_used: bool) -> Result<(), Refusal> {
    match state {
        ListState::Discarded => Err(Refusal::ListState("discarded")),
        _ if is_used => Err(Refusal::ListState("in use by a randomized subject")),
        _ => Ok(()),
    }
}

/// A stored position with its arm still sealed.
pub struct StoredPosition {
    /// The block, counted from 0 in the stratum.
    pub block: u32,
    /// The arm.
    pub arm: Sealed<Arm>,
}

/// Whether the stored positions of every stratum, in order, measure up to the design.
pub fn measures_up(sealed: &SealedDesign, strata: &[Vec<StoredPosition>]) -> bool {
    let engine = Engine::new();
    let entry = |stored: &StoredPosition| Entry { block: stored.block, arm: *stored.arm.open(&engine) };
    let strata = strata.iter().map(|stratum| stratum.iter().map(entry).collect()).collect();
    allocator::measure(&AllocationList::from_strata(strata), sealed.block_design()).is_empty()
}

/// A human read of a list's positions: its record, and with it the permit.
pub fn read_positions(list: ListId) -> (Act, Grant) {
    (Act::PositionsRead { list }, Grant::new())
}

/// A human read of the reconciliation: its record, and with it the permit.
pub fn read_reconciliation() -> (Act, Grant) {
    (Act::ReconciliationRead {}, Grant::new())
}
