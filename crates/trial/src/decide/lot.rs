//! Acting on one true lot of a batch. It tells everybody who sees the kits which of them differ, so whoever does it
//! first reads, on paper if need be, what it does and what it reveals to whom (BLD-10, BLD-14).

use std::collections::{BTreeMap, BTreeSet};

use journal::Commitment;
use ledger::{Kit, Place};
use terms::{BatchId, Day, KitNumber, KitType, LotStatementId, Permit, Sealed};

use super::expiry;
use super::recall::{Fate, fate, names};
use crate::act::{Act, LotRecalled, LotStatementRead};
use crate::study::SealedDesign;
use crate::{Engine, Grant, Refusal};

/// A true lot of a batch. It tells what is in kits, so it has no `Debug`.
pub struct Lot {
    /// The true lot.
    pub lot: String,
    /// Its true expiry.
    pub expiry: Day,
    /// The type of its kits.
    pub kit_type: KitType,
}

/// Finds a true lot among the lots of a batch, as they are known.
///
/// # Errors
/// [`Refusal::Field`] for one that is not there, and for one that several kit types share: its recall would be that of
/// their kits together, for which there is the recall of the batch. No message repeats a lot.
pub fn find(known: &str, lot: &str) -> Result<Lot, Refusal> {
    let lots = expiry::read(known).ok_or(Refusal::BatchState("without lots"))?;
    let mut found = (0..).zip(&lots).filter(|(_, (_, name))| *name == lot.trim());
    let (place, (expiry, name)) =
        found.next().ok_or_else(|| Refusal::field("lot", "is no true lot of this batch"))?;
    if found.next().is_some() {
        return Err(Refusal::field(
            "lot",
            "is that of several kit types: only the whole batch can be recalled",
        ));
    }
    Ok(Lot { lot: (*name).to_owned(), expiry: *expiry, kit_type: KitType::new(place) })
}

/// A kit of the batch with what is in it.
pub struct Content {
    /// The number on it.
    pub number: KitNumber,
    /// Its type.
    pub kit_type: Sealed<KitType>,
    /// The kit as it stands.
    pub kit: Kit,
}

/// What the recall of a lot would do and reveal. It tells what is in kits, so it has no `Debug`.
///
/// The supply manager knows what is in every kit and must not learn which subject got it. So no number in it goes by
/// what has become of the lot's kits at a site: two such numbers would tell the treatment of whoever came in between.
pub struct Statement {
    /// The lot.
    pub lot: Lot,
    /// The internal code of its kit type.
    pub code: String,
    /// What its kits hold.
    pub contents: String,
    /// The kits of the lot by their places: at a site all that are there, elsewhere those that would be hit.
    pub places: BTreeMap<Place, Vec<KitNumber>>,
    /// How many kits of the batch, of all types together, nobody was given and could be used, now or later.
    pub free: usize,
    /// How many kits of the batch, of all types together, subjects have.
    pub with_subjects: usize,
    /// How many subjects have a kit of the batch, or one is meant for them: of all types together.
    pub subjects: usize,
}

/// The record of a read of a statement: `write` is what may look at what is in the kits, and gives the commitment to
/// the file that it makes.
///
/// # Errors
/// Those of `write`.
pub fn read<T, E>(
    (statement, batch, lot): (LotStatementId, BatchId, Commitment),
    write: impl FnOnce(&Grant) -> Result<(Commitment, T), E>,
) -> Result<(Act, T), E> {
    let (statement_file, written) = write(&Grant::new())?;
    let read = LotStatementRead { statement, batch, lot, statement_file };
    Ok((Act::LotStatementRead(read), written))
}

/// The permit to show a statement once more whose read is recorded, and of which it is recorded that it was asked for
/// again.
pub const fn show(_recorded: &LotStatementId) -> Grant {
    Grant::new()
}

/// Decides the recall of a lot, after its statement was read; `is_still` is what may look at what is in the kits, and
/// says whether the statement would be the same now. With the record come the kits that it hits, in the order of their
/// numbers.
///
/// # Errors
/// [`Refusal::StatementOutdated`], and those of `is_still`.
pub fn recall<E: From<Refusal>>(
    act: LotRecalled,
    kit_type: KitType,
    kits: &[Content],
    is_still: impl FnOnce(&Grant) -> Result<bool, E>,
) -> Result<(Act, Vec<(KitNumber, Fate)>), E> {
    if !is_still(&Grant::new())? {
        return Err(Refusal::StatementOutdated.into());
    }
    let engine = Engine::new();
    let hit = of_type(kits, kit_type, &engine).filter(|content| names(&content.kit));
    let mut hit: Vec<(KitNumber, Fate)> = hit.map(|content| (content.number, fate(&content.kit))).collect();
    hit.sort_by_key(|(number, _)| *number);
    Ok((Act::LotRecalled(act), hit))
}

/// The kits that the recall of a lot would hit, for somebody who may know of every subject what it got.
pub fn hit(lot: &Lot, kits: &[Content], grant: &Grant) -> BTreeSet<KitNumber> {
    let hit = of_type(kits, lot.kit_type, grant).filter(|content| names(&content.kit));
    hit.map(|content| content.number).collect()
}

/// The kits of the batch that the recall of a lot would name if they were of it.
pub fn named(kits: &[Content]) -> BTreeSet<KitNumber> {
    kits.iter().filter(|content| names(&content.kit)).map(|content| content.number).collect()
}

fn of_type<'k, P: Permit>(
    kits: &'k [Content],
    kit_type: KitType,
    permit: &P,
) -> impl Iterator<Item = &'k Content> {
    kits.iter().filter(move |content| *content.kit_type.open(permit) == kit_type)
}

/// Draws a statement up; none when the lot is of a type that the design does not have.
pub fn statement(lot: Lot, sealed: &SealedDesign, kits: &[Content], grant: &Grant) -> Option<Statement> {
    let words = sealed.kit_types().get(lot.kit_type.as_usize())?;
    let mut places: BTreeMap<Place, Vec<KitNumber>> = BTreeMap::new();
    for content in of_type(kits, lot.kit_type, grant) {
        if content.kit.place.site().is_some() || names(&content.kit) {
            places.entry(content.kit.place.clone()).or_default().push(content.number);
        }
    }
    places.values_mut().for_each(|numbers| numbers.sort_unstable());
    let with_subjects = kits.iter().filter(|content| fate(&content.kit) == Fate::WithSubject).count();
    let named = kits.iter().filter(|content| names(&content.kit));
    let subjects: BTreeSet<_> = named.clone().filter_map(|content| content.kit.subject.as_ref()).collect();
    Some(Statement {
        code: words.code.clone(),
        contents: words.contents.text.clone(),
        places,
        free: named.count() - with_subjects,
        with_subjects,
        subjects: subjects.len(),
        lot,
    })
}

impl Statement {
    /// What is in it in sentences, for whoever signs the recall.
    pub fn says(&self, batch: &BatchId) -> Vec<String> {
        let Self { free, with_subjects, subjects, .. } = self;
        let pairs = subjects * subjects.saturating_sub(1) / 2;
        vec![
            format!(
                "The recall is of the kits of this lot in batch {batch} alone. At sites and depots what \
                 could be used is set aside at once; what is on its way or in the stock is set aside when \
                 it arrives; what subjects have is named and can be replaced. There is no way back."
            ),
            format!(
                "Everybody who sees kits of batch {batch} will see which of them are recalled and which \
                 are not: at every site its investigators, pharmacists and monitors, the depots, the \
                 quality role, and by the journal every reader of it. So all of them know that the \
                 recalled kits hold one thing and the others another. Neither the lot nor the type is \
                 told to anybody blinded."
            ),
            format!(
                "Subjects: {subjects} have or are meant to get a kit of batch {batch}, over all kit \
                 types; subjects have {with_subjects} of its kits. Any two of whom both kits are recalled \
                 are proved to share an arm; any two of whom one is recalled and the other not are proved \
                 to differ. That is of up to {pairs} pairs, and more may follow with the blocks, with \
                 kits that are given later, and with code breaks. How many kits of this lot subjects have \
                 stands in no statement of the supply role, for two of them would tell what somebody got; \
                 the unblinded reviewer is told, pair by pair."
            ),
            format!(
                "The alternative is the recall of the whole batch. It hits every kit type alike and by \
                 itself reveals nothing. It costs all {free} kits of the batch that nobody was given, \
                 whatever is in them."
            ),
        ]
    }
}

#[cfg(test)]
mod tests;
