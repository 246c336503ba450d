//! One record: 448 bytes of text and zeros, its tag, and the mark that it was entered, 512 bytes in all, which is no
//! more than a disk writes at once.

use std::io;
use std::str::FromStr;

use aws_lc_rs::hmac;
use terms::{Moment, StudyId, SubjectId, UnblindingId, UserId};
use trial::{BreakReason, FoundBy, Role};

/// The bytes of a record.
pub(super) const WIDTH: usize = 512;
const TEXT: usize = 448;
const TAG: usize = 32;

/// A look at a subject's treatment: everything but what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakRecord {
    /// Its id, and that of the code break when it is the first of the subject.
    pub id: UnblindingId,
    /// The study.
    pub study: StudyId,
    /// The subject.
    pub subject: SubjectId,
    /// Who looked.
    pub by: UserId,
    /// The role that gave the right.
    pub role: Role,
    /// The reason category.
    pub reason: BreakReason,
    /// By which number the subject was found.
    pub found_by: FoundBy,
    /// When.
    pub at: Moment,
}

/// A place in the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) index: usize,
    pub(crate) state: State,
}

/// What is at a place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing was ever written there.
    Empty,
    /// A record, and whether it was entered into a trusted journal.
    Holds { record: BreakRecord, entered: bool },
    /// Something that this service did not write as it stands: it was altered, or the machine stopped while it was
    /// being written, and then nothing was shown.
    Damaged,
}

impl BreakRecord {
    /// The record as text: a line for each field.
    pub(crate) fn text(&self) -> String {
        let Self { id, study, subject, by, role, reason, found_by, at } = self;
        format!("{id}\n{study}\n{subject}\n{by}\n{role}\n{reason}\n{found_by}\n{at}\n")
    }

    fn parse(text: &str) -> Option<Self> {
        fn next<'a, T: FromStr>(lines: &mut impl Iterator<Item = &'a str>) -> Option<T> {
            lines.next()?.parse().ok()
        }
        let mut lines = text.lines();
        let record = Self {
            id: next(&mut lines)?,
            study: next(&mut lines)?,
            subject: next(&mut lines)?,
            by: next(&mut lines)?,
            role: next(&mut lines)?,
            reason: next(&mut lines)?,
            found_by: next(&mut lines)?,
            at: Moment::parse(lines.next()?)?,
        };
        lines.next().is_none().then_some(record)
    }
}

pub(super) fn encode(key: &hmac::Key, index: usize, record: &BreakRecord) -> io::Result<Vec<u8>> {
    let mut bytes = record.text().into_bytes();
    if bytes.len() > TEXT {
        return Err(io::Error::other("a code break is longer than a record"));
    }
    bytes.resize(TEXT, 0);
    let tag = hmac::sign(key, &bound(index, "record", &bytes));
    bytes.extend_from_slice(tag.as_ref());
    bytes.resize(WIDTH, 0);
    Ok(bytes)
}

pub(super) fn encode_entered(key: &hmac::Key, index: usize, record: &BreakRecord) -> io::Result<Vec<u8>> {
    let mut bytes = encode(key, index, record)?;
    bytes.truncate(TEXT + TAG);
    let mark = hmac::sign(key, &bound(index, "entered", &bytes));
    bytes.extend_from_slice(mark.as_ref());
    Ok(bytes)
}

pub(super) fn decode(key: &hmac::Key, index: usize, bytes: &[u8]) -> Slot {
    if bytes.iter().all(|byte| *byte == 0) {
        return Slot { index, state: State::Empty };
    }
    let held = read(key, index, bytes).map(|(record, entered)| State::Holds { record, entered });
    Slot { index, state: held.unwrap_or(State::Damaged) }
}

fn read(key: &hmac::Key, index: usize, bytes: &[u8]) -> Option<(BreakRecord, bool)> {
    let (tagged, mark) = bytes.split_at_checked(TEXT + TAG)?;
    let (text, tag) = tagged.split_at_checked(TEXT)?;
    hmac::verify(key, &bound(index, "record", text), tag).ok()?;
    let record = BreakRecord::parse(std::str::from_utf8(text).ok()?.trim_end_matches('\0'))?;
    let entered = hmac::verify(key, &bound(index, "entered", tagged), mark).is_ok();
    Some((record, entered))
}

/// What a tag is over: a record that was moved to another place, or a tag used as a mark, is no good.
fn bound(index: usize, what: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("{what} {index}\n").as_bytes(), bytes].concat()
}
