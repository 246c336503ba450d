//! What the movements of a place add up to.

use std::collections::BTreeMap;

use terms::KitNumber;

use crate::{BadMovement, Inconsistency, KitState, Movement, Place};

/// The account of one place: what came in, what went on, and what the rest is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    received: u32,
    passed_on: u32,
    counts: BTreeMap<KitState, u32>,
}

impl Balance {
    /// How many kits have come in: registered in the store, received at a site.
    pub const fn received(&self) -> u32 {
        self.received
    }

    /// How many kits have gone on to another place; always 0 at a site, which passes nothing on.
    pub const fn passed_on(&self) -> u32 {
        self.passed_on
    }

    /// How many kits of the place are in this state.
    pub fn count(&self, state: KitState) -> u32 {
        self.counts.get(&state).copied().unwrap_or(0)
    }

    /// KIT-05: received = available + quarantined + allocated + dispensed + damaged + lost + dispensed in
    /// error, and what was passed on. In the store, registered and released kits take the place of those at
    /// hand.
    pub fn is_conserved(&self) -> bool {
        let now: u32 = self.counts.values().sum();
        self.received == self.passed_on + now
    }

    fn leave(&mut self, state: KitState) -> Result<(), BadMovement> {
        let count = self.counts.get_mut(&state).filter(|count| **count > 0);
        *count.ok_or(BadMovement::OtherState)? -= 1;
        Ok(())
    }

    fn enter(&mut self, state: KitState) {
        *self.counts.entry(state).or_insert(0) += 1;
    }
}

/// The account of every place, by any grouping of kits: by kit type for those who may know it, by batch, or
/// `|_| ()` for the totals that a blinded person may see.
///
/// It believes the states that the movements name and does not use the transition table, so that it checks
/// [`crate::replay`] and is checked by it.
///
/// # Errors
/// [`Inconsistency`] when a kit leaves a state that no kit of its group is in at its place, comes to exist
/// twice, or moves before it exists.
pub fn balances<G: Ord + Clone>(
    movements: &[Movement],
    group_of: impl Fn(KitNumber) -> G,
) -> Result<BTreeMap<(G, Place), Balance>, Inconsistency> {
    let mut accounts = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (index, movement) in movements.iter().enumerate() {
        let group = group_of(movement.kit);
        let place_before = places.insert(movement.kit, movement.place.clone());
        enter_both_sides(&mut accounts, &group, place_before, movement).map_err(|why| Inconsistency {
            index,
            kit: movement.kit,
            why,
        })?;
    }
    Ok(accounts)
}

fn enter_both_sides<G: Ord + Clone>(
    accounts: &mut BTreeMap<(G, Place), Balance>,
    group: &G,
    place_before: Option<Place>,
    movement: &Movement,
) -> Result<(), BadMovement> {
    let arrives = place_before.as_ref() != Some(&movement.place);
    match (place_before, movement.from) {
        (None, None) => {}
        (Some(place), Some(state)) => {
            let old = accounts.entry((group.clone(), place)).or_default();
            old.leave(state)?;
            old.passed_on += u32::from(arrives);
        }
        _ => return Err(BadMovement::OtherState),
    }
    let new = accounts.entry((group.clone(), movement.place.clone())).or_default();
    new.received += u32::from(arrives);
    new.enter(movement.to);
    Ok(())
}
