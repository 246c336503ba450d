//! The life of an allocation list, and the reading of it.

use std::collections::BTreeSet;

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

/// Whether what is stored for a position was sealed for it: its salt follows from the list's seed and the place, so an
/// arm that was moved from another place is found.
pub fn is_in_place(study: &StudyId, list: &ListId, seed: &Sealed<[u8; 32]>, stored: &StoredPosition) -> bool {
    let engine = Engine::new();
    let (study, list) = (study.as_str(), list.as_str());
    let salt = allocator::salt(seed.open(&engine), study, list, stored.stratum, stored.position);
    salt == *stored.salt.open(&engine)
}

/// Whether the stored positions are exactly those that the list's seed gives, arm by arm and in order (SEQ-02, SEQ-17).
pub fn is_derived(
    design: &SealedDesign,
    study: &StudyId,
    list: &ListId,
    seed: &Sealed<[u8; 32]>,
    positions: &[StoredPosition],
) -> bool {
    let engine = Engine::new();
    let derived = allocator::derive(seed.open(&engine), study.as_str(), list.as_str(), design.block_design());
    let rows = derived.rows().map(|(stratum, position, entry)| (stratum, position, entry.arm));
    rows.eq(positions.iter().map(|stored| (stored.stratum, stored.position, *stored.arm.open(&engine))))
}

/// The places of the list whose arm somebody can tell who knows the blocks and all `broken` codes (UNB-13).
pub fn deducible(
    design: &SealedDesign,
    study: &StudyId,
    list: &ListId,
    seed: &Sealed<[u8; 32]>,
    broken: &BTreeSet<(Stratum, Position)>,
) -> Vec<(Stratum, Position)> {
    let engine = Engine::new();
    let derived = allocator::derive(seed.open(&engine), study.as_str(), list.as_str(), design.block_design());
    allocator::deducible(&derived, broken)
}

/// A human read of a list's positions: its record, and with it the permit.
pub fn read_positions(list: ListId) -> (Act, Grant) {
    (Act::PositionsRead { list }, Grant::new())
}

/// The printing of envelopes: a human read as well, of the list in use alone. A paper that says which treatment a
/// position of another list has would be a wrong one (UNB-06).
///
/// # Errors
/// [`Refusal::ListState`].
pub fn print_envelopes(state: ListState, list: ListId) -> Result<(Act, Grant), Refusal> {
    match state {
        ListState::Active => Ok((Act::EnvelopesPrinted { list }, Grant::new())),
        other => Err(Refusal::ListState(other.into())),
    }
}

/// A human read of the reconciliation: its record, and with it the permit.
pub fn read_reconciliation() -> (Act, Grant) {
    (Act::ReconciliationRead {}, Grant::new())
}

/// A human read of the balance of the arms: its record, and with it the permit.
pub fn read_balance() -> (Act, Grant) {
    (Act::BalanceRead {}, Grant::new())
}

/// A human read of the block sizes: its record. Whoever knows them guesses better, and sees no arm by them.
pub const fn read_block_sizes() -> Act {
    Act::BlockSizesRead {}
}

/// A human read of the stock of each kit type: its record, and with it the permit.
pub fn read_stock_by_type() -> (Act, Grant) {
    (Act::StockByTypeRead {}, Grant::new())
}

/// Whether a kit holds what the subject's arm wants: the question that a reconciliation asks of every kit.
pub fn serves(design: &SealedDesign, arm: &Sealed<Arm>, kit: &Sealed<KitType>, grant: &Grant) -> bool {
    design.kit_type_of(*arm.open(grant)) == Some(*kit.open(grant))
}

#[cfg(test)]
mod tests {
    use terms::{Arm, ListId, Position, Sealed, Stratum, StudyId, UserId};

    use super::{StoredPosition, activate, approve, discard, measures_up, print_envelopes, root};
    use crate::study::{SealedDesign, StudyDesign};
    use crate::{ListState, Refusal};

    const SEED: [u8; 32] = [7; 32];

    fn user(id: &str) -> UserId {
        UserId::parse(id).expect("an id")
    }

    #[test]
    fn seq_03_a_second_person_approves_a_generated_list() {
        let (maker, second) = (user("maker"), user("second"));
        #[rustfmt::skip]
        let table = [
            (ListState::Generated, &second, Ok(())),
            (ListState::Generated, &maker,  Err(Refusal::SamePerson)),
            (ListState::Approved,  &second, Err(Refusal::ListState("approved"))),
            (ListState::Approved,  &maker,  Err(Refusal::ListState("approved"))),
            (ListState::Active,    &second, Err(Refusal::ListState("active"))),
            (ListState::Discarded, &second, Err(Refusal::ListState("discarded"))),
        ];
        for (state, actor, expected) in table {
            assert_eq!(approve(state, &maker, actor), expected, "{state} by {actor}");
        }
    }

    #[test]
    fn seq_10_a_list_comes_into_use_once_and_a_used_one_is_never_given_up() {
        let other = Refusal::ListState("made for another version of the design");
        #[rustfmt::skip]
        let table = [
            (ListState::Approved,  true,  false, Ok(())),
            (ListState::Approved,  true,  true,  Err(Refusal::ListState("not the only one in use"))),
            (ListState::Approved,  false, false, Err(other.clone())),
            (ListState::Approved,  false, true,  Err(other)),
            (ListState::Generated, true,  false, Err(Refusal::ListState("generated"))),
            (ListState::Active,    true,  true,  Err(Refusal::ListState("active"))),
            (ListState::Discarded, true,  false, Err(Refusal::ListState("discarded"))),
        ];
        for (state, is_current, another, expected) in table {
            assert_eq!(activate(state, is_current, another), expected, "{state} {is_current} {another}");
        }
        for state in [ListState::Generated, ListState::Approved, ListState::Active] {
            assert_eq!(discard(state, false), Ok(()), "{state}");
            let used = Err(Refusal::ListState("in use by a randomized subject"));
            assert_eq!(discard(state, true), used, "{state}");
        }
        assert_eq!(discard(ListState::Discarded, false), Err(Refusal::ListState("discarded")));
    }

    #[test]
    fn unb_06_envelopes_are_printed_of_the_list_in_use_alone() {
        for state in [ListState::Generated, ListState::Approved, ListState::Active, ListState::Discarded] {
            let printed = print_envelopes(state, ListId::parse("list-1").expect("an id"));
            assert_eq!(printed.is_ok(), state == ListState::Active, "{state}");
        }
    }

    /// The shipped design with blocks of 6, its list, and the stored positions of it after a change.
    fn stored(change: impl Fn(&mut Vec<(u32, u8)>)) -> (SealedDesign, ListId, Vec<StoredPosition>) {
        let design = StudyDesign::from_toml(include_str!("../../../../config/imodals.toml"));
        let design = design.expect("the shipped design");
        let sealed = SealedDesign::from_toml(include_str!("../../../../config/imodals.sealed.toml"), &design);
        let Ok(sealed) = sealed else { panic!("the shipped sealed design") };
        let list = ListId::parse("list-1").expect("an id");
        let derived = allocator::derive(&SEED, "imodals", list.as_str(), sealed.block_design());
        let mut arms = derived.rows().map(|(_, place, entry)| (place.index(), entry.arm.index())).collect();
        change(&mut arms);
        let position = |(position, arm): (u32, u8)| {
            let (stratum, position) = (Stratum::new(0), Position::new(position));
            let salt = allocator::salt(&SEED, "imodals", list.as_str(), stratum, position);
            StoredPosition { stratum, position, salt: Sealed::new(salt), arm: Sealed::new(Arm::new(arm)) }
        };
        let positions = arms.into_iter().map(position).collect();
        (sealed, list, positions)
    }

    /// Whether the changed list measures up, and whether it is the one that was committed to.
    fn judged(change: impl Fn(&mut Vec<(u32, u8)>)) -> (bool, bool) {
        let study = StudyId::parse("imodals").expect("an id");
        let committed = root(&stored(|_| ()).2);
        let (sealed, list, positions) = stored(change);
        let up = measures_up(&sealed, &study, &list, &Sealed::new(SEED), &positions);
        (up, root(&positions) == committed)
    }

    #[test]
    fn seq_19_a_stored_list_is_measured_by_its_shape_and_by_its_commitment() {
        let set = |place: usize, arm: u8| move |arms: &mut Vec<(u32, u8)>| arms[place].1 = arm;
        let swap_unlike = |arms: &mut Vec<(u32, u8)>| {
            let other = arms.iter().position(|(_, arm)| *arm != arms[0].1).expect("another arm");
            let (one, two) = (arms[0].1, arms[other].1);
            (arms[0].1, arms[other].1) = (two, one);
        };
        assert_eq!(judged(|_| ()), (true, true));
        // In shape, and still not the list: only the commitment sees it.
        assert_eq!(judged(swap_unlike), (true, false));
        assert_eq!(judged(set(0, 9)), (false, false));
        assert_eq!(judged(|arms| arms.truncate(47)), (false, false));
        assert_eq!(judged(|arms| arms.push((48, 0))), (false, false));
        assert_eq!(judged(|arms| arms.swap(0, 1)), (false, false), "the order of positions");
        let all_alike = |arms: &mut Vec<(u32, u8)>| arms.iter_mut().take(6).for_each(|entry| entry.1 = 0);
        assert_eq!(judged(all_alike), (false, false));
    }
}
