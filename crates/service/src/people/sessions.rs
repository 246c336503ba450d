//! The log-ins of a person that are live, and how they are ended (`GET /me/sessions`, `GET /users/{id}/sessions`).

use std::sync::Arc;

use store::rows::person;
use store::rows::session::{self, Session};
use store::{Conn, Tree, Tx};
use terms::{Moment, SessionId, UserId};
use trial::act::{Act, SessionsEnded};
use trial::{Action, Refusal};

use super::append;
use super::second_factor::own;
use super::{browser, desk, refresh};
use crate::failure::{Failure, instrument};
use crate::request::Caller;
use crate::service::Shared;

/// A log-in that is live.
pub struct Live {
    /// Its id, which is no secret: it is in no cookie, and opens nothing.
    pub id: SessionId,
    /// When it was last used.
    pub last_used_at: Moment,
    /// When it ends at the latest.
    pub ends_at: Moment,
    /// Whether it is that of a browser.
    pub is_browser: bool,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// The caller's own log-ins, the one used last first.
///
/// # Errors
/// [`Refusal::NotAuthenticated`], and what comes first.
pub fn own_sessions(service: &Shared, caller: &Caller) -> Result<Vec<Live>, Failure> {
    service.store.read(|conn| {
        let of = own(service, conn, caller)?;
        live(conn, &of.user, Some(&of.id), service.clock.now())
    })
}

/// Ends one of the caller's log-ins, or all but the one that asks. Gives how many ended.
///
/// # Errors
/// [`Refusal::NotFound`] for a log-in that is none of the caller's; otherwise as [`own_sessions`].
pub fn end_own(service: &Shared, caller: &Caller, which: Option<SessionId>) -> Result<usize, Failure> {
    let (shared, caller) = (Arc::clone(service), caller.clone());
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let of = own(&shared, tx, &caller)?;
        let now = shared.clock.now();
        let ended = end(tx, &of.user, which.as_ref(), Some(&of.id), now)?;
        let act = ended_act(&of.user, ended)?;
        append(&shared, tx, Some(&of.user), None, now, act)?;
        Ok(ended)
    })
}

/// The log-ins of somebody, for an administrator.
///
/// # Errors
/// [`Refusal::Forbidden`] for all but administrators; [`Refusal::NotFound`].
pub fn sessions_of(service: &Shared, caller: &Caller, user: &UserId) -> Result<Vec<Live>, Failure> {
    desk::read(service, caller, Action::ReadUsers, |conn| {
        person::find(conn, user)?.ok_or(Refusal::NotFound)?;
        live(conn, user, Some(&caller.session), service.clock.now())
    })
}

/// Ends one log-in of somebody, or all of them, as an administrator. Gives how many ended.
///
/// # Errors
/// As [`sessions_of`]; [`Refusal::NotFound`] for a log-in that is none of that person's.
pub fn end_of(
    service: &Shared,
    caller: &Caller,
    user: UserId,
    which: Option<SessionId>,
) -> Result<usize, Failure> {
    desk::write(service, caller, Action::ResetUser, move |tx, desk| {
        person::find(tx, &user)?.ok_or(Refusal::NotFound)?;
        let ended = end(tx, &user, which.as_ref(), None, desk.now)?;
        desk.append(tx, None, ended_act(&user, ended)?)?;
        Ok(ended)
    })
}

fn live(conn: &mut Conn, user: &UserId, this: Option<&SessionId>, now: Moment) -> Result<Vec<Live>, Failure> {
    let mut found = Vec::new();
    for of in session::of_user(conn, user, now)? {
        let is_browser = session::is_browser(conn, &of.id)?;
        if is_in_use(&of, is_browser, now) {
            let Session { id, last_used_at, ends_at, .. } = of;
            found.push(Live { is_this: this == Some(&id), id, last_used_at, ends_at, is_browser });
        }
    }
    Ok(found)
}

/// One that was idle for too long can be used no more, though nobody has ended it.
fn is_in_use(of: &Session, is_browser: bool, now: Moment) -> bool {
    let idle = if is_browser { browser::LONGEST_IDLE } else { refresh::LONGEST_IDLE };
    of.last_used_at.plus_seconds(idle) > now
}

fn end(
    tx: &mut Tx,
    user: &UserId,
    which: Option<&SessionId>,
    but: Option<&SessionId>,
    now: Moment,
) -> Result<usize, Failure> {
    let live = session::of_user(tx, user, now)?;
    let Some(id) = which else {
        session::end_all(tx, user, but, now)?;
        return Ok(live.iter().filter(|of| Some(&of.id) != but).count());
    };
    if !live.iter().any(|of| of.id == *id) {
        return Err(Refusal::NotFound.into());
    }
    session::end(tx, id, now)?;
    Ok(1)
}

fn ended_act(user: &UserId, ended: usize) -> Result<Act, Failure> {
    let sessions = u64::try_from(ended).map_err(instrument)?;
    Ok(Act::SessionsEnded(SessionsEnded { user: user.clone(), sessions }))
}
