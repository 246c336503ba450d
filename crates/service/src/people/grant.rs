//! Roles: granting, confirming and revoking them (`POST /users/{id}/grants`, `.../{grant}/confirmation`,
//! `.../{grant}/revocation`).
//!
//! A role in a study is granted under that study's lock and stands in its journal; the administrator's own
//! role in the installation's. What excludes what goes over both, so a grant also locks the person's grants.
//! Receipts are kept per study, so a retry of an administrator's grant is refused as a thing that exists: a role
//! that is held or proposed cannot be granted again, a grant not confirmed or revoked twice.

use store::Tx;
use store::rows::role;
pub use store::rows::role::Grant as Granted;
use store::rows::{person, site};
use terms::{GrantId, UserId};
use trial::act::Act;
use trial::decide::grant::{self as decide, Past, Proposal};
use trial::{HeldRole, Refusal};

use super::desk::{self, Desk};
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::mail::BlindedEvent;
use crate::notices;
use crate::once::{consume_signature, once};
use crate::request::Order;
use crate::service::Shared;

/// Grants a role; one that takes a second person is only proposed.
///
/// # Errors
/// The refusals of [`trial::decide::grant::grant`], of the signature and of the idempotency key;
/// [`Refusal::NotFound`] for an unknown person or study.
pub fn grant(
    service: &Shared,
    order: Order,
    user: UserId,
    wanted: HeldRole,
    reason: String,
) -> Result<Granted, Failure> {
    let of = wanted.clone();
    placed(service, order, &of, move |tx, desk| propose(tx, desk, &user, &wanted, &reason))
}

/// Confirms a grant that takes a second person: from now on the role is held.
///
/// # Errors
/// The refusals of [`trial::decide::grant::confirm`], of the signature and of the idempotency key;
/// [`Refusal::NotFound`] for an unknown grant.
pub fn confirm(service: &Shared, order: Order, user: UserId, id: GrantId) -> Result<Granted, Failure> {
    let of = find(service, &order, &user, &id)?;
    placed(service, order, &of.held, move |tx, desk| confirm_effect(tx, desk, &id))
}

/// Revokes a role, or withdraws a proposal. The right is gone at the person's next request.
///
/// # Errors
/// The refusals of [`trial::decide::grant::revoke`] and of the idempotency key; [`Refusal::NotFound`] for an
/// unknown grant.
pub fn revoke(
    service: &Shared,
    order: Order,
    user: UserId,
    id: GrantId,
    reason: String,
) -> Result<Granted, Failure> {
    let of = find(service, &order, &user, &id)?;
    placed(service, order, &of.held, move |tx, desk| revoke_effect(tx, desk, &id, &reason))
}

/// Runs an act upon a grant in the tree that the role belongs to, and answers with the grant.
fn placed(
    service: &Shared,
    order: Order,
    held: &HeldRole,
    effect: impl Fn(&mut Tx, &Desk<'_>) -> Result<GrantId, Failure> + Send + 'static,
) -> Result<Granted, Failure> {
    if let Some(study) = held.study.clone() {
        let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
            let id = effect(tx, &Desk::in_study(scene))?;
            let grant = row(tx, &id)?;
            tell(tx, scene, &grant)?;
            Ok(id.to_string())
        };
        return once(service, order.within(study), effect, |tx, _scene, id| {
            row(tx, &GrantId::parse(id).map_err(|_malformed| missing("receipt"))?)
        });
    }
    let (caller, action) = (order.caller.clone(), order.action);
    desk::write(service, &caller, action, move |tx, desk| {
        let signature = order.signature.as_ref();
        consume_signature(tx, &order.caller, action, &order.digest, signature, desk.now)?;
        let id = effect(tx, desk)?;
        row(tx, &id)
    })
}

fn propose(
    tx: &mut Tx,
    desk: &Desk<'_>,
    user: &UserId,
    wanted: &HeldRole,
    reason: &str,
) -> Result<GrantId, Failure> {
    person::find(tx, user)?.ok_or(Refusal::NotFound)?;
    role::lock(tx, user)?;
    let at = match (&wanted.study, &wanted.site) {
        (Some(study), Some(id)) => site::find(tx, study, id)?,
        _ => None,
    };
    let history: Vec<Past> = role::of_user(tx, user)?.into_iter().map(past).collect();
    let asker = desk.actor.ok_or(Refusal::Forbidden)?;
    decide::grant(asker, user, wanted, at.is_some(), &history)?;
    add(tx, desk, user, wanted, wanted.role.takes_two(), reason)
}

/// Writes a grant: its row, its reason and its leaf.
pub(super) fn add(
    tx: &mut Tx,
    desk: &Desk<'_>,
    user: &UserId,
    held: &HeldRole,
    needs_second: bool,
    reason: &str,
) -> Result<GrantId, Failure> {
    let sealed = desk.vault.seal_text(tx, "reason", reason)?;
    let new = Granted {
        id: desk.service.entropy.id()?,
        user: user.clone(),
        held: held.clone(),
        reason: sealed.opening,
        needs_second,
        granted_by: desk.actor.cloned(),
        granted_at: desk.now,
        confirmed: false,
        revoked_at: None,
    };
    role::add(tx, &new)?;
    let (grant, user, role, reason) = (new.id.clone(), new.user, held.role, sealed.commitment);
    let act = if needs_second {
        Act::RoleProposed { grant, user, role, reason }
    } else {
        Act::RoleGranted { grant, user, role, reason }
    };
    desk.append(tx, held.site.as_ref(), act)?;
    Ok(new.id)
}

fn confirm_effect(tx: &mut Tx, desk: &Desk<'_>, id: &GrantId) -> Result<GrantId, Failure> {
    let waiting = row(tx, id)?;
    role::lock(tx, &waiting.user)?;
    let others = role::of_user(tx, &waiting.user)?.into_iter().filter(|grant| grant.id != *id);
    let others: Vec<Past> = others.map(past).collect();
    let asker = desk.actor.ok_or(Refusal::Forbidden)?;
    decide::confirm(asker, &proposal(&waiting), &others)?;
    role::confirm(tx, id, asker, desk.now)?;
    let reason = desk.vault.commitment_to_text(tx, "reason", &waiting.reason)?;
    let (site, role) = (waiting.held.site, waiting.held.role);
    let act = Act::RoleGranted { grant: id.clone(), user: waiting.user, role, reason };
    desk.append(tx, site.as_ref(), act)?;
    Ok(id.clone())
}

fn revoke_effect(tx: &mut Tx, desk: &Desk<'_>, id: &GrantId, reason: &str) -> Result<GrantId, Failure> {
    let grant = row(tx, id)?;
    let asker = desk.actor.ok_or(Refusal::Forbidden)?;
    decide::revoke(asker, &proposal(&grant))?;
    let sealed = desk.vault.seal_text(tx, "reason", reason)?;
    role::revoke(tx, id, &sealed.opening, asker, desk.now)?;
    let act = Act::RoleRevoked { grant: id.clone(), reason: sealed.commitment };
    desk.append(tx, grant.held.site.as_ref(), act)?;
    Ok(id.clone())
}

/// The grant that the address names, once the caller has proved to be an administrator.
fn find(service: &Shared, order: &Order, user: &UserId, id: &GrantId) -> Result<Granted, Failure> {
    desk::read(service, &order.caller, order.action, |conn| {
        let found = role::find(conn, id)?.filter(|grant| grant.user == *user);
        Ok(found.ok_or(Refusal::NotFound)?)
    })
}

/// Tells the study's recipients of a role that is held from now on.
fn tell(tx: &mut Tx, scene: &Scene<'_>, grant: &Granted) -> Result<(), Failure> {
    if !grant.is_in_force() {
        return Ok(());
    }
    let event = BlindedEvent::RoleGranted { user: grant.user.clone(), role: grant.held.role };
    notices::tell(tx, scene, grant.held.site.as_ref(), event)
}

fn row(tx: &mut Tx, id: &GrantId) -> Result<Granted, Failure> {
    role::find(tx, id)?.ok_or_else(|| missing("grant"))
}

fn past(grant: Granted) -> Past {
    Past { revoked: grant.revoked_at.is_some(), held: grant.held }
}

fn proposal(grant: &Granted) -> Proposal {
    Proposal {
        user: grant.user.clone(),
        held: grant.held.clone(),
        granted_by: grant.granted_by.clone(),
        waits: grant.needs_second && !grant.confirmed,
        revoked: grant.revoked_at.is_some(),
    }
}
