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
/// `below(KitNumber::SPACE)`; a serial whose number is in `taken` or was drawn before is skipped. `taken`
/// holds the numbers of all batches that the study registered before this one. So when the seed is opened at
/// final release, anyone recomputes every number: the batches in the order of the journal, each with the
/// numbers before it as taken.
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
    if !fits(taken.len(), count) {
        return Err(NumbersRefused::SpaceTooSmall);
    }
    let mut words = Key::derive(seed, &["iwrs-kits-1", study.as_str(), batch.as_str()]).words(0);
    let mut used = BTreeSet::new();
    let mut drawn = Vec::with_capacity(count);
    while drawn.len() < count {
        let number = KitNumber::from_serial(words.below(KitNumber::SPACE));
        drawn.extend(number.filter(|number| !taken.contains(number) && used.insert(*number)));
    }
    Ok(drawn)
}

fn fits(taken: usize, new: usize) -> bool {
    let space = usize::try_from(KitNumber::SPACE).unwrap_or(usize::MAX);
    taken.saturating_add(new) <= space / NUMBERS_PER_KIT
}

/// Gives the drawn numbers their types: the first `counts[0]` numbers are of type 0, the next `counts[1]` of
/// type 1, and so on. As the draws are uniform, no property of a number goes with its type.
///
/// The answer is ordered by number, for the order of drawing is the order of types and must not be seen.
///
/// # Errors
/// [`NumbersRefused::CountsDiffer`] when the counts do not add up to the numbers, a number stands there
/// twice, or there are more than 256 types.
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

/// The salt of the commitment to a kit's type: HKDF-SHA-256 of the seed of the kit numbers, 32 bytes, with the info
/// `iwrs-kit-salt-1|study|number`. It follows from the number, so a sealed type that was moved to another kit is
/// found, and whoever is given the seed can check every commitment.
pub fn kit_salt(seed: &[u8; 32], study: &StudyId, number: KitNumber) -> [u8; 32] {
    draw::Key::derive(seed, &["iwrs-kit-salt-1", study.as_str(), &number.to_string()]).bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{NumbersRefused, assign_types, draw_kit_numbers, fits};
    use terms::{BatchId, KitNumber, StudyId};

    fn draw(batch: &str, count: usize, taken: &[KitNumber]) -> Vec<KitNumber> {
        let seed = std::array::from_fn(|place| u8::try_from(place).expect("small"));
        let (study, batch) = (StudyId::parse("imodals").expect("id"), BatchId::parse(batch).expect("id"));
        draw_kit_numbers(&seed, &study, &batch, count, &taken.iter().copied().collect()).expect("drawn")
    }

    #[test]
    fn the_published_way_of_drawing_is_the_one_in_force() {
        // Computed by a second implementation in another language; seed 00 01 02 ... 1f.
        let golden = ["7955171567", "2558040351", "5817865031", "3901486083"];
        assert_eq!(draw("B001", 4, &[]).iter().map(KitNumber::to_string).collect::<Vec<_>>(), golden);
        assert_ne!(draw("B002", 4, &[]), draw("B001", 4, &[]));
    }

    #[test]
    fn kit_03_a_taken_number_is_skipped_and_none_is_drawn_twice() {
        let all = draw("B001", 500, &[]);
        let taken = [all[0], all[7], all[499]];
        let others: Vec<KitNumber> = all.iter().copied().filter(|number| !taken.contains(number)).collect();
        assert_eq!(draw("B001", 497, &taken), others);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 500);
    }

    #[test]
    fn the_space_holds_a_hundred_numbers_for_every_kit() {
        assert!(fits(0, 1_000_000) && fits(999_999, 1));
        assert!(!fits(0, 1_000_001) && !fits(1_000_000, 1) && !fits(1, usize::MAX));
        let (study, batch) = (StudyId::parse("s").expect("id"), BatchId::parse("b").expect("id"));
        let refused = draw_kit_numbers(&[0; 32], &study, &batch, 1_000_001, &BTreeSet::new());
        assert_eq!(refused, Err(NumbersRefused::SpaceTooSmall));
    }

    #[test]
    fn types_follow_the_order_drawn_and_the_answer_the_order_of_numbers() {
        let numbers = draw("B001", 4, &[]);
        let assigned = assign_types(&numbers, &[1, 0, 3]).expect("assigned");
        let types: Vec<u8> = numbers.iter().map(|number| assigned[number].index()).collect();
        assert_eq!(types, [0, 2, 2, 2]);
        let in_answer: Vec<KitNumber> = assigned.into_keys().collect();
        assert!(in_answer.is_sorted() && in_answer != numbers);
    }

    #[test]
    fn counts_that_do_not_fit_the_numbers_are_refused() {
        let numbers = draw("B001", 4, &[]);
        let twice = [numbers[0], numbers[1], numbers[0]];
        let table: [(&[KitNumber], &[usize]); 5] = [
            (&numbers, &[1, 2]),
            (&numbers, &[1, 2, 2]),
            (&numbers, &[5]),
            (&numbers, &[usize::MAX, 5]),
            (&twice, &[1, 1, 1]),
        ];
        for (numbers, counts) in table {
            assert_eq!(assign_types(numbers, counts), Err(NumbersRefused::CountsDiffer), "{counts:?}");
        }
        assert!(assign_types(&numbers[..1], &[0; 257]).is_err());
    }
}
