//! Reading the journal, leaf by leaf (`GET /studies/{study}/journal`).

use journal::{Entry, Hash, Head, inclusion_proof, leaf_hash};
use store::rows::leaf;
use store::{Conn, Tree};
use terms::StudyId;
use trial::{Action, Refusal, act, view};

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

/// One leaf with the proof that it is in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// The leaf's index.
    pub index: u64,
    /// The leaf as this reader may see it.
    pub entry: Entry,
    /// The tree as it stands.
    pub head: Head,
    /// The proof that the leaf is in it, from the leaf upward (RFC 6962, 2.1.1).
    pub proof: Vec<Hash>,
}

/// One leaf in the reader's own view, with the proof that it is in the tree. A leaf that the reader may not see is
/// proved as well, by its hash.
///
/// # Errors
/// [`Refusal::NotFound`] for an index beyond the journal's end; the refusals of authorization; faults.
pub fn proved(service: &Shared, caller: &Caller, study: &StudyId, index: u64) -> Result<Proved, Failure> {
    case::read(service, caller, study, Action::ReadJournal, |conn, scene| {
        let tree = Tree::Study(scene.study.clone());
        let row = leaf::page(conn, &tree, index, 1)?.into_iter().find(|row| row.index == index);
        let entry = entry(scene, row.ok_or(Refusal::NotFound)?)?;
        let proof = inclusion_proof(&leaf::hashes(conn, &tree)?, index).ok_or(Refusal::NotFound)?;
        // The head is that under which the journal is continued: hashes that were altered since do not prove it.
        Ok(Proved { index, entry, head: leaf::frontier(conn, &tree)?.head(), proof })
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
