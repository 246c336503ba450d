//! Logging in and out (`POST /session`, `DELETE /session`).

use std::sync::Arc;

use store::rows::session::{self, Session};
use store::rows::{role, second_factor};
use store::{Tree, Tx};
use terms::{Moment, SessionId, UserId};
use trial::act::{Account, Act};

use super::code::{slowed, take};
use super::credentials::{Attempt, Proved, prove};
use super::{First, append, first};
use crate::case::logged_in;
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
    /// What comes before anything else.
    pub first: Option<First>,
}

/// Logs a person in. Nobody is ever locked out: see [`crate::throttle`]. Somebody with a second factor may give its
/// code at once, or later; until then the session is good for a code break alone.
///
/// # Errors
/// [`WrongCredentials`](trial::Refusal::WrongCredentials), the same for an unknown name and a wrong password;
/// [`WrongCode`](trial::Refusal::WrongCode); [`TooManyAttempts`](trial::Refusal::TooManyAttempts);
/// [`Busy`](trial::Refusal::Busy).
pub fn log_in(
    service: &Shared,
    login: &str,
    attempt: &Attempt,
    code: Option<String>,
) -> Result<Tokens, Failure> {
    begin(service, login, attempt, code, issue)
}

/// Begins a session of the person whose password this is, and issues for it what the client asks for.
pub(super) fn begin<T: Send + 'static>(
    service: &Shared,
    login: &str,
    attempt: &Attempt,
    code: Option<String>,
    issue: impl Fn(&Service, &mut Tx, &Session, Option<First>, Moment) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let proved = prove(service, Door::LogIn, &login.trim().to_lowercase(), attempt)?;
    let (shared, user, is_coded) = (Arc::clone(service), proved.user.clone(), code.is_some());
    let start = move || {
        shared.store.write(Tree::Installation, {
            let shared = Arc::clone(&shared);
            move |tx: &mut Tx| {
                let new = start(&shared, tx, &proved, code.as_deref())?;
                let roles = role::held(tx, &new.user)?;
                let first = first(&shared, tx, &new, &roles)?;
                issue(&shared, tx, &new, first, new.last_used_at)
            }
        })
    };
    if is_coded { slowed(service, &user, attempt.from, start) } else { start() }
}

/// Starts a session: a whole one, unless there is a second factor of which no code came.
fn start(service: &Service, tx: &mut Tx, proved: &Proved, code: Option<&str>) -> Result<Session, Failure> {
    proved.still_holds(tx)?;
    let (now, user) = (service.clock.now(), proved.user.clone());
    let has_second_factor = second_factor::is_set(tx, &user)?;
    let code = code.filter(|_code| has_second_factor);
    if let Some(code) = code {
        take(service, tx, &user, code, now)?;
    }
    let act = if has_second_factor && code.is_none() { Act::LoggedInByPasswordAlone } else { Act::LoggedIn };
    append(service, tx, Some(&user), None, now, act(Account::of(&user)))?;
    let new = Session {
        id: service.entropy.id()?,
        user,
        ends_at: now.plus_seconds(LONGEST),
        last_used_at: now,
        code_given_at: code.map(|_taken| now),
    };
    session::start(tx, &new)?;
    Ok(new)
}

/// Ends the caller's session.
///
/// # Errors
/// [`NotAuthenticated`](trial::Refusal::NotAuthenticated) when it has ended already.
pub fn log_out(service: &Shared, caller: &Caller) -> Result<(), Failure> {
    let (shared, caller) = (Arc::clone(service), caller.clone());
    service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let now = shared.clock.now();
        logged_in(tx, &caller, now)?;
        Ok(session::end(tx, &caller.session, now)?)
    })
}

/// Issues the next tokens of a session.
pub(super) fn issue(
    service: &Service,
    tx: &mut Tx,
    of: &Session,
    first: Option<First>,
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
        first,
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
