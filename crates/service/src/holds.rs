//! Holds: stopping randomization or dispensing at once, in a study or at a site. A hold never stops a code break.

use store::rows::{hold, site};
use store::{Conn, Tx};
use terms::{HoldId, Moment, SiteId, StudyId, UserId};
use trial::act::Act;
use trial::{Action, HoldOn, Reach, Refusal};

use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::mail::BlindedEvent;
use crate::notices;
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::Shared;

/// A hold as the reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The site; the whole study when none.
    pub site: Option<SiteId>,
    /// What it stops.
    pub on: HoldOn,
    /// Why, for unblinded readers alone: what an unblinded person wrote may tell of a treatment (BLD-04).
    pub reason: Option<String>,
    /// Who placed it.
    pub placed_by: UserId,
    /// When.
    pub placed_at: Moment,
    /// When it was released.
    pub released_at: Option<Moment>,
}

/// Puts randomization or dispensing on hold, at a site or, without one, in the whole study.
///
/// # Errors
/// [`Refusal::NotFound`] for a site out of reach, [`Refusal::Forbidden`] for the whole study by somebody of a site,
/// [`Refusal::Field`] without a reason; the refusals of authorization and of the idempotency key.
pub fn place(
    service: &Shared,
    envelope: Envelope,
    on: HoldOn,
    at: Option<SiteId>,
    reason: String,
) -> Result<Hold, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        check_reach(tx, scene, at.as_ref())?;
        let id: HoldId = scene.service.entropy.id()?;
        let reason = scene.vault.seal_text(tx, "reason", &reason)?;
        let row = hold::Hold {
            id: id.clone(),
            site: at.clone(),
            on,
            reason: reason.opening,
            placed_by: scene.actor.user.clone(),
            placed_at: scene.now,
            released_at: None,
        };
        hold::add(tx, &row)?;
        let act = Act::HoldPlaced { hold: id.clone(), on, reason: reason.commitment };
        scene.append(tx, at.as_ref(), act)?;
        notices::tell(tx, scene, at.as_ref(), BlindedEvent::HoldPlaced { on })?;
        Ok(id.to_string())
    };
    // As it was placed: a later release does not change the answer to this request.
    let answer = |tx: &mut Tx, scene: &Scene<'_>, id: &str| {
        let placed = find(tx, scene, &named(id)?)?;
        seen(tx, scene, hold::Hold { released_at: None, ..placed })
    };
    once(service, envelope, effect, answer)
}

/// Releases a hold.
///
/// # Errors
/// [`Refusal::NotFound`] for a hold out of reach, [`Refusal::Forbidden`] for one of the whole study by somebody of a
/// site, [`Refusal::Exists`] when it was released before, [`Refusal::Field`] without a reason; the refusals of
/// authorization and of the idempotency key.
pub fn release(service: &Shared, envelope: Envelope, id: HoldId, reason: String) -> Result<Hold, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let hold = find(tx, scene, &id)?;
        check_reach(tx, scene, hold.site.as_ref())?;
        if hold.released_at.is_some() {
            return Err(Refusal::Exists("release").into());
        }
        let reason = scene.vault.seal_text(tx, "reason", &reason)?;
        hold::release(tx, &id, &reason.opening, &scene.actor.user, scene.now)?;
        let act = Act::HoldReleased { hold: id.clone(), reason: reason.commitment };
        scene.append(tx, hold.site.as_ref(), act)?;
        notices::tell(tx, scene, hold.site.as_ref(), BlindedEvent::HoldReleased { on: hold.on })?;
        Ok(id.to_string())
    };
    let answer = |tx: &mut Tx, scene: &Scene<'_>, id: &str| {
        let released = find(tx, scene, &named(id)?)?;
        seen(tx, scene, released)
    };
    once(service, envelope, effect, answer)
}

/// All holds of a study that reach where the caller does, released ones too, in the order of placing.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn all(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Hold>, Failure> {
    case::read(service, caller, study, Action::ReadStudy, |conn, scene| {
        let holds = hold::all(conn, study)?;
        let near = holds.into_iter().filter(|hold| concerns(scene, hold));
        near.map(|hold| seen(conn, scene, hold)).collect()
    })
}

/// A hold of the whole study concerns everybody; one of a site, those who reach it.
pub(crate) fn concerns(scene: &Scene<'_>, hold: &hold::Hold) -> bool {
    hold.site.as_ref().is_none_or(|site| scene.authority.reaches(site).is_ok())
}

/// A hold as the one who acts may see it.
pub(crate) fn seen(conn: &mut Conn, scene: &Scene<'_>, hold: hold::Hold) -> Result<Hold, Failure> {
    let reason = match scene.authority.role.is_unblinded() {
        true => Some(scene.vault.text(conn, &hold.reason)?),
        false => None,
    };
    Ok(Hold {
        id: hold.id,
        site: hold.site,
        on: hold.on,
        reason,
        placed_by: hold.placed_by,
        placed_at: hold.placed_at,
        released_at: hold.released_at,
    })
}

/// A hold that concerns the one who acts.
fn find(conn: &mut Conn, scene: &Scene<'_>, id: &HoldId) -> Result<hold::Hold, Failure> {
    let hold = hold::find(conn, &scene.study, id)?.filter(|hold| concerns(scene, hold));
    Ok(hold.ok_or(Refusal::NotFound)?)
}

fn check_reach(conn: &mut Conn, scene: &Scene<'_>, at: Option<&SiteId>) -> Result<(), Failure> {
    match (at, &scene.authority.reach) {
        (None, Reach::Sites(_)) => Err(Refusal::Forbidden.into()),
        (None, Reach::Study) => Ok(()),
        (Some(at), _) => {
            scene.authority.reaches(at)?;
            site::find(conn, &scene.study, at)?.ok_or(Refusal::NotFound)?;
            Ok(())
        }
    }
}

fn named(id: &str) -> Result<HoldId, Failure> {
    HoldId::parse(id).map_err(|_malformed| missing("receipt"))
}
