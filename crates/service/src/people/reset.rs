//! Giving a person a new one-time password (`POST /users/{id}/reset`).
//!
//! Whoever gets a one-time password can be its owner until the owner notices. So the password of a person who
//! ever was given a role that takes two administrators is reset by two administrators as well, or else one of
//! them alone could become the statistician; and every owner is told by mail.

use store::rows::reset_proposal::{self, ResetProposal};
use store::rows::{password, person, role};
use store::{Conn, Tx};
use terms::UserId;
use trial::act::Act;
use trial::{Action, Refusal, Role};

use super::desk::{self, Desk};
use super::invite::{Invited, one_time_pair, replace};
use crate::failure::Failure;
use crate::request::Caller;
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
/// within [`PROPOSAL_LIFETIME`] of the first.
///
/// # Errors
/// [`Refusal::SamePerson`] for one's own, which is replaced with the old one; [`Refusal::NotFound`].
pub fn reset(service: &Shared, caller: &Caller, user: UserId) -> Result<Reset, Failure> {
    desk::read(service, caller, Action::ResetUser, |conn| {
        person::find(conn, &user)?.ok_or(Refusal::NotFound)?;
        if user == caller.user { Err(Refusal::SamePerson.into()) } else { Ok(()) }
    })?;
    let (one_time_password, hash) = one_time_pair(service)?;
    let of = user.clone();
    let done = desk::write(service, caller, Action::ResetUser, move |tx, desk| {
        let by = desk.actor.ok_or(Refusal::Forbidden)?;
        if takes_two(tx, &of)? && !second_asks(tx, desk, &of, by)? {
            propose(tx, desk, &of, by)?;
            return Ok(false);
        }
        replace(tx, desk, &of, &hash)?;
        Ok(true)
    })?;
    Ok(if done { Reset::Done(Invited { user, one_time_password }) } else { Reset::Proposed(user) })
}

/// Revoked roles count: what was known once is known (BLD-13).
fn takes_two(conn: &mut Conn, user: &UserId) -> Result<bool, Failure> {
    Ok(role::of_user(conn, user)?.iter().any(|grant| grant.held.role.takes_two()))
}

/// Whether another administrator, who is one still, has proposed it and it was neither done nor made needless
/// since: a password that was set after the proposal ends it.
fn second_asks(conn: &mut Conn, desk: &Desk<'_>, user: &UserId, by: &UserId) -> Result<bool, Failure> {
    let set_at = password::set_at(conn, user)?;
    for first in reset_proposal::of_user(conn, user)? {
        let is_live = set_at.is_none_or(|set_at| set_at < first.at)
            && first.at.plus_seconds(PROPOSAL_LIFETIME) > desk.now;
        let held = role::held(conn, &first.by)?;
        if first.by != *by && is_live && held.iter().any(|held| held.role == Role::Administrator) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn propose(tx: &mut Tx, desk: &Desk<'_>, user: &UserId, by: &UserId) -> Result<(), Failure> {
    let entry = tx.frontier().size();
    desk.append(tx, None, Act::ResetProposed { user: user.clone() })?;
    let new = ResetProposal { entry, user: user.clone(), by: by.clone(), at: desk.now };
    Ok(reset_proposal::add(tx, &new)?)
}
