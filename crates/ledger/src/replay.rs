//! From all movements to all kits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use terms::KitNumber;

use crate::{BadMovement, Kit, Movement};

/// Every kit as its movements have left it. The movements stand in the order of the journal.
///
/// # Errors
/// [`Inconsistency`] at the first movement that cannot follow those before it.
pub fn replay(movements: &[Movement]) -> Result<BTreeMap<KitNumber, Kit>, Inconsistency> {
    let mut kits: BTreeMap<KitNumber, Kit> = BTreeMap::new();
    for (index, movement) in movements.iter().enumerate() {
        let after = Kit::after(kits.get(&movement.kit), movement);
        kits.insert(movement.kit, after.map_err(|why| Inconsistency { index, kit: movement.kit, why })?);
    }
    Ok(kits)
}

/// The kits whose stored form differs from the replayed one, those that are missing on one side included.
/// None at all is the only good answer.
pub fn differences(
    replayed: &BTreeMap<KitNumber, Kit>,
    stored: &BTreeMap<KitNumber, Kit>,
) -> BTreeSet<KitNumber> {
    let numbers = replayed.keys().chain(stored.keys()).copied();
    numbers.filter(|kit| replayed.get(kit) != stored.get(kit)).collect()
}

/// The ledger contradicts itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inconsistency {
    /// Which movement, counted from 0.
    pub index: usize,
    /// Its kit.
    pub kit: KitNumber,
    /// What is wrong with it.
    pub why: BadMovement,
}

impl fmt::Display for Inconsistency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "movement {} of kit {}: {}", self.index, self.kit, self.why)
    }
}

impl std::error::Error for Inconsistency {}
