//! Registering a batch of kits.

use std::collections::BTreeSet;

use terms::{BatchId, Day, KitNumber, KitType, Sealed, StudyId};

use super::packing;
use crate::study::{SealedDesign, StudyDesign, Unseen, Visible, separating, visible_problem};
use crate::{Engine, Refusal};

/// A batch has at most this many kits: one receipt can name them all.
pub const MOST_KITS: usize = 2_000;

/// A true lot has at most this many characters, and a batch where the packs have a GTIN: as many as the field in a GS1
/// code (AI 10).
const LONGEST_LOT: usize = 20;

/// What is asked for. It tells how many kits there are of each type, so it has no `Debug`.
pub struct Command {
    /// The batch, by the name that stands on the label.
    pub batch: BatchId,
    /// The last day of use on the label of every kit.
    pub label_expiry: Day,
    /// The kits of every type.
    pub contents: Vec<Content>,
}

/// The kits of one type in a batch.
pub struct Content {
    /// The internal code of the type.
    pub kit_type: String,
    /// How many kits.
    pub kits: usize,
    /// The true lot.
    pub lot: String,
    /// The true expiry: the last day of use of the lot.
    pub expiry: Day,
    /// What can be seen of these kits from outside.
    pub visible: Visible,
}

/// What is known when the decision is taken.
pub struct Facts {
    /// Whether there is such a batch already.
    pub exists: bool,
    /// The numbers of all kits of the study.
    pub taken: BTreeSet<KitNumber>,
    /// The seed of the kit numbers of this study.
    pub seed: Sealed<[u8; 32]>,
}

/// What follows. It holds kit types, so it has no `Debug`; it is sealed at once.
pub struct Registration {
    /// The kits in the order of their numbers, each with its type.
    pub kits: Vec<(KitNumber, KitType)>,
    /// One line for every kit type in the order of the sealed design: the true expiry, a space, and the true lot.
    pub lots: String,
    /// What can be seen of every kit of the batch from outside: the same for all types, so everybody may know it.
    pub visible: Visible,
}

/// Decides a registration: every kit type of the sealed design is in the batch, under one label expiry, which is
/// the earliest of the true ones (BLD-09); the numbers are drawn from their own seed (BLD-08).
///
/// # Errors
/// [`Refusal::Exists`] for a batch that is there already; [`Refusal::Field`] for a batch that does not go into the
/// code on its labels, wrong contents, a label expiry that is not the earliest true one, and more kits than numbers, in
/// this order. No message repeats a code or a lot. What can be seen from outside is the same for all kit types, and
/// neither it nor the batch's name tells a code or a lot (KIT-25).
pub fn decide(
    design: &StudyDesign,
    sealed: &SealedDesign,
    command: &Command,
    facts: &Facts,
) -> Result<Registration, Refusal> {
    if facts.exists {
        return Err(Refusal::Exists("batch"));
    }
    if design.label.is_some() && command.batch.as_str().len() > LONGEST_LOT {
        return Err(Refusal::field(
            "batch",
            "must have at most 20 characters, as its label and a GS1 code hold it",
        ));
    }
    let contents = in_order(sealed, &command.contents)?;
    let visible = lint(sealed, command)?;
    let total: usize = contents.iter().map(|content| content.kits).sum();
    if total > MOST_KITS {
        return Err(Refusal::field("contents", format!("must hold at most {MOST_KITS} kits")));
    }
    if !packing::fits(sealed, total) {
        return Err(Refusal::field("contents", "need a longer packaging list than a request can bring back"));
    }
    let earliest = contents.iter().map(|content| content.expiry).min();
    if earliest != Some(command.label_expiry) {
        return Err(Refusal::field("label_expiry", "must be the earliest expiry of the contents"));
    }
    let counts: Vec<usize> = contents.iter().map(|content| content.kits).collect();
    let seed = facts.seed.open(&Engine::new());
    let numbers = ledger::draw_kit_numbers(seed, &design.id, &command.batch, total, &facts.taken)
        .and_then(|numbers| ledger::assign_types(&numbers, &counts))
        .map_err(|_refused| Refusal::field("contents", "need more kit numbers than there are"))?;
    let lots = contents.iter().map(|content| format!("{} {}\n", content.expiry, content.lot.trim()));
    Ok(Registration { kits: numbers.into_iter().collect(), lots: lots.collect(), visible })
}

/// What all kits of the batch look like from outside.
fn lint(sealed: &SealedDesign, command: &Command) -> Result<Visible, Refusal> {
    let lots = command.contents.iter().map(|content| content.lot.as_str());
    let unseen = Unseen::of(sealed.codes().chain(lots));
    if unseen.is_in(command.batch.as_str()) {
        return Err(Refusal::field("batch", "holds an internal code or a true lot"));
    }
    for (place, content) in command.contents.iter().enumerate() {
        if let Some(what) = visible_problem(&content.visible, &unseen) {
            return Err(Refusal::field(&format!("contents[{place}].visible"), what));
        }
    }
    let types: Vec<&Visible> = command.contents.iter().map(|content| &content.visible).collect();
    match separating(&types) {
        Some(name) => {
            let what =
                format!("can be told apart by the visible attribute `{name}`: it must be the same for all");
            Err(Refusal::field("contents", what))
        }
        None => Ok(types.first().map(|visible| (*visible).clone()).unwrap_or_default()),
    }
}

/// The contents in the order of the sealed design's kit types: each type once, with at least one kit. A batch that
/// lacked a type would tell of each of its kits what it is not.
fn in_order<'a>(sealed: &SealedDesign, contents: &'a [Content]) -> Result<Vec<&'a Content>, Refusal> {
    let mut slots: Vec<Option<&Content>> = vec![None; sealed.kit_type_count()];
    for (place, content) in contents.iter().enumerate() {
        let wrong =
            |field: &str, message: &str| Refusal::field(&format!("contents[{place}].{field}"), message);
        let slot = sealed.kit_type(&content.kit_type).and_then(|found| slots.get_mut(found.as_usize()));
        let slot = slot.ok_or_else(|| wrong("kit_type", "is no code of a kit type"))?;
        if slot.replace(content).is_some() {
            return Err(wrong("kit_type", "is given twice"));
        }
        if content.kits == 0 || content.kits > MOST_KITS {
            return Err(wrong("kits", "must be a number of kits from 1 on"));
        }
        if !is_lot(&content.lot) {
            return Err(wrong("lot", "must have 1 to 20 printable characters"));
        }
    }
    let all: Option<Vec<&Content>> = slots.into_iter().collect();
    all.ok_or_else(|| Refusal::field("contents", "must hold every kit type of the study"))
}

fn is_lot(lot: &str) -> bool {
    let lot = lot.trim();
    !lot.is_empty() && lot.chars().count() <= LONGEST_LOT && !lot.chars().any(char::is_control)
}

/// The salt that the commitment to a kit's type has: what is opened under another salt is of another kit.
pub fn kit_salt(seed: &Sealed<[u8; 32]>, study: &StudyId, number: KitNumber) -> [u8; 32] {
    ledger::kit_salt(seed.open(&Engine::new()), study, number)
}

#[cfg(test)]
mod tests;
