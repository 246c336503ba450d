//! Shortening the label expiry of a batch (`POST /studies/{study}/batches/{batch}/expiry-shortening`).

use std::collections::BTreeMap;

use journal::Hash;
use store::rows::{batch, batch_expiry, dispensation, kit};
use store::{Conn, Tx};
use terms::{BatchId, Day, KitNumber, Moment};
use trial::Refusal;
use trial::act::{Act, ExpiryShortened};
use trial::decide::expiry::{self as decide, Concern};

use super::read::{Change, of_entry};
use super::{Concerned, Stands, label_expiry};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::mail::BlindedEvent;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;
use crate::{notices, site};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The batch.
    pub batch: BatchId,
    /// The label expiry from now on.
    pub label_expiry: Day,
    /// Why.
    pub reason: String,
    /// The SHA-256 of what shows it.
    pub evidence: Hash,
}

/// Shortens a label expiry, at every place at once (KIT-11): from then on no kit is picked, dispensed or handed over
/// that does not last by it. The answer tells which kits that are, wherever they are.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, the refusals of [`trial::decide::expiry::shorten`], [`Refusal::Field`]
/// without a reason; the refusals of authorization, of the signature and of the idempotency key.
pub fn shorten(service: &Shared, envelope: Envelope, command: Command) -> Result<Change, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    let row = batch::find(tx, &scene.study, &command.batch)?.ok_or(Refusal::NotFound)?;
    let before = label_expiry(tx, scene, &row)?;
    decide::shorten(before, command.label_expiry)?;
    let reason = scene.vault.seal_text(tx, "reason", &command.reason)?;
    let act = Act::ExpiryShortened(ExpiryShortened {
        batch: row.id.clone(),
        label_expiry: command.label_expiry,
        reason: reason.commitment,
        evidence: command.evidence,
    });
    let entry = scene.append(tx, None, act)?;
    let new = batch_expiry::InForce {
        batch: row.id.clone(),
        entry,
        label_expiry: command.label_expiry,
        extension: None,
        reason: Some(reason.opening),
        evidence: command.evidence,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    batch_expiry::add(tx, &new)?;
    tell(tx, scene, command, before)?;
    Ok(entry.to_string())
}

/// Everybody is told of the batch, and every site that it hits of its kits.
fn tell(tx: &mut Tx, scene: &Scene<'_>, command: &Command, before: Day) -> Result<(), Failure> {
    let (batch, label_expiry) = (command.batch.clone(), command.label_expiry);
    notices::tell(tx, scene, None, BlindedEvent::ExpiryChanged { batch, label_expiry })?;
    let hit = hit(tx, scene, &command.batch, (before, label_expiry))?;
    for (_, site, at) in hit.append(tx, scene, &command.batch, Act::KitsShortened)? {
        let Some(site) = site else { continue };
        let (batch, kits, with_subjects) = (command.batch.clone(), at.kits, at.with_subjects);
        let event = BlindedEvent::KitsShortened { batch, label_expiry, kits, with_subjects };
        notices::tell_kits(tx, scene, &site, event)?;
    }
    Ok(())
}

/// The kits that no longer last, by their places.
fn hit(
    conn: &mut Conn,
    scene: &Scene<'_>,
    batch: &BatchId,
    change: (Day, Day),
) -> Result<Concerned, Failure> {
    let given: BTreeMap<KitNumber, Moment> = dispensation::handovers(conn, &scene.study)?
        .into_iter()
        .map(|handover| (handover.kit, handover.at))
        .collect();
    let mut hit = Concerned::default();
    for row in kit::of_batch(conn, &scene.study, batch)? {
        let day = |conn: &mut Conn, at: Moment| match row.place.site() {
            Some(site) => site::day_at(conn, scene, site, at),
            None => Ok(at.utc().date_naive()),
        };
        let today = day(conn, scene.now)?;
        let given = given.get(&row.number).map(|at| day(conn, *at)).transpose()?;
        let kit = decide::Kit { state: row.state, today, visit: row.visit.clone(), given };
        match decide::shortens(scene.design(), &kit, change) {
            Concern::None => {}
            Concern::WithSubject => hit.add(&row.place, row.number, Stands::WithSubject),
            Concern::Held => hit.add(&row.place, row.number, Stands::Held),
        }
    }
    Ok(hit)
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Change, Failure> {
    of_entry(tx, scene, entry.parse().map_err(instrument)?)?.ok_or_else(|| missing("shortening"))
}
