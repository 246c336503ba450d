//! The service checks its own journal, part by part, so that whoever waits is told how far it is.
//!
//! It finds what was altered in the database. What a service says of itself is no proof to others: for that there are
//! the export and `iwrs verify`, which need neither.

use journal::{Checkpoint, Frontier, Hash, leaf_hash};
use store::rows::{checkpoint, leaf};
use store::{Conn, Tree};
use terms::StudyId;
use trial::{Action, act, view};

use crate::case::{self, Scene};
use crate::failure::{Failure, instrument};
use crate::request::Caller;
use crate::service::Shared;

/// How many leaves are checked in one request: so few that the answer comes at once, whoever else asks.
const AT_A_TIME: u32 = 500;

/// What was checked in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfCheck {
    /// How many leaves the journal has.
    pub size: u64,
    /// The first leaf that was checked.
    pub from: u64,
    /// The leaf at which the next part begins.
    pub to: u64,
    /// The first leaf of this part that is not what it was, or not where it was.
    pub altered: Option<u64>,
    /// What was checked of the whole, once the last part is through.
    pub whole: Option<Checked>,
}

/// What was checked of the whole journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether the root over all leaves is the one under which the journal is continued.
    pub is_root: bool,
    /// How many checkpoints there are.
    pub checkpoints: usize,
    /// The sizes of those whose signature or root is not that of the journal.
    pub wrong: Vec<u64>,
}

impl SelfCheck {
    /// Whether everything that was checked is as it should be.
    pub fn is_good(&self) -> bool {
        let whole = self.whole.as_ref().is_none_or(|whole| whole.is_root && whole.wrong.is_empty());
        self.altered.is_none() && whole
    }
}

/// Checks the leaves from an index on, as many as one request is for; with the last one also the tree over all of them
/// and every checkpoint.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn self_check(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    from: u64,
) -> Result<SelfCheck, Failure> {
    case::read(service, caller, study, Action::ReadJournal, |conn, scene| {
        let tree = Tree::Study(scene.study.clone());
        let stored = leaf::frontier(conn, &tree)?;
        let from = from.min(stored.size());
        let rows = leaf::page(conn, &tree, from, AT_A_TIME)?;
        let hashes = leaf::some_hashes(conn, &tree, from, AT_A_TIME)?;
        let count = u64::from(AT_A_TIME).min(stored.size().saturating_sub(from));
        let to = from.saturating_add(count);
        let good = (from..to).zip(rows.iter().zip(&hashes));
        let good = good.take_while(|(index, (row, hash))| is_intact(*index, row, hash)).count();
        let altered = from.saturating_add(u64::try_from(good).map_err(instrument)?);
        let whole = if to == stored.size() { Some(check(conn, scene, &tree, &stored)?) } else { None };
        let altered = (altered < to).then_some(altered);
        Ok(SelfCheck { size: stored.size(), from, to, altered, whole })
    })
}

/// Whether a leaf is where it was appended, is what was hashed then, and can be read.
fn is_intact(index: u64, row: &leaf::Leaf, hash: &Hash) -> bool {
    let record: Result<act::Leaf, _> = serde_json::from_slice(&row.canonical);
    row.index == index
        && leaf_hash(&row.canonical) == *hash
        && record.is_ok_and(|record| record.index == index && record.saved == row.saved_at)
}

/// The tree over all hashes, compared with what it is continued from and with every checkpoint on the way.
fn check(conn: &mut Conn, scene: &Scene<'_>, tree: &Tree, stored: &Frontier) -> Result<Checked, Failure> {
    let signed = checkpoint::all(conn, tree)?;
    let key = scene.service.checkpoints.verifying_key();
    let is_right = |row: &checkpoint::Checkpoint, grown: &Frontier| {
        let read = Checkpoint::parse_and_verify(&row.note, std::slice::from_ref(key));
        read.is_ok_and(|read| read.head() == grown.head() && read.origin == view::origin(&scene.study))
    };
    let (mut grown, mut right) = (Frontier::empty(), Vec::new());
    for hash in leaf::hashes(conn, tree)? {
        grown.append(hash);
        let here = signed.iter().filter(|row| row.size == grown.size() && is_right(row, &grown));
        right.extend(here.map(|row| row.size));
    }
    let wrong = signed.iter().map(|row| row.size).filter(|size| !right.contains(size)).collect();
    Ok(Checked { is_root: grown.head() == stored.head(), checkpoints: signed.len(), wrong })
}
