//! The life of an allocation list, and the reading of it.

use allocator::{AllocationList, Entry};
use journal::Hash;
use terms::{Arm, KitType, ListId, Position, Sealed, Stratum, StudyId, UserId};

use crate::act::Act;
use crate::study::SealedDesign;
use crate::{Engine, Grant, ListState, Refusal};

/// Whether this person may approve the list: a second, unblinded one (SEQ-03, SEQ-06). It still has to measure up:
/// see [`root`] and [`measures_up`].
///
/// # Errors
/// [`Refusal::ListState`], [`Refusal::SamePerson`], in this order.
pub fn approve(state: ListState, generated_by: &UserId, actor: &UserId) -> Result<(), Refusal> {
    match state {
        ListState::Generated if generated_by == actor => Err(Refusal::SamePerson),
        ListState::Generated => Ok(()),
        state => Err(Refusal::ListState(state.into())),
    }
}

/// An approved list of the current design comes into use, when no other is.
///
/// # Errors
/// [`Refusal::ListState`].
pub fn activate(
    state: ListState,
    is_of_current_design: bool,
    another_is_active: bool,
) -> Result<(), Refusal> {
    match state {
        ListState::Approved if !is_of_current_design => {
            Err(Refusal::ListState("made for another version of the design"))
        }
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

/// A stored position, opened but still sealed to everybody's eyes.
pub struct StoredPosition {
    /// The stratum.
    pub stratum: Stratum,
    /// The position in it.
    pub position: Position,
    /// The salt of its commitment.
    pub salt: Sealed<[u8; 32]>,
    /// The arm.
    pub arm: Sealed<Arm>,
}

/// The commitment to the stored positions, in order. When it is that of the list's generation, no arm was exchanged
/// since (SEQ-06).
pub fn root(positions: &[StoredPosition]) -> Hash {
    let engine = Engine::new();
    let leaf = |stored: &StoredPosition| {
        let (salt, arm) = (stored.salt.open(&engine), *stored.arm.open(&engine));
        journal::leaf_hash(&allocator::commitment_leaf(salt, stored.stratum, stored.position, arm))
    };
    journal::root(&positions.iter().map(leaf).collect::<Vec<_>>())
}

/// Whether the stored positions, in order, measure up to the design (SEQ-18, SEQ-19). Where a block begins follows
/// from the seed; the arms are the stored ones.
pub fn measures_up(
    design: &SealedDesign,
    study: &StudyId,
    list: &ListId,
    seed: &Sealed<[u8; 32]>,
    positions: &[StoredPosition],
) -> bool {
    let engine = Engine::new();
    let blocks = design.block_design();
    let derived = allocator::derive(seed.open(&engine), study.as_str(), list.as_str(), blocks);
    let places = derived.rows().map(|(stratum, position, _)| (stratum, position));
    if !places.eq(positions.iter().map(|stored| (stored.stratum, stored.position))) {
        return false;
    }
    let mut arms = positions.iter().map(|stored| *stored.arm.open(&engine));
    let mut entry = |derived: &Entry| Some(Entry { block: derived.block, arm: arms.next()? });
    let strata = derived.strata().iter();
    let stored = strata.map(|stratum| stratum.iter().filter_map(&mut entry).collect()).collect();
    allocator::measure(&AllocationList::from_strata(stored), blocks).is_empty()
}

/// A human read of a list's positions: its record, and with it the permit.
pub fn read_positions(list: ListId) -> (Act, Grant) {
    (Act::PositionsRead { list }, Grant::new())
}

/// A human read of the reconciliation: its record, and with it the permit.
pub fn read_reconciliation() -> (Act, Grant) {
    (Act::ReconciliationRead {}, Grant::new())
}

/// Whether a kit holds what the subject's arm wants: the question that a reconciliation asks of every kit.
pub fn serves(design: &SealedDesign, arm: &Sealed<Arm>, kit: &Sealed<KitType>, grant: &Grant) -> bool {
    design.kit_type_of(*arm.open(grant)) == Some(*kit.open(grant))
}
