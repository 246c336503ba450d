//! Journal trees and their heads.

use std::fmt;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use journal::Frontier;
use terms::StudyId;

use crate::schema::tree_head;
use crate::stored::{exactly_one, from_bigint, to_bigint};
use crate::{Conn, Fault};

/// The journal tree that a write belongs to: its head row is the lock of the write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// What belongs to no study: accounts, log-ins, denials.
    Installation,
    /// Everything that happens in a study.
    Study(StudyId),
}

impl fmt::Display for Tree {
    /// The stored name. An identifier holds no slash, so no study can be called like the installation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installation => f.write_str("installation"),
            Self::Study(study) => write!(f, "study/{study}"),
        }
    }
}

/// The head of a tree, locked.
pub(crate) struct Head {
    pub(crate) tree: Tree,
    pub(crate) version: u64,
    pub(crate) frontier: Frontier,
}

impl Head {
    /// Makes the head row of a new tree.
    pub(crate) fn create(conn: &mut Conn, tree: &Tree) -> Result<(), Fault> {
        diesel::insert_into(tree_head::table)
            .values((
                tree_head::tree.eq(tree.to_string()),
                tree_head::version.eq(0_i64),
                tree_head::size.eq(0_i64),
                tree_head::frontier.eq(Frontier::empty().to_bytes()),
            ))
            .execute(&mut conn.0)?;
        Ok(())
    }

    /// Locks the head until the transaction ends: every other write of this tree waits here.
    pub(crate) fn lock(conn: &mut Conn, tree: &Tree) -> Result<Self, Fault> {
        let row: Option<(i64, i64, Vec<u8>)> = diesel::update(tree_head::table.find(tree.to_string()))
            .set(tree_head::version.eq(tree_head::version + 1))
            .returning((tree_head::version, tree_head::size, tree_head::frontier))
            .get_result(&mut conn.0)
            .optional()?;
        let (version, size, bytes) = row.ok_or_else(|| Fault::NoTree(tree.to_string()))?;
        let frontier = read_frontier(size, &bytes)?;
        Ok(Self { tree: tree.clone(), version: from_bigint(version, "version of a tree head")?, frontier })
    }

    /// Writes the frontier back. It is written even when nothing was appended: PostgreSQL answers COMMIT of a failed
    /// transaction with success, and this statement, the last before COMMIT, fails in one.
    pub(crate) fn save(&self, conn: &mut Conn) -> Result<(), Fault> {
        let met = diesel::update(tree_head::table.find(self.tree.to_string()))
            .filter(tree_head::version.eq(to_bigint(self.version, "version of a tree head")?))
            .set((
                tree_head::size.eq(to_bigint(self.frontier.size(), "size of a tree")?),
                tree_head::frontier.eq(self.frontier.to_bytes()),
            ))
            .execute(&mut conn.0)?;
        exactly_one(met, "tree_head")
    }
}

/// The frontier of a tree as it stands.
pub(crate) fn frontier(conn: &mut Conn, tree: &Tree) -> Result<Frontier, Fault> {
    let row: Option<(i64, Vec<u8>)> = tree_head::table
        .find(tree.to_string())
        .select((tree_head::size, tree_head::frontier))
        .first(&mut conn.0)
        .optional()?;
    let (size, bytes) = row.ok_or_else(|| Fault::NoTree(tree.to_string()))?;
    read_frontier(size, &bytes)
}

fn read_frontier(size: i64, bytes: &[u8]) -> Result<Frontier, Fault> {
    let frontier = Frontier::from_bytes(bytes).map_err(|_malformed| Fault::Malformed("frontier"))?;
    if to_bigint(frontier.size(), "size of a tree")? == size {
        Ok(frontier)
    } else {
        Err(Fault::Malformed("frontier"))
    }
}
