//! Calling a whole batch back (`POST, GET /studies/{study}/batches/{batch}/recall`).

use journal::Hash;
use ledger::{Move, Place};
use store::rows::{batch, batch_recall, kit, lot};
use store::{Conn, Tx};
use terms::{BatchId, KitNumber, Moment, SiteId, StudyId, SubjectId, UserId};
use trial::act::{Act, BatchRecalled};
use trial::decide::recall::{self as decide, Fate};
use trial::rebuild::RECALL;
use trial::{Action, Refusal};

use super::{AtPlace, Concerned, places_after};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::kits::read::{Kit, is_in_reach, shown_to};
use crate::mail::BlindedEvent;
use crate::notices;
use crate::once::once;
use crate::posting::{Step, post};
use crate::request::{Caller, Envelope};
use crate::service::Shared;

/// A recall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recall {
    /// The batch.
    pub batch: BatchId,
    /// Who signed it, and when.
    pub signed: (UserId, Moment),
    /// The SHA-256 of what shows it.
    pub evidence: Hash,
    /// The kits that it concerned when it was signed, by their places.
    pub places: Vec<AtPlace>,
}

/// A kit of a recalled batch as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The kit.
    pub kit: Kit,
    /// The subject for whom it is or was meant, for those who may see which kits subjects were given.
    pub subject: Option<SubjectId>,
}

/// Calls a batch back (KIT-13): in the same transaction everything of it that could be used is set aside, and from then
/// on no kit of it goes anywhere but into quarantine.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, [`Refusal::BatchState`] for one that was recalled before,
/// [`Refusal::Field`] without a reason; the refusals of authorization, of the signature and of the idempotency key.
pub fn recall(
    service: &Shared,
    envelope: Envelope,
    batch: BatchId,
    reason: String,
    evidence: Hash,
) -> Result<Recall, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &batch, &reason, evidence);
    once(service, envelope, effect, answer)
}

fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    id: &BatchId,
    reason: &str,
    evidence: Hash,
) -> Result<String, Failure> {
    batch::find(tx, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    is_not_recalled(tx, scene, id)?;
    let reason = scene.vault.seal_text(tx, "reason", reason)?;
    let (batch, commitment) = (id.clone(), reason.commitment);
    let act = Act::BatchRecalled(BatchRecalled { batch, reason: commitment, evidence });
    let entry = scene.append(tx, None, act)?;
    let new = batch_recall::Recall {
        batch: id.clone(),
        entry,
        reason: reason.opening,
        evidence,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    batch_recall::add(tx, &new)?;
    notices::tell(tx, scene, None, BlindedEvent::BatchRecalled { batch: id.clone() })?;
    set_aside(tx, scene, id)?;
    Ok(id.to_string())
}

/// What lies at a site or in a depot is set aside at once. What is on its way, or in the sponsor's stock, is when it
/// arrives: the ledger knows no quarantine there.
fn set_aside(tx: &mut Tx, scene: &Scene<'_>, id: &BatchId) -> Result<(), Failure> {
    let mut concerned = Concerned::default();
    for row in kit::of_batch(tx, &scene.study, id)? {
        match decide::fate(&row.in_ledger()) {
            Fate::Nothing => {}
            fate => concerned.add(&row.place, row.number, fate.into()),
        }
    }
    for (entry, site, at) in concerned.append(tx, scene, id, Act::KitsRecalled)? {
        call_back(tx, scene, id, (entry, site), at)?;
    }
    Ok(())
}

/// Sets aside what lies at a place, and tells the site that it is or that a shipment goes to: the numbers alone.
pub(super) fn call_back(
    tx: &mut Tx,
    scene: &Scene<'_>,
    batch: &BatchId,
    (entry, site): (u64, Option<SiteId>),
    at: AtPlace,
) -> Result<(), Failure> {
    if matches!(at.place, Place::Site(_) | Place::Depot(_)) {
        for number in &at.kits {
            post(tx, scene, entry, *number, quarantine(&at.place))?;
        }
    }
    let Some(site) = site else { return Ok(()) };
    let kits = [at.kits, at.out_of_use].concat();
    let (batch, with_subjects) = (batch.clone(), at.with_subjects);
    notices::tell_kits(tx, scene, &site, BlindedEvent::KitsRecalled { batch, kits, with_subjects })
}

/// How a kit of a recalled batch is set aside.
pub(crate) fn quarantine(place: &Place) -> Step<'static> {
    Step::new(Move::Quarantine, place.clone()).because(RECALL)
}

/// Passes for a batch that was not recalled.
pub(crate) fn is_not_recalled(conn: &mut Conn, scene: &Scene<'_>, batch: &BatchId) -> Result<(), Failure> {
    match batch_recall::find(conn, &scene.study, batch)? {
        Some(_) => Err(Refusal::BatchState("recalled").into()),
        None => Ok(()),
    }
}

/// Whether this kit is recalled, with its batch or with its lot.
pub(crate) fn is_recalled(conn: &mut Conn, scene: &Scene<'_>, row: &kit::Kit) -> Result<bool, Failure> {
    Ok(lot::Recalled::of(conn, &scene.study)?.has(&row.batch, row.number))
}

/// A recall with every kit of the batch as it stands now: where it is, and, for those who may see it, with which
/// subject.
///
/// # Errors
/// [`Refusal::NotFound`] for a batch that was not recalled, and the refusals of authorization.
pub fn report(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: &BatchId,
) -> Result<(Recall, Vec<Whereabouts>), Failure> {
    case::read(service, caller, study, Action::ReadRecall, |conn, scene| {
        let recall = found(conn, scene, id)?.ok_or(Refusal::NotFound)?;
        let sees_subjects = Action::ReadDispensations.roles().contains(&scene.authority.role);
        let whereabouts = |row: kit::Kit| {
            let subject = row.subject.clone().filter(|_| sees_subjects);
            Whereabouts { kit: shown_to(scene, row), subject }
        };
        let kits = kit::of_batch(conn, study, id)?.into_iter().map(whereabouts);
        Ok((recall, kits.filter(|found| is_in_reach(scene, &found.kit)).collect()))
    })
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, batch: &str) -> Result<Recall, Failure> {
    let batch = BatchId::parse(batch).map_err(|_malformed| missing("receipt"))?;
    found(tx, scene, &batch)?.ok_or_else(|| missing("recall"))
}

fn found(conn: &mut Conn, scene: &Scene<'_>, id: &BatchId) -> Result<Option<Recall>, Failure> {
    let Some(row) = batch_recall::find(conn, &scene.study, id)? else { return Ok(None) };
    let places = places_after(conn, scene, row.entry)?;
    Ok(Some(Recall { batch: row.batch, signed: (row.by, row.at), evidence: row.evidence, places }))
}

/// Passes when no kit of these is recalled.
pub(crate) fn none_is_recalled(
    conn: &mut Conn,
    scene: &Scene<'_>,
    kits: impl IntoIterator<Item = KitNumber>,
) -> Result<(), Failure> {
    let recalled = lot::Recalled::of(conn, &scene.study)?;
    for number in kits {
        let row = kit::find(conn, &scene.study, number)?.ok_or_else(|| missing("kit"))?;
        if recalled.has(&row.batch, number) {
            return Err(Refusal::BatchState("recalled").into());
        }
    }
    Ok(())
}
