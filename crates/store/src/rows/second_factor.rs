//! Second factors, those that were offered and not yet taken up, and the codes that stand in for one.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, OpeningId, UserId};

use crate::schema::{recovery_code as recovery, second_factor as factor, second_factor_offer as offer};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// The second factor of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Where its secret lies.
    pub opening: OpeningId,
    /// By how many steps the clock of the device was off when a code was last taken.
    pub drift: i64,
    /// The step of the last code that was taken.
    pub last_step: i64,
}

/// The second factor of a person.
pub fn find(conn: &mut Conn, user: &UserId) -> Result<Option<SecondFactor>, Fault> {
    let row: Option<(String, i64, i64)> = factor::table
        .find(user.as_str())
        .select((factor::opening, factor::drift, factor::last_step))
        .first(&mut conn.0)
        .optional()?;
    row.map(|(opening, drift, last_step)| {
        Ok(SecondFactor { opening: to_id(&opening, "opening id")?, drift, last_step })
    })
    .transpose()
}

/// Whether a person has a second factor.
pub fn is_set(conn: &mut Conn, user: &UserId) -> Result<bool, Fault> {
    Ok(find(conn, user)?.is_some())
}

/// Who has one, in the order of the log-in names.
pub fn holders(conn: &mut Conn) -> Result<Vec<UserId>, Fault> {
    let rows: Vec<String> = factor::table.select(factor::user_id).order(factor::user_id).load(&mut conn.0)?;
    rows.iter().map(|user| to_id(user, "user id")).collect()
}

/// Sets the second factor of a person, in the place of whichever there was.
pub fn set(tx: &mut Tx, user: &UserId, new: &SecondFactor, at: Moment) -> Result<(), Fault> {
    diesel::delete(factor::table.find(user.as_str())).execute(&mut tx.0)?;
    diesel::insert_into(factor::table)
        .values((
            factor::user_id.eq(user.as_str()),
            factor::opening.eq(new.opening.as_str()),
            factor::drift.eq(new.drift),
            factor::last_step.eq(new.last_step),
            factor::set_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Takes the code of a step; false when that of the same or of a later step was taken before.
pub fn use_step(tx: &mut Tx, user: &UserId, step: i64, drift: i64) -> Result<bool, Fault> {
    let met = diesel::update(factor::table.find(user.as_str()))
        .filter(factor::last_step.lt(step))
        .set((factor::last_step.eq(step), factor::drift.eq(drift)))
        .execute(&mut tx.0)?;
    Ok(met == 1)
}

/// Takes everything of the second factor of a person away; the openings are the caller's to delete.
pub fn remove(tx: &mut Tx, user: &UserId) -> Result<(), Fault> {
    diesel::delete(factor::table.find(user.as_str())).execute(&mut tx.0)?;
    diesel::delete(offer::table.find(user.as_str())).execute(&mut tx.0)?;
    diesel::delete(recovery::table.filter(recovery::user_id.eq(user.as_str()))).execute(&mut tx.0)?;
    Ok(())
}

/// Where the secret lies that was offered to a person.
pub fn offered(conn: &mut Conn, user: &UserId) -> Result<Option<OpeningId>, Fault> {
    let row: Option<String> =
        offer::table.find(user.as_str()).select(offer::opening).first(&mut conn.0).optional()?;
    row.map(|opening| to_id(&opening, "opening id")).transpose()
}

/// Offers a secret to a person, in the place of the one that was offered before.
pub fn put_offer(tx: &mut Tx, user: &UserId, opening: &OpeningId, at: Moment) -> Result<(), Fault> {
    remove_offer(tx, user)?;
    diesel::insert_into(offer::table)
        .values((
            offer::user_id.eq(user.as_str()),
            offer::opening.eq(opening.as_str()),
            offer::offered_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Takes an offer away.
pub fn remove_offer(tx: &mut Tx, user: &UserId) -> Result<(), Fault> {
    diesel::delete(offer::table.find(user.as_str())).execute(&mut tx.0)?;
    Ok(())
}

/// Sets the recovery codes of a person by their SHA-256; those before are good for nothing.
pub fn set_recovery(tx: &mut Tx, user: &UserId, hashes: &[[u8; 32]]) -> Result<(), Fault> {
    diesel::delete(recovery::table.filter(recovery::user_id.eq(user.as_str()))).execute(&mut tx.0)?;
    for hash in hashes {
        diesel::insert_into(recovery::table)
            .values((recovery::user_id.eq(user.as_str()), recovery::hash.eq(hash.as_slice())))
            .execute(&mut tx.0)?;
    }
    Ok(())
}

/// Uses a recovery code up; false when it is none of this person, or was used.
pub fn use_recovery(tx: &mut Tx, user: &UserId, hash: &[u8; 32], at: Moment) -> Result<bool, Fault> {
    let met = diesel::update(recovery::table.find((user.as_str(), hash.as_slice())))
        .filter(recovery::used_at.is_null())
        .set(recovery::used_at.eq(Some(at.to_stored())))
        .execute(&mut tx.0)?;
    Ok(met == 1)
}

/// How many recovery codes of a person are left.
pub fn recovery_left(conn: &mut Conn, user: &UserId) -> Result<usize, Fault> {
    let left: Vec<Option<NaiveDateTime>> = recovery::table
        .filter(recovery::user_id.eq(user.as_str()))
        .filter(recovery::used_at.is_null())
        .select(recovery::used_at)
        .load(&mut conn.0)?;
    Ok(left.len())
}
