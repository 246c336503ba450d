//! One write in progress.

use std::ops::{Deref, DerefMut};

use diesel::r2d2::PooledConnection;
use journal::{Frontier, leaf_hash};
use terms::{Moment, StudyId};

use crate::begin::{begin_write, commit, rollback};
use crate::pool::Opener;
use crate::rows::leaf;
use crate::tree::Head;
use crate::{Conn, Fault, Tree};

/// A write in progress: it holds the lock of one journal tree. Only [`Store::write`](crate::Store::write) makes one.
pub struct Tx {
    conn: PooledConnection<Opener>,
    head: Head,
}

impl Tx {
    /// Appends a leaf and returns its index. The lock makes the indices gapless and the order of the leaves the
    /// order of events.
    pub fn append(&mut self, canonical: &[u8], saved_at: Moment) -> Result<u64, Fault> {
        let index = self.head.frontier.size();
        let hash = leaf_hash(canonical);
        leaf::add(&mut self.conn, &self.head.tree, index, canonical, &hash, saved_at)?;
        self.head.frontier.append(hash);
        Ok(index)
    }

    /// The tree whose lock is held.
    pub fn tree(&self) -> &Tree {
        &self.head.tree
    }

    /// The study whose lock is held.
    pub fn study(&self) -> Result<&StudyId, Fault> {
        match &self.head.tree {
            Tree::Study(study) => Ok(study),
            Tree::Installation => Err(Fault::WrongTree),
        }
    }

    /// The tree with the leaves appended so far.
    pub fn frontier(&self) -> &Frontier {
        &self.head.frontier
    }

    /// The number of this write among all writes of the tree.
    pub fn version(&self) -> u64 {
        self.head.version
    }

    pub(crate) fn begin(mut conn: PooledConnection<Opener>, tree: &Tree) -> Result<Self, Fault> {
        begin_write(&mut conn)?;
        match Head::lock(&mut conn, tree) {
            Ok(head) => Ok(Self { conn, head }),
            Err(fault) => {
                undo(&mut conn);
                Err(fault)
            }
        }
    }

    pub(crate) fn save_head(&mut self) -> Result<(), Fault> {
        self.head.save(&mut self.conn)
    }

    pub(crate) fn commit(mut self) -> Result<(), Fault> {
        commit(&mut self.conn).map_err(Fault::of_commit)
    }

    pub(crate) fn rollback(mut self) {
        undo(&mut self.conn);
    }
}

/// Rolls back. When that fails the pool throws the connection away, and the engine rolls back by itself.
pub(crate) fn undo(conn: &mut Conn) {
    if let Err(error) = rollback(conn) {
        tracing::warn!(%error, "a rollback failed; the connection is thrown away");
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
