//! Openings: the sealed values behind the commitments of the journal, and free text. They are the only ciphertext
//! of the database, so a key can be rotated and a text redacted without touching what is append-only.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::OpeningId;

use crate::schema::opening;
use crate::stored::{exactly_one, from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tree, Tx};

/// A sealed value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its id, to which append-only rows refer.
    pub id: OpeningId,
    /// What it is of; all plaintexts of one kind are equally long.
    pub kind: String,
    /// The version of the data key that it is sealed under.
    pub key_version: u64,
    /// The sealed salt and value.
    pub ciphertext: Vec<u8>,
}

/// Adds an opening.
pub fn add(tx: &mut Tx, new: &Opening) -> Result<(), Fault> {
    let tree = tx.tree().to_string();
    diesel::insert_into(opening::table)
        .values((
            opening::id.eq(new.id.as_str()),
            opening::tree.eq(tree),
            opening::kind.eq(&new.kind),
            opening::key_version.eq(to_bigint(new.key_version, "key version")?),
            opening::ciphertext.eq(&new.ciphertext),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One opening of the tree; none when it was redacted.
pub fn get(conn: &mut Conn, tree: &Tree, id: &OpeningId) -> Result<Option<Opening>, Fault> {
    opening::table
        .find(id.as_str())
        .filter(opening::tree.eq(tree.to_string()))
        .select((opening::id, opening::kind, opening::key_version, opening::ciphertext))
        .first::<Row>(&mut conn.0)
        .optional()?
        .map(read)
        .transpose()
}

/// All openings of one kind, in the order of their ids.
pub fn of_kind(conn: &mut Conn, tree: &Tree, kind: &str) -> Result<Vec<Opening>, Fault> {
    let rows: Vec<Row> = opening::table
        .filter(opening::tree.eq(tree.to_string()))
        .filter(opening::kind.eq(kind))
        .order(opening::id)
        .select((opening::id, opening::kind, opening::key_version, opening::ciphertext))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// All openings of the tree, in the order of their ids.
pub fn all(conn: &mut Conn, tree: &Tree) -> Result<Vec<Opening>, Fault> {
    let rows: Vec<Row> = opening::table
        .filter(opening::tree.eq(tree.to_string()))
        .order(opening::id)
        .select((opening::id, opening::kind, opening::key_version, opening::ciphertext))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// Up to `limit` openings of the tree that are sealed under an older key than this version.
pub fn older_than(conn: &mut Conn, tree: &Tree, version: u64, limit: u32) -> Result<Vec<Opening>, Fault> {
    let rows: Vec<Row> = opening::table
        .filter(opening::tree.eq(tree.to_string()))
        .filter(opening::key_version.lt(to_bigint(version, "key version")?))
        .order(opening::id)
        .limit(i64::from(limit))
        .select((opening::id, opening::kind, opening::key_version, opening::ciphertext))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// Replaces the ciphertext when the data key is rotated; refused when the row no longer has the version `before`.
pub fn reseal(
    tx: &mut Tx,
    id: &OpeningId,
    before: u64,
    key_version: u64,
    ciphertext: &[u8],
) -> Result<(), Fault> {
    let met = diesel::update(opening::table.find(id.as_str()))
        .filter(opening::tree.eq(tx.tree().to_string()))
        .filter(opening::key_version.eq(to_bigint(before, "key version")?))
        .set((
            opening::key_version.eq(to_bigint(key_version, "key version")?),
            opening::ciphertext.eq(ciphertext),
        ))
        .execute(&mut tx.0)?;
    exactly_one(met, "opening")
}

/// Deletes the opening: the commitment stays, and nobody can open it again.
pub fn redact(tx: &mut Tx, id: &OpeningId) -> Result<(), Fault> {
    let row = opening::table.find(id.as_str()).filter(opening::tree.eq(tx.tree().to_string()));
    let met = diesel::delete(row).execute(&mut tx.0)?;
    exactly_one(met, "opening")
}

pub(super) type Row = (String, String, i64, Vec<u8>);

pub(super) fn read((id, kind, key_version, ciphertext): Row) -> Result<Opening, Fault> {
    let key_version = from_bigint(key_version, "key version")?;
    Ok(Opening { id: to_id(&id, "opening id")?, kind, key_version, ciphertext })
}
