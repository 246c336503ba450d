//! Reading the journal, leaf by leaf (`GET /studies/{study}/journal`).

use journal::{Entry, leaf_hash};
use store::rows::leaf;
use store::{Conn, Tree};
use terms::StudyId;
use trial::{Action, act, view};

use crate::case::{self, Scene};
use crate::failure::{Failure, instrument};
use crate::request::Caller;
use crate::service::Shared;

/// A page holds at most this many leaves.
pub const MOST_LEAVES: u32 = 500;

/// Some leaves of a journal, each as this reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many leaves the journal has.
    pub size: u64,
    /// The leaves with their indices, in order.
    pub leaves: Vec<(u64, Entry)>,
}

/// Up to `limit` leaves from index `from` on, in the reader's own view; a page has at most [`MOST_LEAVES`].
///
/// # Errors
/// The refusals of authorization; faults.
pub fn page(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    from: u64,
    limit: u32,
) -> Result<Page, Failure> {
    case::read(service, caller, study, Action::ReadJournal, |conn, scene| {
        let tree = Tree::Study(scene.study.clone());
        let size = leaf::frontier(conn, &tree)?.size();
        let rows = leaf::page(conn, &tree, from.min(size), limit.min(MOST_LEAVES))?;
        let leaves = rows.into_iter().map(|row| Ok((row.index, entry(scene, row)?)));
        Ok(Page { size, leaves: leaves.collect::<Result<_, Failure>>()? })
    })
}

/// A leaf as the reader may see it.
pub(super) fn entry(scene: &Scene<'_>, row: leaf::Leaf) -> Result<Entry, Failure> {
    let record: act::Leaf = serde_json::from_slice(&row.canonical).map_err(instrument)?;
    if view::shows(&scene.authority, &record) {
        Ok(Entry::Leaf(String::from_utf8(row.canonical).map_err(instrument)?))
    } else {
        Ok(Entry::Hash(leaf_hash(&row.canonical)))
    }
}

/// How many leaves are read at a time.
const AT_A_TIME: u32 = 1_000;

/// All leaves of the study, for what the service works out of them.
pub(crate) fn leaves(conn: &mut Conn, scene: &Scene<'_>) -> Result<Vec<act::Leaf>, Failure> {
    let tree = Tree::Study(scene.study.clone());
    let (mut leaves, mut from) = (Vec::new(), 0);
    loop {
        let page = leaf::page(conn, &tree, from, AT_A_TIME)?;
        let Some(last) = page.last() else { return Ok(leaves) };
        from = last.index.saturating_add(1);
        for row in page {
            leaves.push(serde_json::from_slice(&row.canonical).map_err(instrument)?);
        }
    }
}
