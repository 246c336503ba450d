//! Logging in and out (`POST /session`, `DELETE /session`).

use std::sync::Arc;

use store::rows::session::{self, Session};
use store::{Tree, Tx};
use terms::{Moment, SessionId, UserId};
use trial::act::Act;

use super::append;
use super::credentials::{Attempt, prove};
use crate::case::assert_logged_in;
use crate::failure::{Failure, instrument};
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::throttle::Door;
use crate::tokens::OpaqueToken;

/// A session ends so many seconds after its log-in, whatever is done in it.
pub const LONGEST: i64 = 12 * 3600;

/// The tokens of a session, shown once.
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// Until when it is good.
    pub access_ends_at: Moment,
    /// The token that renews it, once.
    pub refresh: String,
    /// When the session ends.
    pub ends_at: Moment,
    /// Whether the person must set a password of their own before anything else.
    pub must_change_password: bool,
}

/// Logs a person in. Nobody is ever locked out: see [`crate::throttle`].
///
/// # Errors
/// [`WrongCredentials`](trial::Refusal::WrongCredentials), the same for an unknown name and a wrong password;
/// [`TooManyAttempts`](trial::Refusal::TooManyAttempts); [`Busy`](trial::Refusal::Busy).
pub fn log_in(service: &Shared, login: &str, attempt: &Attempt) -> Result<Tokens, Failure> {
    begin(service, login, attempt, issue)
}

/// Begins a session of the person whose password this is, and issues for it what the client asks for.
pub(super) fn begin<T: Send + 'static>(
    service: &Shared,
    login: &str,
    attempt: &Attempt,
    issue: impl Fn(&Service, &mut Tx, &Session, bool, Moment) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let proved = prove(service, Door::LogIn, &login.trim().to_lowercase(), attempt)?;
    let shared = Arc::clone(service);
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        proved.still_holds(tx)?;
        let now = shared.clock.now();
        let (id, user) = (shared.entropy.id()?, proved.user.clone());
        let new = Session { id, user, ends_at: now.plus_seconds(LONGEST), last_used_at: now };
        session::start(tx, &new)?;
        append(&shared, tx, Some(&new.user), None, now, Act::LoggedIn { user: new.user.clone() })?;
        issue(&shared, tx, &new, proved.stored.one_time, now)
    })
}

/// Ends the caller's session.
///
/// # Errors
/// [`NotAuthenticated`](trial::Refusal::NotAuthenticated) when it has ended already.
pub fn log_out(service: &Shared, caller: &Caller) -> Result<(), Failure> {
    let (shared, caller) = (Arc::clone(service), caller.clone());
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let now = shared.clock.now();
        assert_logged_in(tx, &caller, now)?;
        Ok(session::end(tx, &caller.session, now)?)
    })
}

/// Issues the next tokens of a session.
pub(super) fn issue(
    service: &Service,
    tx: &mut Tx,
    of: &Session,
    must_change_password: bool,
    now: Moment,
) -> Result<Tokens, Failure> {
    let refresh = OpaqueToken::generate(&service.entropy)?;
    session::add_refresh(tx, &refresh.digest(), &of.id, now)?;
    let (access, access_ends_at) = access(service, &of.user, &of.id, now)?;
    Ok(Tokens {
        access,
        access_ends_at: access_ends_at.min(of.ends_at),
        refresh: refresh.reveal().to_owned(),
        ends_at: of.ends_at,
        must_change_password,
    })
}

fn access(
    service: &Service,
    user: &UserId,
    session: &SessionId,
    now: Moment,
) -> Result<(String, Moment), Failure> {
    service.tokens.issue(user, session, now).map_err(instrument)
}
