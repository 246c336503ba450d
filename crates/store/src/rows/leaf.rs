//! The leaves of the journal trees. They are appended with [`Tx::append`](crate::Tx::append) only.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use journal::{Frontier, Hash};
use terms::Moment;

use crate::schema::journal_leaf;
use crate::stored::{from_bigint, to_bigint};
use crate::{Conn, Fault, Tree};

/// A leaf as it was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The place in the tree, from 0.
    pub index: u64,
    /// The canonical bytes that were hashed.
    pub canonical: Vec<u8>,
    /// When it was saved.
    pub saved_at: Moment,
}

/// Up to `limit` leaves from index `from` on, in the order of the tree.
pub fn page(conn: &mut Conn, tree: &Tree, from: u64, limit: u32) -> Result<Vec<Leaf>, Fault> {
    let rows: Vec<(i64, Vec<u8>, chrono::NaiveDateTime)> = journal_leaf::table
        .filter(journal_leaf::tree.eq(tree.to_string()))
        .filter(journal_leaf::leaf_index.ge(to_bigint(from, "leaf index")?))
        .order(journal_leaf::leaf_index)
        .limit(i64::from(limit))
        .select((journal_leaf::leaf_index, journal_leaf::leaf, journal_leaf::saved_at))
        .load(&mut conn.0)?;
    rows.into_iter()
        .map(|(index, canonical, saved_at)| {
            let index = from_bigint(index, "leaf index")?;
            Ok(Leaf { index, canonical, saved_at: Moment::from_stored(saved_at) })
        })
        .collect()
}

/// The hashes of all leaves, in the order of the tree.
pub fn hashes(conn: &mut Conn, tree: &Tree) -> Result<Vec<Hash>, Fault> {
    hashes_from(conn, tree, 0)
}

/// The hashes of the leaves from index `from` on, in the order of the tree.
pub fn hashes_from(conn: &mut Conn, tree: &Tree, from: u64) -> Result<Vec<Hash>, Fault> {
    load_hashes(conn, tree, from, i64::MAX)
}

/// So many hashes of leaves from an index on, in the order of the tree.
pub fn some_hashes(conn: &mut Conn, tree: &Tree, from: u64, limit: u32) -> Result<Vec<Hash>, Fault> {
    load_hashes(conn, tree, from, i64::from(limit))
}

fn load_hashes(conn: &mut Conn, tree: &Tree, from: u64, limit: i64) -> Result<Vec<Hash>, Fault> {
    let rows: Vec<Vec<u8>> = journal_leaf::table
        .filter(journal_leaf::tree.eq(tree.to_string()))
        .filter(journal_leaf::leaf_index.ge(to_bigint(from, "leaf index")?))
        .order(journal_leaf::leaf_index)
        .limit(limit)
        .select(journal_leaf::leaf_hash)
        .load(&mut conn.0)?;
    rows.iter().map(|bytes| to_hash(bytes)).collect()
}

/// When the last leaf was saved.
pub fn last_saved(conn: &mut Conn, tree: &Tree) -> Result<Option<Moment>, Fault> {
    let last: Option<chrono::NaiveDateTime> = journal_leaf::table
        .filter(journal_leaf::tree.eq(tree.to_string()))
        .order(journal_leaf::leaf_index.desc())
        .select(journal_leaf::saved_at)
        .first(&mut conn.0)
        .optional()?;
    Ok(last.map(Moment::from_stored))
}

/// The frontier of the tree as it stands: its size and its root.
pub fn frontier(conn: &mut Conn, tree: &Tree) -> Result<Frontier, Fault> {
    crate::tree::frontier(conn, tree)
}

pub(crate) fn add(
    conn: &mut Conn,
    tree: &Tree,
    index: u64,
    canonical: &[u8],
    hash: &Hash,
    saved_at: Moment,
) -> Result<(), Fault> {
    diesel::insert_into(journal_leaf::table)
        .values((
            journal_leaf::tree.eq(tree.to_string()),
            journal_leaf::leaf_index.eq(to_bigint(index, "leaf index")?),
            journal_leaf::leaf.eq(canonical),
            journal_leaf::leaf_hash.eq(hash.bytes().as_slice()),
            journal_leaf::saved_at.eq(saved_at.to_stored()),
        ))
        .execute(&mut conn.0)?;
    Ok(())
}

fn to_hash(bytes: &[u8]) -> Result<Hash, Fault> {
    Hash::from_slice(bytes).ok_or(Fault::Malformed("leaf hash"))
}
