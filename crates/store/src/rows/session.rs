//! Log-ins, and the tokens that live with them.

use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, SessionId, UserId};

use crate::schema::{browser_token as browser, refresh_token as refresh, session, signing_token as signing};
use crate::stored::{exactly_one, to_id};
use crate::{Conn, Fault, Tx};

/// A log-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who logged in.
    pub user: UserId,
    /// When it ends, at the latest; or when it was ended.
    pub ends_at: Moment,
    /// When its tokens were last issued: at log-in, and at every refresh.
    pub last_used_at: Moment,
    /// When the code of the second factor was given in it.
    pub code_given_at: Option<Moment>,
}

/// Begins a session.
pub fn start(tx: &mut Tx, new: &Session) -> Result<(), Fault> {
    diesel::insert_into(session::table)
        .values((
            session::id.eq(new.id.as_str()),
            session::user_id.eq(new.user.as_str()),
            session::started_at.eq(new.last_used_at.to_stored()),
            session::ends_at.eq(new.ends_at.to_stored()),
            session::last_used_at.eq(new.last_used_at.to_stored()),
            session::code_given_at.eq(new.code_given_at.map(Moment::to_stored)),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

type Row = (String, String, NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>, Option<NaiveDateTime>);

const COLUMNS: (
    session::id,
    session::user_id,
    session::ends_at,
    session::last_used_at,
    session::ended_at,
    session::code_given_at,
) = (
    session::id,
    session::user_id,
    session::ends_at,
    session::last_used_at,
    session::ended_at,
    session::code_given_at,
);

/// A session, live or ended.
pub fn find(conn: &mut Conn, id: &SessionId) -> Result<Option<Session>, Fault> {
    let row: Option<Row> = session::table.find(id.as_str()).select(COLUMNS).first(&mut conn.0).optional()?;
    row.map(read).transpose()
}

/// The sessions of a person that were not ended and do not end before this moment, the one used last first.
pub fn of_user(conn: &mut Conn, user: &UserId, now: Moment) -> Result<Vec<Session>, Fault> {
    let rows: Vec<Row> = session::table
        .filter(session::user_id.eq(user.as_str()))
        .filter(session::ended_at.is_null())
        .filter(session::ends_at.gt(now.to_stored()))
        .order((session::last_used_at.desc(), session::id))
        .select(COLUMNS)
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// Whether a session is that of a browser.
pub fn is_browser(conn: &mut Conn, id: &SessionId) -> Result<bool, Fault> {
    let found: Option<String> = browser::table
        .filter(browser::session.eq(id.as_str()))
        .select(browser::session)
        .first(&mut conn.0)
        .optional()?;
    Ok(found.is_some())
}

fn read((id, user, ends_at, last_used_at, ended_at, code_given_at): Row) -> Result<Session, Fault> {
    Ok(Session {
        id: to_id(&id, "session id")?,
        user: to_id(&user, "user id")?,
        ends_at: Moment::from_stored(ended_at.unwrap_or(ends_at)),
        last_used_at: Moment::from_stored(last_used_at),
        code_given_at: code_given_at.map(Moment::from_stored),
    })
}

/// Notes that the code of the second factor was given in a session.
pub fn give_code(tx: &mut Tx, id: &SessionId, at: Moment) -> Result<(), Fault> {
    let met = diesel::update(session::table.find(id.as_str()))
        .set(session::code_given_at.eq(Some(at.to_stored())))
        .execute(&mut tx.0)?;
    exactly_one(met, "session")
}

/// Ends one session; one that was ended before stays as it is.
pub fn end(tx: &mut Tx, id: &SessionId, at: Moment) -> Result<(), Fault> {
    diesel::update(session::table.find(id.as_str()))
        .filter(session::ended_at.is_null())
        .set(session::ended_at.eq(Some(at.to_stored())))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Ends all sessions of a person but, where one is named, that one.
pub fn end_all(tx: &mut Tx, user: &UserId, but: Option<&SessionId>, at: Moment) -> Result<(), Fault> {
    diesel::update(session::table)
        .filter(session::user_id.eq(user.as_str()))
        .filter(session::ended_at.is_null())
        .filter(session::id.ne(but.map_or("", SessionId::as_str)))
        .set(session::ended_at.eq(Some(at.to_stored())))
        .execute(&mut tx.0)?;
    Ok(())
}

/// When each person was last here, in the order of the log-in names; who never was is left out.
pub fn last_uses(conn: &mut Conn) -> Result<Vec<(UserId, Moment)>, Fault> {
    let rows: Vec<(String, Option<NaiveDateTime>)> = session::table
        .group_by(session::user_id)
        .order(session::user_id)
        .select((session::user_id, max(session::last_used_at).nullable()))
        .load(&mut conn.0)?;
    rows.into_iter()
        .filter_map(|(user, at)| Some((user, at?)))
        .map(|(user, at)| Ok((to_id(&user, "user id")?, Moment::from_stored(at))))
        .collect()
}

/// A token that renews a session, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// The session that it renews.
    pub session: SessionId,
    /// Whether it was used.
    pub used: bool,
}

/// Adds a refresh token by its SHA-256, and marks the session as used.
pub fn add_refresh(tx: &mut Tx, hash: &[u8; 32], of: &SessionId, at: Moment) -> Result<(), Fault> {
    diesel::insert_into(refresh::table)
        .values((
            refresh::hash.eq(hash.as_slice()),
            refresh::session.eq(of.as_str()),
            refresh::issued_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    touch(tx, of, at)
}

/// A refresh token by its SHA-256.
pub fn find_refresh(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<Refresh>, Fault> {
    let row: Option<(String, Option<NaiveDateTime>)> = refresh::table
        .find(hash.as_slice())
        .select((refresh::session, refresh::used_at))
        .first(&mut conn.0)
        .optional()?;
    row.map(|(session, used_at)| {
        Ok(Refresh { session: to_id(&session, "session id")?, used: used_at.is_some() })
    })
    .transpose()
}

/// Uses a refresh token up, which must not have been used.
pub fn use_refresh(tx: &mut Tx, hash: &[u8; 32], at: Moment) -> Result<(), Fault> {
    let met = diesel::update(refresh::table.find(hash.as_slice()))
        .filter(refresh::used_at.is_null())
        .set(refresh::used_at.eq(Some(at.to_stored())))
        .execute(&mut tx.0)?;
    exactly_one(met, "refresh_token")
}

/// Adds the token of a browser by its SHA-256.
pub fn add_browser(tx: &mut Tx, hash: &[u8; 32], of: &SessionId, at: Moment) -> Result<(), Fault> {
    diesel::insert_into(browser::table)
        .values((
            browser::hash.eq(hash.as_slice()),
            browser::session.eq(of.as_str()),
            browser::issued_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The session that the token of a browser stands for, by the token's SHA-256.
pub fn of_browser(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<Session>, Fault> {
    let id: Option<String> =
        browser::table.find(hash.as_slice()).select(browser::session).first(&mut conn.0).optional()?;
    let Some(id) = id else { return Ok(None) };
    find(conn, &to_id(&id, "session id")?)
}

/// Marks a session as used.
pub fn touch(tx: &mut Tx, id: &SessionId, at: Moment) -> Result<(), Fault> {
    let met = diesel::update(session::table.find(id.as_str()))
        .set(session::last_used_at.eq(at.to_stored()))
        .execute(&mut tx.0)?;
    exactly_one(met, "session")
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
