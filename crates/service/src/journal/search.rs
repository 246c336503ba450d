//! Looking through a journal from its end, as far as one request goes.

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
    /// The leaves with their indices, the latest first, each as this reader may see it.
    pub leaves: Vec<(u64, Entry)>,
    /// Every leaf from this index up to where the search began was looked at: the search goes on before it.
    pub down_to: u64,
}

/// Up to `most` leaves before the index `before`, or before the journal's end, that `is_wanted`; the latest first.
/// Every leaf is given to it as this reader may see it.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn search(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    before: Option<u64>,
    most: usize,
    is_wanted: impl Fn(u64, &Entry) -> bool,
) -> Result<Found, Failure> {
    case::read(service, caller, study, Action::ReadJournal, |conn, scene| {
        let size = leaf::frontier(conn, &Tree::Study(scene.study.clone()))?.size();
        let begin = before.unwrap_or(size).min(size);
        let end = begin.saturating_sub(MOST_LOOKED_THROUGH);
        let mut found = Found { size, leaves: Vec::new(), down_to: begin };
        while found.down_to > end && found.leaves.len() < most {
            for (index, entry) in before_index(conn, scene, found.down_to, end)?.into_iter().rev() {
                if found.leaves.len() == most {
                    break;
                }
                found.down_to = index;
                if is_wanted(index, &entry) {
                    found.leaves.push((index, entry));
                }
            }
        }
        Ok(found)
    })
}

/// The leaves right before an index, in order, none before `end`.
fn before_index(
    conn: &mut Conn,
    scene: &Scene<'_>,
    before: u64,
    end: u64,
) -> Result<Vec<(u64, Entry)>, Failure> {
    let from = before.saturating_sub(AT_A_TIME).max(end);
    let limit = u32::try_from(before.saturating_sub(from)).unwrap_or(u32::MAX);
    let rows = leaf::page(conn, &Tree::Study(scene.study.clone()), from, limit)?;
    rows.into_iter().map(|row| Ok((row.index, entry(scene, row)?))).collect()
}
