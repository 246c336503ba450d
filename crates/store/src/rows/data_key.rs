//! Data keys, wrapped under the master key, which is never in the database.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};

use crate::schema::data_key;
use crate::stored::{exactly_one, from_bigint, to_bigint};
use crate::{Conn, Fault, Tree, Tx};

/// A wrapped data key and its version.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey {
    /// The version that every ciphertext under this key carries.
    pub version: u64,
    /// The key, sealed under the master key.
    pub wrapped: Vec<u8>,
}

/// Adds a version.
pub fn add(tx: &mut Tx, new: &DataKey) -> Result<(), Fault> {
    let tree = tx.tree().to_string();
    diesel::insert_into(data_key::table)
        .values((
            data_key::tree.eq(tree),
            data_key::version.eq(to_bigint(new.version, "key version")?),
            data_key::wrapped.eq(&new.wrapped),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// All versions, the oldest first.
pub fn all(conn: &mut Conn, tree: &Tree) -> Result<Vec<DataKey>, Fault> {
    let rows: Vec<(i64, Vec<u8>)> = data_key::table
        .filter(data_key::tree.eq(tree.to_string()))
        .order(data_key::version)
        .select((data_key::version, data_key::wrapped))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// One version.
pub fn get(conn: &mut Conn, tree: &Tree, version: u64) -> Result<Option<DataKey>, Fault> {
    data_key::table
        .find((tree.to_string(), to_bigint(version, "key version")?))
        .select((data_key::version, data_key::wrapped))
        .first::<(i64, Vec<u8>)>(&mut conn.0)
        .optional()?
        .map(read)
        .transpose()
}

/// Replaces the wrapping of a key when the master key changes; refused when `before` is no longer what is stored.
pub fn rewrap(tx: &mut Tx, before: &DataKey, wrapped: &[u8]) -> Result<(), Fault> {
    let row = data_key::table.find((tx.tree().to_string(), to_bigint(before.version, "key version")?));
    let met = diesel::update(row)
        .filter(data_key::wrapped.eq(&before.wrapped))
        .set(data_key::wrapped.eq(wrapped))
        .execute(&mut tx.0)?;
    exactly_one(met, "data_key")
}

fn read((version, wrapped): (i64, Vec<u8>)) -> Result<DataKey, Fault> {
    Ok(DataKey { version: from_bigint(version, "key version")?, wrapped })
}
