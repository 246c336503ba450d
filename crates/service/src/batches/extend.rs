//! Extending the label expiry of a batch: one person who knows the lots proposes it (`POST
//! /studies/{study}/batches/{batch}/expiry-extensions`), the quality role confirms it (`POST
//! .../{extension}/confirmation`).

use journal::Hash;
use store::rows::{batch, batch_expiry, kit, lot};
use store::{Conn, Tx};
use terms::{BatchId, Day, ExpiryExtensionId, OpeningId};
use trial::Refusal;
use trial::act::{Act, ExpiryExtended, ExtensionProposed};
use trial::decide::expiry::{self as decide, Renewed};
use zeroize::Zeroizing;

use super::read::{Change, of_extension};
use super::{Concerned, Stands, standing};
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::keys::Kind;
use crate::mail::BlindedEvent;
use crate::notices;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// What is proposed. It tells what is in the batch, so it has no `Debug`.
pub struct Command {
    /// The batch.
    pub batch: BatchId,
    /// The label expiry that is proposed.
    pub label_expiry: Day,
    /// The new expiries of true lots.
    pub lots: Vec<Renewed>,
    /// Why.
    pub reason: String,
}

/// Proposes an extension. Nothing changes before a second person has signed, too (KIT-10).
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, the refusals of [`trial::decide::expiry::propose`], [`Refusal::Field`]
/// without a reason; the refusals of authorization, of the signature and of the idempotency key.
pub fn propose(service: &Shared, envelope: Envelope, command: Command) -> Result<Change, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| propose_now(tx, scene, &command);
    once(service, envelope, effect, as_proposed)
}

fn propose_now(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    let row = batch::find(tx, &scene.study, &command.batch)?.ok_or(Refusal::NotFound)?;
    let standing = standing(tx, scene, &row)?;
    let known = lots(tx, scene, &row)?;
    let known = Zeroizing::new(scene.vault.text(tx, &known)?);
    let sealed = scene.sealed_design(tx)?;
    let lots = decide::propose(&sealed, &standing, command.label_expiry, &known, &command.lots)?;
    let lots = scene.vault.seal(tx, Kind::Text, "lots", Zeroizing::new(lots).as_bytes())?;
    let reason = scene.vault.seal_text(tx, "reason", &command.reason)?;
    let id: ExpiryExtensionId = scene.service.entropy.id()?;
    let act = Act::ExpiryExtensionProposed(ExtensionProposed {
        extension: id.clone(),
        batch: row.id.clone(),
        label_expiry: command.label_expiry,
        lots: lots.commitment,
        reason: reason.commitment,
    });
    let entry = scene.append(tx, None, act)?;
    let new = batch_expiry::Proposed {
        id: id.clone(),
        batch: row.id,
        from: standing.label_expiry,
        label_expiry: command.label_expiry,
        lots: lots.opening,
        reason: reason.opening,
        entry,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    batch_expiry::propose(tx, &new)?;
    Ok(id.to_string())
}

/// The opening of the lots as they are known: with the last extension that was confirmed, or with the registration.
pub(super) fn lots(conn: &mut Conn, scene: &Scene<'_>, row: &batch::Batch) -> Result<OpeningId, Failure> {
    let in_force = batch_expiry::of_batch(conn, &scene.study, &row.id)?;
    let last = in_force.into_iter().rev().find_map(|in_force| in_force.extension);
    let Some(last) = last else { return Ok(row.lots.clone()) };
    let proposed = batch_expiry::find(conn, &scene.study, &last)?.ok_or_else(|| missing("extension"))?;
    Ok(proposed.lots)
}

/// Confirms an extension that another person proposed, with the decision of the Qualified Person: it is in force for
/// all kits of the batch that may still be used, and every site that has some is told.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown one, [`Refusal::AlreadyConfirmed`], the refusals of
/// [`trial::decide::expiry::confirm`], of authorization, of the signature and of the idempotency key.
pub fn confirm(
    service: &Shared,
    envelope: Envelope,
    batch: BatchId,
    id: ExpiryExtensionId,
    evidence: Hash,
) -> Result<Change, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| confirm_now(tx, scene, &batch, &id, evidence);
    once(service, envelope, effect, as_it_is)
}

fn confirm_now(
    tx: &mut Tx,
    scene: &Scene<'_>,
    batch: &BatchId,
    id: &ExpiryExtensionId,
    evidence: Hash,
) -> Result<String, Failure> {
    let proposed = batch_expiry::find(tx, &scene.study, id)?.filter(|proposed| proposed.batch == *batch);
    let proposed = proposed.ok_or(Refusal::NotFound)?;
    let in_force = batch_expiry::of_batch(tx, &scene.study, batch)?;
    if in_force.iter().any(|in_force| in_force.extension.as_ref() == Some(id)) {
        return Err(Refusal::AlreadyConfirmed.into());
    }
    let row = batch::find(tx, &scene.study, batch)?.ok_or_else(|| missing("batch"))?;
    let standing = standing(tx, scene, &row)?;
    let has_changed = in_force.iter().any(|in_force| in_force.entry > proposed.entry);
    decide::confirm(proposed.by == scene.actor.user, &standing, has_changed)?;
    let act = Act::ExpiryExtended(ExpiryExtended { extension: id.clone(), evidence });
    let entry = scene.append(tx, None, act)?;
    let new = batch_expiry::InForce {
        batch: batch.clone(),
        entry,
        label_expiry: proposed.label_expiry,
        extension: Some(id.clone()),
        reason: None,
        evidence,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    batch_expiry::add(tx, &new)?;
    tell(tx, scene, &proposed)?;
    Ok(id.to_string())
}

/// Everybody is told of the batch, and every site of its kits.
fn tell(tx: &mut Tx, scene: &Scene<'_>, proposed: &batch_expiry::Proposed) -> Result<(), Failure> {
    let (batch, label_expiry) = (proposed.batch.clone(), proposed.label_expiry);
    notices::tell(tx, scene, None, BlindedEvent::ExpiryChanged { batch, label_expiry })?;
    let mut extended = Concerned::default();
    let recalled = lot::Recalled::of(tx, &scene.study)?;
    for row in kit::of_batch(tx, &scene.study, &proposed.batch)? {
        if decide::extends(row.state) && !recalled.with_its_lot(row.number) {
            extended.add(&row.place, row.number, Stands::Held);
        }
    }
    for (_, site, at) in extended.append(tx, scene, &proposed.batch, Act::KitsExtended)? {
        let Some(site) = site else { continue };
        let event = BlindedEvent::KitsExtended { batch: proposed.batch.clone(), label_expiry, kits: at.kits };
        notices::tell_kits(tx, scene, &site, event)?;
    }
    Ok(())
}

fn as_it_is(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Change, Failure> {
    let id = ExpiryExtensionId::parse(id).map_err(|_malformed| missing("receipt"))?;
    of_extension(tx, scene, &id)?.ok_or_else(|| missing("extension"))
}

/// What became of it later does not change the answer to this request.
fn as_proposed(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Change, Failure> {
    Ok(Change { in_force: None, places: Vec::new(), ..as_it_is(tx, scene, id)? })
}
