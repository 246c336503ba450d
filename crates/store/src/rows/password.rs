//! Password hashes.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, UserId};

use crate::schema::password;
use crate::{Conn, Fault, Tx};

/// A password as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    /// The PHC string of the hash.
    pub hash: String,
    /// Whether its owner must replace it before anything else.
    pub one_time: bool,
}

/// The password of a person.
pub fn find(conn: &mut Conn, user: &UserId) -> Result<Option<Password>, Fault> {
    let row: Option<(String, bool)> = password::table
        .find(user.as_str())
        .select((password::hash, password::one_time))
        .first(&mut conn.0)
        .optional()?;
    Ok(row.map(|(hash, one_time)| Password { hash, one_time }))
}

/// Whether the person must replace the password first; also when there is none.
pub fn is_one_time(conn: &mut Conn, user: &UserId) -> Result<bool, Fault> {
    Ok(find(conn, user)?.is_none_or(|password| password.one_time))
}

/// When the password of a person was set.
pub fn set_at(conn: &mut Conn, user: &UserId) -> Result<Option<Moment>, Fault> {
    let at: Option<chrono::NaiveDateTime> =
        password::table.find(user.as_str()).select(password::set_at).first(&mut conn.0).optional()?;
    Ok(at.map(Moment::from_stored))
}

/// Sets the password of a person, the first or another.
pub fn set(tx: &mut Tx, user: &UserId, new: &Password, at: Moment) -> Result<(), Fault> {
    diesel::delete(password::table.find(user.as_str())).execute(&mut tx.0)?;
    diesel::insert_into(password::table)
        .values((
            password::user_id.eq(user.as_str()),
            password::hash.eq(&new.hash),
            password::one_time.eq(new.one_time),
            password::set_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}
