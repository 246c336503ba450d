//! The check of a sample of what was packed (KIT-25): what was found in each kit, against what was registered.

use std::collections::{BTreeMap, BTreeSet};

use terms::{BatchId, KitNumber, KitType, Sealed};

use super::packing::Content;
use crate::study::{SealedDesign, StudyDesign};
use crate::{Engine, Refusal};

/// The sample of a packing: as many kits as the design says, drawn from the seed of the picks and never by type; and
/// all kits of the samples before it, which failed: what was found wrong is looked into again.
pub fn draw(
    design: &StudyDesign,
    pick_seed: &Sealed<[u8; 32]>,
    batch: &BatchId,
    attempt: u32,
    kits: &[KitNumber],
) -> Vec<KitNumber> {
    let count = usize::try_from(design.supply.sample_kits).unwrap_or(usize::MAX);
    let engine = Engine::new();
    let seed = pick_seed.open(&engine);
    let drawn = (1..=attempt).flat_map(|of| ledger::draw_sample(seed, &design.id, batch, of, kits, count));
    drawn.collect::<BTreeSet<KitNumber>>().into_iter().collect()
}

/// What was found in a kit of the sample.
pub struct Found {
    /// The number on it.
    pub number: KitNumber,
    /// The internal code of the kit type that it holds; none when it is none of the study.
    pub kit_type: Option<String>,
}

/// What came of a check. It tells what is in kits, so it has no `Debug`; it is sealed at once.
pub struct Checked {
    /// Whether every kit of the sample holds what was registered.
    pub passed: bool,
    /// A line for every kit, in the order of the numbers: the number, a space, and the index of the type or a dash.
    pub found: String,
}

/// Decides a check: all kits of the sample, each once. One that holds something else makes it fail as a whole, and
/// nothing tells which.
///
/// # Errors
/// [`Refusal::Field`] for a kit that is not of the sample or is named twice, for a code that is none, and when one of
/// the sample is not named, in this order. No message repeats a code.
pub fn check(
    design: &SealedDesign,
    sample: &[KitNumber],
    kits: &[Content],
    found: &[Found],
) -> Result<Checked, Refusal> {
    let mut types: BTreeMap<KitNumber, Option<KitType>> = BTreeMap::new();
    for (place, one) in found.iter().enumerate() {
        let wrong = |field: &str, what: &str| Refusal::field(&format!("found[{place}].{field}"), what);
        if !sample.contains(&one.number) {
            return Err(wrong("kit_number", "is no kit of the sample"));
        }
        let known = |code: &String| {
            design.kit_type(code).ok_or_else(|| wrong("kit_type", "is no code of a kit type"))
        };
        if types.insert(one.number, one.kit_type.as_ref().map(known).transpose()?).is_some() {
            return Err(wrong("kit_number", "names a kit twice"));
        }
    }
    if types.len() < sample.len() {
        return Err(Refusal::field("found", "must name every kit of the sample"));
    }
    let engine = Engine::new();
    let registered: BTreeMap<KitNumber, KitType> =
        kits.iter().map(|kit| (kit.number, *kit.kit_type.open(&engine))).collect();
    let passed = types.iter().all(|(number, found)| found.as_ref() == registered.get(number));
    let line = |(number, found): (&KitNumber, &Option<KitType>)| match found {
        Some(kit_type) => format!("{number} {}\n", kit_type.index()),
        None => format!("{number} -\n"),
    };
    Ok(Checked { passed, found: types.iter().map(line).collect() })
}

#[cfg(test)]
mod tests;
