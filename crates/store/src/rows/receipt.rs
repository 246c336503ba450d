//! Receipts: what an idempotency key did, so that a retry gets the same answer and makes no second anything.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, StudyId, UserId};

use crate::schema::{receipt, receipt_replay};
use crate::stored::{to_array, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The idempotency key.
    pub key: String,
    /// Who sent it.
    pub user: UserId,
    /// The code of the action.
    pub action: String,
    /// SHA-256 of the body.
    pub body_hash: [u8; 32],
    /// The answer, in the form of the use case. It holds public fields only: it is not sealed.
    pub outcome: String,
    /// When the act was recorded.
    pub recorded_at: Moment,
}

/// The receipt of a key.
pub fn find(conn: &mut Conn, study: &StudyId, key: &str) -> Result<Option<Receipt>, Fault> {
    receipt::table
        .find((study.as_str(), key))
        .select((
            receipt::idem_key,
            receipt::user_id,
            receipt::action,
            receipt::body_hash,
            receipt::outcome,
            receipt::recorded_at,
        ))
        .first::<Row>(&mut conn.0)
        .optional()?
        .map(read)
        .transpose()
}

/// Keeps the receipt of an act in the transaction of the act.
pub fn add(tx: &mut Tx, new: &Receipt) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(receipt::table)
        .values((
            receipt::study.eq(study),
            receipt::idem_key.eq(&new.key),
            receipt::user_id.eq(new.user.as_str()),
            receipt::action.eq(&new.action),
            receipt::body_hash.eq(new.body_hash.as_slice()),
            receipt::outcome.eq(&new.outcome),
            receipt::recorded_at.eq(new.recorded_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Records that a key was asked again, so that the repeated answer waits for the standby like the first one.
pub fn add_replay(tx: &mut Tx, key: &str, replayed_at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let version = to_bigint(tx.version(), "version of a tree head")?;
    diesel::insert_into(receipt_replay::table)
        .values((
            receipt_replay::study.eq(study),
            receipt_replay::head_version.eq(version),
            receipt_replay::idem_key.eq(key),
            receipt_replay::replayed_at.eq(replayed_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// How often a key was asked again.
pub fn replays(conn: &mut Conn, study: &StudyId, key: &str) -> Result<i64, Fault> {
    let count = receipt_replay::table
        .filter(receipt_replay::study.eq(study.as_str()))
        .filter(receipt_replay::idem_key.eq(key))
        .count()
        .get_result(&mut conn.0)?;
    Ok(count)
}

type Row = (String, String, String, Vec<u8>, String, NaiveDateTime);

fn read((key, user, action, body_hash, outcome, recorded_at): Row) -> Result<Receipt, Fault> {
    Ok(Receipt {
        key,
        user: to_id(&user, "user id")?,
        action,
        body_hash: to_array(&body_hash, "body hash")?,
        outcome,
        recorded_at: Moment::from_stored(recorded_at),
    })
}
