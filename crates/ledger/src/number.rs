//! Kit numbers that tell nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use draw::Key;
use terms::{BatchId, KitNumber, KitType, StudyId};

/// How many numbers there must be for every kit, so that a guessed or misread number is hardly ever a kit.
const NUMBERS_PER_KIT: usize = 100;

/// Draws the numbers of a new batch: uniform, without replacement, in the order drawn.
///
/// The key is `Key::derive(seed, ["iwrs-kits-1", study, batch])`, stream 0. Each draw is the serial
/// `below(KitNumber::SPACE)`; a serial whose number is in `taken` or was drawn before is skipped. `taken` holds the
/// numbers of all batches that the study registered before this one. So when the seed is opened at final release,
/// anyone recomputes every number: the batches in the order of the journal, each with the numbers before it as taken.
///
/// # Errors
/// [`NumbersRefused::SpaceTooSmall`] when fewer than 100 numbers would be left for every kit, old and new.
pub fn draw_kit_numbers(
    seed: &[u8; 32],
    study: &StudyId,
    batch: &BatchId,
    count: usize,
    taken: &BTreeSet<KitNumber>,
) -> Result<Vec<KitNumber>, NumbersRefused> {
    let kits = taken.len().saturating_add(count);
    let space = usize::try_from(KitNumber::SPACE).unwrap_or(usize::MAX);
    if kits > space / NUMBERS_PER_KIT {
        return Err(NumbersRefused::SpaceTooSmall);
    }
    let mut words = Key::derive(seed, &["iwrs-kits-1", study.as_str(), batch.as_str()]).words(0);
    let mut used = taken.clone();
    let mut drawn = Vec::with_capacity(count);
    while drawn.len() < count {
        let number = KitNumber::from_serial(words.below(KitNumber::SPACE));
        drawn.extend(number.filter(|number| used.insert(*number)));
    }
    Ok(drawn)
}

/// Gives the drawn numbers their types: the first `counts[0]` numbers are of type 0, the next `counts[1]` of type 1,
/// and so on. As the draws are uniform, no property of a number goes with its type.
///
/// The answer is ordered by number, for the order of drawing is the order of types and must not be seen.
///
/// # Errors
/// [`NumbersRefused::CountsDiffer`] when the counts do not add up to the numbers, a number stands there twice, or
/// there are more than 256 types.
pub fn assign_types(
    numbers: &[KitNumber],
    counts: &[usize],
) -> Result<BTreeMap<KitNumber, KitType>, NumbersRefused> {
    let indices = u8::MIN..=u8::MAX;
    let types =
        indices.zip(counts).flat_map(|(index, count)| std::iter::repeat_n(KitType::new(index), *count));
    let assigned: BTreeMap<KitNumber, KitType> = numbers.iter().copied().zip(types).collect();
    let total = counts.iter().try_fold(0_usize, |sum, count| sum.checked_add(*count));
    if total == Some(numbers.len()) && assigned.len() == numbers.len() && counts.len() <= 256 {
        Ok(assigned)
    } else {
        Err(NumbersRefused::CountsDiffer)
    }
}

/// Why no numbers are drawn or no types given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumbersRefused {
    /// The space would hold fewer than 100 numbers for every kit.
    SpaceTooSmall,
    /// Numbers and counts do not go together.
    CountsDiffer,
}

impl NumbersRefused {
    /// The published code; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SpaceTooSmall => "kit_number_space_too_small",
            Self::CountsDiffer => "kit_counts_differ",
        }
    }
}

impl fmt::Display for NumbersRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for NumbersRefused {}
