//! How the kits of a batch come to exist (KIT-25): the packaging list that goes out, and the packing that comes back.

use std::collections::{BTreeMap, BTreeSet};

use terms::{KitNumber, KitType, Permit, Sealed};

use crate::act::{Act, PackagingListExported};
use crate::study::SealedDesign;
use crate::{Engine, Grant, Refusal};

/// The first line of a packaging list, and of what comes back.
pub const HEADER: &str = "kit_number,kit_type";

/// A packaging list has at most this many bytes as a text within JSON, so that what comes back fits into a request.
const MOST_BYTES: usize = 60_000;

/// How far a batch has come, by its last packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No packing was recorded.
    Unpacked,
    /// The packing with this number is recorded, and its sample is not checked.
    Packed(u32),
    /// Its sample passed.
    Passed(u32),
    /// Its sample failed.
    Failed(u32),
}

impl Standing {
    /// The number of the packing that is recorded next. A packing stands until its sample failed; and what is not yet
    /// exported cannot have been packed, nor may its contents be found out by trying (BLD-14).
    ///
    /// # Errors
    /// [`Refusal::BatchState`].
    pub fn next(self, is_exported: bool) -> Result<u32, Refusal> {
        match self {
            Self::Packed(_) | Self::Passed(_) => Err(Refusal::BatchState("packed")),
            _ if !is_exported => Err(Refusal::BatchState("without a packaging list")),
            Self::Unpacked => Ok(1),
            Self::Failed(attempt) => Ok(attempt + 1),
        }
    }

    /// The number of the packing whose sample this person may check: another one than recorded the packing.
    ///
    /// # Errors
    /// [`Refusal::NotPacked`], [`Refusal::AlreadyConfirmed`], [`Refusal::SamePerson`], in this order.
    pub fn to_check(self, is_same_person: bool) -> Result<u32, Refusal> {
        match self {
            Self::Unpacked => Err(Refusal::NotPacked),
            Self::Passed(_) | Self::Failed(_) => Err(Refusal::AlreadyConfirmed),
            Self::Packed(_) if is_same_person => Err(Refusal::SamePerson),
            Self::Packed(attempt) => Ok(attempt),
        }
    }

    /// Whether a step may be taken towards the release of the batch.
    ///
    /// # Errors
    /// [`Refusal::NotPacked`], [`Refusal::SampleUnchecked`], [`Refusal::SampleFailed`].
    pub fn may_be_released(self) -> Result<(), Refusal> {
        match self {
            Self::Unpacked => Err(Refusal::NotPacked),
            Self::Packed(_) => Err(Refusal::SampleUnchecked),
            Self::Failed(_) => Err(Refusal::SampleFailed),
            Self::Passed(_) => Ok(()),
        }
    }
}

/// A kit with what is in it.
pub struct Content {
    /// The number on it.
    pub number: KitNumber,
    /// What is in it.
    pub kit_type: Sealed<KitType>,
}

/// The record of an export, and with it the permit to read what is exported.
pub const fn export(exported: PackagingListExported) -> (Act, Grant) {
    (Act::PackagingListExported(exported), Grant::new())
}

/// The packaging list: a header, and a line for every kit in the order of the numbers, each with the internal code of
/// its type. Empty lines at the end make it as long as if every kit were of the type with the longest code, so that its
/// length tells nothing of how many there are of each. `None` when a kit is of no type of this design.
pub fn list(design: &SealedDesign, kits: &[Content], grant: &Grant) -> Option<String> {
    let lines = lines(design, kits, grant)?;
    let longest = HEADER.len() + 1 + kits.len() * longest_line(design);
    let mut list = String::with_capacity(longest);
    for line in std::iter::once(HEADER).chain(lines.values().map(String::as_str)) {
        list.push_str(line);
        list.push('\n');
    }
    list.push_str(&"\n".repeat(longest.saturating_sub(list.len())));
    Some(list)
}

/// Whether the list of so many kits comes back in one request, as a text within JSON.
pub fn fits(design: &SealedDesign, kits: usize) -> bool {
    let escaped = |code: &str| -> usize {
        let is_plain = |sign: char| sign.is_ascii_graphic() && sign != '"' && sign != '\\';
        code.chars().map(|sign| if is_plain(sign) { 1 } else { 12 }).sum()
    };
    let longest = design.kit_types().iter().map(|kit_type| escaped(&field(&kit_type.code))).max();
    kits * ("0000000000,\\n".len() + longest.unwrap_or_default()) <= MOST_BYTES
}

/// Reconciles what came back from the packager with what was registered, number by number. All of it is right, or
/// nothing is recorded; and whoever asks has had the list, so that no answer tells what was not recorded as read.
///
/// # Errors
/// [`Refusal::Field`] for the first line that is wrong, with its number. No message repeats a kit type.
pub fn reconcile(design: &SealedDesign, kits: &[Content], packed: &str) -> Result<(), Refusal> {
    let wrong = |what: &str, line: usize| Refusal::field("packed", format!("{what}, in line {line}"));
    is_plain_text(packed)?;
    let lines = lines(design, kits, &Engine::new()).unwrap_or_default();
    let mut given = packed.trim_end_matches('\n').split('\n');
    if given.next() != Some(HEADER) {
        return Err(wrong(&format!("must begin with `{HEADER}`"), 1));
    }
    let (mut expected, mut seen) = (lines.iter(), BTreeSet::new());
    for (number, line) in (2..).zip(given) {
        let kit = kit_number(line).ok_or_else(|| wrong("holds no kit number", number))?;
        let what = match expected.next() {
            Some((_, right)) if right == line => {
                seen.insert(kit);
                continue;
            }
            _ if seen.contains(&kit) => format!("names kit {kit} again"),
            _ if !lines.contains_key(&kit) => format!("names kit {kit}, which is none of this batch"),
            Some((at, _)) if *at == kit => {
                format!("gives kit {kit} another type than it was registered with")
            }
            _ => format!("names kit {kit} out of order"),
        };
        return Err(wrong(&what, number));
    }
    match expected.next() {
        Some((missing, _)) => Err(wrong(&format!("ends before kit {missing}"), seen.len() + 2)),
        None => Ok(()),
    }
}

/// A list is UTF-8 without a byte order mark, and its lines end with a line feed and nothing else.
fn is_plain_text(packed: &str) -> Result<(), Refusal> {
    let wrong = |what: &str, line: usize| Err(Refusal::field("packed", format!("{what}, in line {line}")));
    for (number, line) in (1..).zip(packed.split('\n')) {
        if line.contains('\u{feff}') {
            return wrong("holds a byte order mark", number);
        }
        if line.contains('\r') {
            return wrong("ends a line with a carriage return", number);
        }
        if line.chars().any(char::is_control) {
            return wrong("holds a control character", number);
        }
    }
    Ok(())
}

fn kit_number(line: &str) -> Option<KitNumber> {
    KitNumber::parse(line.split(',').next()?).ok()
}

/// The line of every kit, in the order of the numbers.
fn lines(
    design: &SealedDesign,
    kits: &[Content],
    permit: &impl Permit,
) -> Option<BTreeMap<KitNumber, String>> {
    let line = |kit: &Content| {
        let kit_type = design.kit_types().get(kit.kit_type.open(permit).as_usize())?;
        Some((kit.number, format!("{},{}", kit.number, field(&kit_type.code))))
    };
    kits.iter().map(line).collect()
}

fn longest_line(design: &SealedDesign) -> usize {
    let codes = design.kit_types().iter().map(|kit_type| field(&kit_type.code).len());
    "0000000000,\n".len() + codes.max().unwrap_or_default()
}

/// A code as a field of the list (RFC 4180): in quotes when a comma or a quote stands in it.
fn field(code: &str) -> String {
    if code.contains([',', '"']) { format!("\"{}\"", code.replace('"', "\"\"")) } else { code.to_owned() }
}

#[cfg(test)]
mod tests;
