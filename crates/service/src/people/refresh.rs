//! Renewing a session (`POST /session/refresh`).

use std::sync::Arc;

use store::rows::role;
use store::rows::session::{self, Session};
use store::{Tree, Tx};
use terms::Moment;
use trial::Refusal;
use trial::act::{Account, Act};

use super::log_in::{Tokens, issue};
use super::{append, first};
use crate::failure::{Failure, missing};
use crate::service::{Service, Shared};
use crate::tokens::OpaqueToken;

/// A session that was not renewed for so many seconds can no longer be (USR-08).
pub const LONGEST_IDLE: i64 = 2 * 3600;

/// Renews a session: the refresh token is used up, and new tokens are issued.
///
/// A token that comes a second time was copied, and nobody can tell whether the owner or the thief came
/// first: the session ends for both, and a leaf says so.
///
/// # Errors
/// [`Refusal::NotAuthenticated`], whatever is wrong with the token or its session.
pub fn refresh(service: &Shared, token: &str) -> Result<Tokens, Failure> {
    let hash = OpaqueToken::parse(token).ok_or(Refusal::NotAuthenticated)?.digest();
    let shared = Arc::clone(service);
    // The end of a session must be committed, so it is no refusal of the transaction.
    let renewed = service.store.write(Tree::Installation, move |tx: &mut Tx| renew(&shared, tx, &hash));
    renewed?.ok_or_else(|| Refusal::NotAuthenticated.into())
}

fn renew(service: &Service, tx: &mut Tx, hash: &[u8; 32]) -> Result<Option<Tokens>, Failure> {
    let Some(found) = session::find_refresh(tx, hash)? else { return Ok(None) };
    let of = session::find(tx, &found.session)?.ok_or_else(|| missing("session"))?;
    let now = service.clock.now();
    if !is_live(&of, now) {
        return Ok(None);
    }
    if found.used {
        session::end(tx, &of.id, now)?;
        append(service, tx, None, None, now, Act::SessionReused(Account { user: of.user }))?;
        return Ok(None);
    }
    session::use_refresh(tx, hash, now)?;
    let roles = role::held(tx, &of.user)?;
    let first = first(service, tx, &of, &roles)?;
    issue(service, tx, &of, first, now).map(Some)
}

fn is_live(session: &Session, now: Moment) -> bool {
    session.ends_at > now && session.last_used_at.plus_seconds(LONGEST_IDLE) > now
}
