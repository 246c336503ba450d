//! Giving a person a new one-time password (`POST /users/{id}/reset`).
//!
//! Whoever gets a one-time password can be its owner until the owner notices. So the password of a person who
//! ever was given a role that takes two administrators is reset by two administrators as well, or else one of
//! them alone could become the statistician; and every owner is told by mail.

use store::rows::reset_proposal::{self, ResetProposal};
use store::rows::{password, person, role};
use store::{Conn, Tx};
use terms::{Moment, UserId};
use trial::act::{Account, Act};
use trial::{Action, Refusal, Role};

use super::desk::{self, Desk};
use super::invite::{Invited, one_time_pair, replace};
use super::once::Keyed;
use crate::failure::Failure;
use crate::request::{Caller, IdempotencyKey};
use crate::service::Shared;

/// A proposal can be followed for so many seconds.
pub const PROPOSAL_LIFETIME: i64 = 24 * 3600;

/// What came of asking for a reset.
pub enum Reset {
    /// Another administrator has to ask for it too.
    Proposed(UserId),
    /// It is done.
    Done(Invited),
}

/// Gives a person a new one-time password, and ends all of that person's sessions. No administrator can set a
/// password that lasts (SIG-05). Where it takes two administrators, it is done when the second one asks for it,
/// within [`PROPOSAL_LIFETIME`] of the first. The second factor goes with the password: whoever has lost the one, and
/// is known to an administrator, sets both up anew. Sent again under the same key it has the same answer.
///
/// # Errors
/// [`Refusal::SamePerson`] for one's own, which is replaced with the old one; [`Refusal::NotFound`].
pub fn reset(
    service: &Shared,
    caller: &Caller,
    user: UserId,
    key: Option<&IdempotencyKey>,
) -> Result<Reset, Failure> {
    desk::read(service, caller, Action::ResetUser, |conn| {
        person::find(conn, &user)?.ok_or(Refusal::NotFound)?;
        if user == caller.user { Err(Refusal::SamePerson.into()) } else { Ok(()) }
    })?;
    let keyed = key.map(|key| Keyed::new(caller, key, "reset", &user));
    let (one_time_password, hash) = one_time_pair(service, keyed.as_ref())?;
    let of = user.clone();
    let done = desk::write(service, caller, Action::ResetUser, move |tx, desk| {
        let Some(keyed) = &keyed else { return effect(tx, desk, &of, &hash) };
        if let Some(outcome) = keyed.outcome(tx)? {
            return Ok(outcome == DONE);
        }
        let done = effect(tx, desk, &of, &hash)?;
        keyed.keep(tx, desk, if done { DONE } else { PROPOSED })?;
        Ok(done)
    })?;
    Ok(if done { Reset::Done(Invited { user, one_time_password }) } else { Reset::Proposed(user) })
}

/// What stands in the receipt of a reset.
const DONE: &str = "done";
const PROPOSED: &str = "proposed";

/// Whether the account is reset, and not only proposed for it.
fn effect(tx: &mut Tx, desk: &Desk<'_>, user: &UserId, hash: &str) -> Result<bool, Failure> {
    let by = desk.actor.ok_or(Refusal::Forbidden)?;
    if takes_two(tx, user)? && !second_asks(tx, desk, user, by)? {
        propose(tx, desk, user, by)?;
        return Ok(false);
    }
    replace(tx, desk, user, hash)?;
    Ok(true)
}

/// Revoked roles count: what was known once is known (BLD-13).
fn takes_two(conn: &mut Conn, user: &UserId) -> Result<bool, Failure> {
    Ok(role::of_user(conn, user)?.iter().any(|grant| grant.held.role.takes_two()))
}

/// Whether another administrator, who is one still, has proposed it and it was neither done nor made needless since.
fn second_asks(conn: &mut Conn, desk: &Desk<'_>, user: &UserId, by: &UserId) -> Result<bool, Failure> {
    Ok(proposals(conn, user, desk.now)?.iter().any(|first| first.by != *by))
}

/// The proposals that can still be followed: a password that was set after one ends it.
pub(super) fn proposals(conn: &mut Conn, user: &UserId, now: Moment) -> Result<Vec<ResetProposal>, Failure> {
    let set_at = password::set_at(conn, user)?;
    let mut standing = Vec::new();
    for first in reset_proposal::of_user(conn, user)? {
        let is_live =
            set_at.is_none_or(|set_at| set_at < first.at) && first.at.plus_seconds(PROPOSAL_LIFETIME) > now;
        let held = role::held(conn, &first.by)?;
        if is_live && held.iter().any(|held| held.role == Role::Administrator) {
            standing.push(first);
        }
    }
    Ok(standing)
}

fn propose(tx: &mut Tx, desk: &Desk<'_>, user: &UserId, by: &UserId) -> Result<(), Failure> {
    let entry = tx.frontier().size();
    desk.append(tx, None, Act::ResetProposed(Account::of(user)))?;
    let new = ResetProposal { entry, user: user.clone(), by: by.clone(), at: desk.now };
    Ok(reset_proposal::add(tx, &new)?)
}
