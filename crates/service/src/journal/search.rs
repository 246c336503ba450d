//! Looking through a journal from its end or its beginning, as far as one request goes.

use std::ops::Range;

use journal::Entry;
use store::rows::leaf;
use store::{Conn, Tree};
use terms::StudyId;
use trial::Action;

use super::read::entry;
use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// How many leaves are read at a time.
const AT_A_TIME: u64 = 250;
/// One request looks through no more leaves than this, so that it is answered soon however long the journal is.
const MOST_LOOKED_THROUGH: u64 = 2_000;

/// What was found, and how far the journal was looked through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many leaves the journal has.
    pub size: u64,
    /// The leaves with their indices, in the order in which they were looked for, each as this reader may see it.
    pub leaves: Vec<(u64, Entry)>,
    /// How many leaves were looked at.
    pub looked_at: u64,
    /// Where the search goes on, while there is more to look at.
    pub goes_on: Option<u64>,
}

/// From which end a journal is looked through, and from where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// The latest first: what lies before this index, or before the end.
    Back(Option<u64>),
    /// The earliest first: what lies at this index and after it.
    Forth(u64),
}

/// Up to `most` leaves that `is_wanted`, in the order of the course. Every leaf is given to it as this reader may see
/// it.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn search(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    course: Course,
    most: usize,
    is_wanted: impl Fn(u64, &Entry) -> bool,
) -> Result<Found, Failure> {
    case::read(service, caller, study, Action::ReadJournal, |conn, scene| {
        let size = leaf::frontier(conn, &Tree::Study(scene.study.clone()))?.size();
        let mut ahead = Ahead::of(course, size);
        let mut found = Found { size, leaves: Vec::new(), looked_at: 0, goes_on: None };
        while found.looked_at < MOST_LOOKED_THROUGH && found.leaves.len() < most && !ahead.is_empty() {
            for (index, entry) in ahead.some(conn, scene)? {
                if found.leaves.len() == most {
                    break;
                }
                found.looked_at = found.looked_at.saturating_add(1);
                ahead.pass(index);
                if is_wanted(index, &entry) {
                    found.leaves.push((index, entry));
                }
            }
        }
        found.goes_on = (!ahead.is_empty()).then(|| ahead.edge());
        Ok(found)
    })
}

/// The leaves that have not been looked at.
struct Ahead {
    left: Range<u64>,
    is_back: bool,
}

impl Ahead {
    fn of(course: Course, size: u64) -> Self {
        match course {
            Course::Back(before) => Self { left: 0..before.unwrap_or(size).min(size), is_back: true },
            Course::Forth(from) => Self { left: from.min(size)..size, is_back: false },
        }
    }

    fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// Where it goes on: before the edge on the way back, at it on the way forth.
    fn edge(&self) -> u64 {
        if self.is_back { self.left.end } else { self.left.start }
    }

    /// The next leaves, in the order of the course.
    fn some(&self, conn: &mut Conn, scene: &Scene<'_>) -> Result<Vec<(u64, Entry)>, Failure> {
        let Range { start, end } = self.left;
        let from = if self.is_back { end.saturating_sub(AT_A_TIME).max(start) } else { start };
        let limit = u32::try_from(end.saturating_sub(from).min(AT_A_TIME)).unwrap_or(u32::MAX);
        let rows = leaf::page(conn, &Tree::Study(scene.study.clone()), from, limit)?;
        let read = rows.into_iter().map(|row| Ok((row.index, entry(scene, row)?)));
        let mut entries = read.collect::<Result<Vec<_>, Failure>>()?;
        if self.is_back {
            entries.reverse();
        }
        Ok(entries)
    }

    fn pass(&mut self, index: u64) {
        if self.is_back {
            self.left.end = index;
        } else {
            self.left.start = index.saturating_add(1);
        }
    }
}
