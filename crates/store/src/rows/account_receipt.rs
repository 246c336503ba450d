//! Receipts of acts that show a one-time password: under which key they were done, never the password.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::Moment;

use crate::schema::account_receipt as receipt;
use crate::{Conn, Fault, Tx};

/// What an act under this key came to.
pub fn find(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<String>, Fault> {
    Ok(receipt::table.find(hash.as_slice()).select(receipt::outcome).first(&mut conn.0).optional()?)
}

/// Adds a receipt.
pub fn add(tx: &mut Tx, hash: &[u8; 32], outcome: &str, at: Moment) -> Result<(), Fault> {
    diesel::insert_into(receipt::table)
        .values((
            receipt::hash.eq(hash.as_slice()),
            receipt::outcome.eq(outcome),
            receipt::recorded_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}
