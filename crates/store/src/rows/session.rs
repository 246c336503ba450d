//! Log-ins, and the tokens that live with them.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, SessionId, UserId};

use crate::schema::{session, signing_token as signing};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A log-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who logged in.
    pub user: UserId,
    /// When it ends, at the latest.
    pub ends_at: Moment,
}

/// A session, live or ended.
pub fn find(conn: &mut Conn, id: &SessionId) -> Result<Option<Session>, Fault> {
    let row: Option<(String, NaiveDateTime)> = session::table
        .find(id.as_str())
        .select((session::user_id, session::ends_at))
        .first(&mut conn.0)
        .optional()?;
    row.map(|(user, ends_at)| {
        let user = to_id(&user, "user id")?;
        Ok(Session { id: id.clone(), user, ends_at: Moment::from_stored(ends_at) })
    })
    .transpose()
}

/// A token that signs one act: re-authentication bound to the action, the request and the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Who signs.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// The code of the action.
    pub action: String,
    /// The digest of the request.
    pub request: [u8; 32],
    /// When it was issued.
    pub issued_at: Moment,
    /// Until when it can be used.
    pub expires_at: Moment,
}

/// Adds a signing token.
pub fn add_signing(tx: &mut Tx, new: &Signing) -> Result<(), Fault> {
    diesel::insert_into(signing::table)
        .values((
            signing::hash.eq(new.hash.as_slice()),
            signing::user_id.eq(new.user.as_str()),
            signing::session.eq(new.session.as_str()),
            signing::action.eq(&new.action),
            signing::body_hash.eq(new.request.as_slice()),
            signing::issued_at.eq(new.issued_at.to_stored()),
            signing::expires_at.eq(new.expires_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// What a signing token must have been made for.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// Who signs.
    pub user: &'a UserId,
    /// In which session.
    pub session: &'a SessionId,
    /// The code of the action.
    pub action: &'a str,
    /// The digest of the request.
    pub request: &'a [u8; 32],
}

/// Uses a signing token up; false when it was made for something else, was used, or is too old (SIG-02).
pub fn use_signing(tx: &mut Tx, hash: &[u8; 32], signed: Signed<'_>, now: Moment) -> Result<bool, Fault> {
    let met = diesel::update(signing::table.find(hash.as_slice()))
        .filter(signing::user_id.eq(signed.user.as_str()))
        .filter(signing::session.eq(signed.session.as_str()))
        .filter(signing::action.eq(signed.action))
        .filter(signing::body_hash.eq(signed.request.as_slice()))
        .filter(signing::expires_at.gt(now.to_stored()))
        .filter(signing::used_at.is_null())
        .set(signing::used_at.eq(Some(now.to_stored())))
        .execute(&mut tx.0)?;
    Ok(met == 1)
}
