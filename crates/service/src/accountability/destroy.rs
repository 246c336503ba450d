//! Destroying reconciled kits: one person proposes it (`POST /studies/{study}/destructions`), another authorizes it for
//! the sponsor (`POST .../{destruction}/authorization`).

use journal::Hash;
use ledger::{Move, Place};
use store::rows::destruction as rows;
use store::{Conn, Tx};
use terms::{DestructionId, KitNumber, Moment, StudyId, UserId};
use trial::act::Act;
use trial::decide::dispose as decide;
use trial::{Action, Refusal};

use super::{is_in_reach, reaches, standing};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::posting::{Step, post};
use crate::request::{Caller, Envelope};
use crate::service::Shared;
use crate::shipments::At;

/// A destruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destruction {
    /// Its id.
    pub id: DestructionId,
    /// The site or the depot.
    pub place: Place,
    /// The kits, in the order of their numbers.
    pub kits: Vec<KitNumber>,
    /// Who proposed it, and when.
    pub proposed: (UserId, Moment),
    /// Who authorized it, when, and the SHA-256 of the certificate. Before that no kit is destroyed.
    pub authorized: Option<(UserId, Moment, Hash)>,
}

/// Proposes reconciled kits of a place for destruction. Nothing is destroyed before a second person has signed, too.
///
/// # Errors
/// [`Refusal::NotFound`] for a place out of reach, the refusals of [`trial::decide::dispose::destroy`], of
/// authorization, of the signature and of the idempotency key.
pub fn propose(
    service: &Shared,
    envelope: Envelope,
    at: At,
    kits: Vec<KitNumber>,
) -> Result<Destruction, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let (there, _today) = standing(tx, scene, &at)?;
        decide::destroy(&there, &kits)?;
        let id: DestructionId = scene.service.entropy.id()?;
        let mut kits = kits.clone();
        kits.sort_unstable();
        let (destruction, depot) = (id.clone(), at.depot().cloned());
        let act = Act::DestructionProposed { destruction, depot, kits: kits.clone() };
        let entry = scene.append(tx, at.site(), act)?;
        let (place, by, now) = (at.place(), scene.actor.user.clone(), scene.now);
        rows::propose(tx, &rows::Proposed { id: id.clone(), place, entry, by, at: now }, &kits)?;
        Ok(id.to_string())
    };
    once(service, envelope, effect, as_proposed)
}

/// Authorizes a destruction that another person proposed, with the certificate that shows it done: the kits count as
/// destroyed. One that was counted again in the meantime is reconciled no more, and stops it.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown one, [`Refusal::AlreadyConfirmed`], [`Refusal::SamePerson`],
/// [`Refusal::KitState`]; the refusals of authorization, of the signature and of the idempotency key.
pub fn authorize(
    service: &Shared,
    envelope: Envelope,
    id: DestructionId,
    certificate: Hash,
) -> Result<Destruction, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = found(tx, scene, &id)?;
        if rows::authorized(tx, &scene.study, &id)?.is_some() {
            return Err(Refusal::AlreadyConfirmed.into());
        }
        decide::second_signature(row.by == scene.actor.user, &[])?;
        let act = Act::KitsDestroyed { destruction: id.clone(), certificate };
        let entry = scene.append(tx, row.place.site(), act)?;
        for number in rows::kits(tx, &scene.study, &id)? {
            post(tx, scene, entry, number, Step::new(Move::Destroy, row.place.clone()))?;
        }
        let (by, at) = (scene.actor.user.clone(), scene.now);
        rows::authorize(tx, &id, &rows::Authorized { entry, certificate, by, at })?;
        Ok(id.to_string())
    };
    once(service, envelope, effect, as_it_is)
}

/// All destructions within reach, in order.
///
/// # Errors
/// The refusals of authorization.
pub fn all(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Destruction>, Failure> {
    case::read(service, caller, study, Action::ReadDisposals, |conn, scene| {
        let rows = rows::all(conn, study)?.into_iter().filter(|row| is_in_reach(scene, &row.place));
        rows.map(|row| shown(conn, scene, row)).collect()
    })
}

fn found(conn: &mut Conn, scene: &Scene<'_>, id: &DestructionId) -> Result<rows::Proposed, Failure> {
    let row = rows::find(conn, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    // Whoever asks again may have moved to another site since.
    reaches(scene, &row.place)?;
    Ok(row)
}

fn as_it_is(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Destruction, Failure> {
    let id = DestructionId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = found(tx, scene, &id)?;
    shown(tx, scene, row)
}

/// What became of it later does not change the answer to this request.
fn as_proposed(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Destruction, Failure> {
    Ok(Destruction { authorized: None, ..as_it_is(tx, scene, id)? })
}

fn shown(conn: &mut Conn, scene: &Scene<'_>, row: rows::Proposed) -> Result<Destruction, Failure> {
    let authorized = rows::authorized(conn, &scene.study, &row.id)?;
    Ok(Destruction {
        kits: rows::kits(conn, &scene.study, &row.id)?,
        authorized: authorized.map(|signed| (signed.by, signed.at, signed.certificate)),
        id: row.id,
        place: row.place,
        proposed: (row.by, row.at),
    })
}
