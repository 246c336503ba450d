//! `iwrs-alloc-1`: from a seed and a design to a list. Published in `docs/ALLOCATION.md`; a change here is
//! another algorithm and needs another name.

use draw::{Key, Words};
use terms::{Arm, Stratum};

use crate::{AllocationList, BlockDesign, Entry};

/// The name of the algorithm, and the first part of the purpose of its key.
pub const ALGORITHM: &str = "iwrs-alloc-1";

/// SEQ-02: the one list of a seed, a study, a list and a design.
///
/// The seed is 32 bytes from the operating system; `study` and `list` keep the lists of one seed apart.
///
/// # Panics
/// When `study` or `list` holds a `|`; see [`Key::derive`].
pub fn derive(seed: &[u8; 32], study: &str, list: &str, design: &BlockDesign) -> AllocationList {
    let maker = BlockMaker::new(seed, study, list, design);
    let lengths = (0..).map(Stratum::new).zip(design.lengths());
    AllocationList::from_strata(lengths.map(|(stratum, length)| maker.stratum(stratum, *length)).collect())
}

/// One block alone, as it stands in the list: its arms in order. It does not matter whether the list reaches
/// so far.
///
/// # Panics
/// When `study` or `list` holds a `|`; see [`Key::derive`].
pub fn derive_block(
    seed: &[u8; 32],
    study: &str,
    list: &str,
    design: &BlockDesign,
    stratum: Stratum,
    block: u32,
) -> Vec<Arm> {
    let mut entries = Vec::new();
    BlockMaker::new(seed, study, list, design).append_block(stratum, block, &mut entries);
    entries.iter().map(|entry| entry.arm).collect()
}

/// What all blocks of a list have in common.
struct BlockMaker<'a> {
    key: Key,
    sizes: &'a [u32],
    /// Rounds of arms up to the largest size; a block begins as the first part of it.
    rounds: Vec<Arm>,
}

impl<'a> BlockMaker<'a> {
    fn new(seed: &[u8; 32], study: &str, list: &str, design: &'a BlockDesign) -> Self {
        let largest = usize::try_from(design.largest_size()).unwrap_or(usize::MAX);
        let rounds = design.round_of_arms().into_iter().cycle().take(largest).collect();
        Self { key: Key::derive(seed, &[ALGORITHM, study, list]), sizes: design.sizes(), rounds }
    }

    /// Whole blocks until the stratum has at least its length; the last block is kept whole (SEQ-14).
    fn stratum(&self, stratum: Stratum, length: u32) -> Vec<Entry> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        // Room for all at once: a vector that grew would leave copies of arms behind.
        let mut entries = Vec::with_capacity(length.saturating_add(self.rounds.len()));
        let mut block = 0;
        while entries.len() < length {
            self.append_block(stratum, block, &mut entries);
            block += 1;
        }
        entries
    }

    fn append_block(&self, stratum: Stratum, block: u32, entries: &mut Vec<Entry>) {
        let mut words = self.key.words(u64::from(stratum.index()) << 32 | u64::from(block));
        let size = self.draw_size(&mut words);
        let start = entries.len();
        entries.extend(self.rounds.iter().take(size).map(|arm| Entry { block, arm: *arm }));
        let (_, drawn) = entries.split_at_mut(start);
        words.shuffle(drawn);
    }

    /// A single size takes no word.
    fn draw_size(&self, words: &mut Words) -> usize {
        let drawn = match self.sizes {
            [only] => Some(only),
            several => u32::try_from(several.len())
                .ok()
                .and_then(|count| usize::try_from(words.below(count)).ok())
                .and_then(|index| several.get(index)),
        };
        let Some(size) = drawn.and_then(|size| usize::try_from(*size).ok()) else {
            panic!("below gave an index beyond the sizes of a checked design")
        };
        size
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod uniform;
