//! A log-in that lives in the cookie of a browser: opaque, found by its row alone, so that it can be ended at once.

use std::sync::Arc;

use store::rows::person::{self, Person};
use store::rows::role;
use store::rows::session::{self, Session};
use store::{Tree, Tx};
use terms::Moment;
use trial::{HeldRole, Refusal};

use super::credentials::Attempt;
use super::log_in::begin;
use super::{First, first};
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::tokens::OpaqueToken;

/// A browser in which nothing was asked for so many seconds is logged out (USR-08): others may walk past it.
pub const LONGEST_IDLE: i64 = 30 * 60;

/// Use is written down at most so often, in seconds: every page would wait for a write otherwise.
const NOTED_EVERY: i64 = 60;

/// Somebody at a browser, with the roles that the database gives now.
#[derive(Clone)]
pub struct Visit {
    /// The person, as every use case is asked by.
    pub caller: Caller,
    /// Who it is.
    pub person: Person,
    /// The roles held now.
    pub roles: Vec<HeldRole>,
    /// What comes before anything else.
    pub first: Option<First>,
}

/// A log-in at a browser.
pub struct Entered {
    /// The token for its cookie.
    pub token: String,
    /// What comes before anything else.
    pub first: Option<First>,
}

/// Logs a person in at a browser, by the password; the code of a second factor comes on the page after it.
///
/// # Errors
/// As [`log_in`](super::log_in::log_in()).
pub fn log_in(service: &Shared, login: &str, attempt: &Attempt) -> Result<Entered, Failure> {
    begin(service, login, attempt, None, issue)
}

/// Whose browser this is.
///
/// # Errors
/// [`Refusal::NotAuthenticated`] for a token that is none, and when the session has ended or was idle for too long.
pub fn visit(service: &Shared, token: &str) -> Result<Visit, Failure> {
    let hash = OpaqueToken::parse(token).ok_or(Refusal::NotAuthenticated)?.digest();
    let now = service.clock.now();
    let (visit, last_used_at) = service.store.read(|conn| {
        let of = session::of_browser(conn, &hash)?.filter(|of| is_live(of, now));
        let of = of.ok_or(Refusal::NotAuthenticated)?;
        let roles = role::held(conn, &of.user)?;
        let visit = Visit {
            person: person::find(conn, &of.user)?.ok_or_else(|| missing("person"))?,
            first: first(service, conn, &of, &roles)?,
            roles,
            caller: Caller { user: of.user, session: of.id },
        };
        Ok::<_, Failure>((visit, of.last_used_at))
    })?;
    if last_used_at.plus_seconds(NOTED_EVERY) <= now {
        note_use(service, &visit.caller, now);
    }
    Ok(visit)
}

fn issue(
    service: &Service,
    tx: &mut Tx,
    of: &Session,
    first: Option<First>,
    now: Moment,
) -> Result<Entered, Failure> {
    let token = OpaqueToken::generate(&service.entropy)?;
    session::add_browser(tx, &token.digest(), &of.id, now)?;
    Ok(Entered { token: token.reveal().to_owned(), first })
}

/// Nobody is kept from reading a page because its use cannot be noted.
fn note_use(service: &Shared, caller: &Caller, now: Moment) {
    let (session, service) = (caller.session.clone(), Arc::clone(service));
    let note = move |tx: &mut Tx| Ok::<(), Failure>(session::touch(tx, &session, now)?);
    if let Err(Failure::Fault(fault)) = service.store.write(Tree::Installation, note) {
        tracing::warn!(error = %fault, "the use of a session could not be noted");
    }
}

fn is_live(session: &Session, now: Moment) -> bool {
    session.ends_at > now && session.last_used_at.plus_seconds(LONGEST_IDLE) > now
}
