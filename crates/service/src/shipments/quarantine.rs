//! Setting the kits of a whole place aside (`POST /studies/{study}/quarantines`), and what the quality role decides
//! about kits in quarantine (`POST /studies/{study}/quarantine-decisions`).

use journal::Hash;
use ledger::{KitState, Move, Place};
use store::Tx;
use store::rows::{kit, lot, shipment};
use terms::{KitNumber, Moment, ShipmentId, UserId};
use trial::act::Act;
use trial::decide::quarantine as decide;
use trial::{Disposition, QuarantineCause, Refusal};

use super::{At, acts_at, country, found};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::kits::leaf_at;
use crate::once::once;
use crate::posting::{Step, post_after};
use crate::request::Envelope;
use crate::service::Shared;

/// Kits that were set aside, or decided about, together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The kits, in the order of their numbers.
    pub kits: Vec<KitNumber>,
    /// Who did it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// About which kits the quality role decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of a site or a depot.
    Place(At),
    /// Those of one shipment, where it arrived.
    Shipment(ShipmentId),
}

/// Sets aside all kits of a site or a depot that could be used or were promised: a fridge fails for all of them, and
/// picking some out would tell them apart (KIT-12, BLD-10).
///
/// # Errors
/// [`Refusal::NotFound`] for a place out of reach; the refusals of authorization and of the idempotency key.
pub fn set_aside(
    service: &Shared,
    envelope: Envelope,
    at: At,
    cause: QuarantineCause,
    evidence: Option<Hash>,
) -> Result<Moved, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        country(tx, scene, &at)?;
        acts_at(scene, &at, not_yours)?;
        let mut rows = kit::at(tx, &scene.study, &at.place())?;
        rows.retain(|row| decide::is_set_aside_with_its_place(&row.in_ledger()));
        let (depot, kits) = (at.depot().cloned(), numbers(&rows));
        let entry = scene.append(tx, at.site(), Act::KitsQuarantined { depot, cause, kits, evidence })?;
        for row in rows {
            let reason: &'static str = cause.into();
            let step = Step::new(Move::Quarantine, at.place()).because(reason);
            post_after(tx, scene, entry, row.number, Some(&row.in_ledger()), step)?;
        }
        Ok(entry.to_string())
    };
    once(service, envelope, effect, answer)
}

/// Decides about kits in quarantine: all of a place, or all of a shipment. It is the only way out of quarantine, and a
/// signed one, with evidence and a reason.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown place or shipment, [`Refusal::NothingInQuarantine`], [`Refusal::BatchState`] to
/// give back what is all recalled, [`Refusal::Field`] without a reason; the refusals of authorization, of the signature
/// and of the idempotency key.
pub fn dispose(
    service: &Shared,
    envelope: Envelope,
    scope: Scope,
    disposition: Disposition,
    evidence: Hash,
    reason: String,
) -> Result<Moved, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let (at, mut rows) = in_quarantine(tx, scene, &scope)?;
        if disposition == Disposition::Release {
            stay_when_recalled(tx, scene, &mut rows)?;
        }
        let shipment = match &scope {
            Scope::Shipment(id) => Some(id.clone()),
            Scope::Place(_) => None,
        };
        let text = scene.vault.seal_text(tx, "reason", &reason)?;
        let act = Act::QuarantineDecided {
            depot: at.depot().cloned(),
            shipment,
            disposition,
            kits: numbers(&rows),
            reason: text.commitment,
            evidence,
        };
        let entry = scene.append(tx, at.site(), act)?;
        for row in rows {
            leave(tx, scene, entry, &row, disposition, &at.place())?;
        }
        Ok(entry.to_string())
    };
    once(service, envelope, effect, answer)
}

pub(crate) fn not_yours() -> Refusal {
    Refusal::field("site", "is for its pharmacist to act at: give a `depot`")
}

fn in_quarantine(tx: &mut Tx, scene: &Scene<'_>, scope: &Scope) -> Result<(At, Vec<kit::Kit>), Failure> {
    let (at, only) = match scope {
        Scope::Place(at) => (at.clone(), None),
        Scope::Shipment(id) => {
            let row = found(tx, scene, id)?;
            let at = At::of(&row.to).ok_or_else(|| missing("place of a shipment"))?;
            (at, Some(shipment::kits(tx, &scene.study, id)?))
        }
    };
    country(tx, scene, &at)?;
    acts_at(scene, &at, not_yours)?;
    let mut rows = kit::at(tx, &scene.study, &at.place())?;
    rows.retain(|row| row.state == KitState::Quarantined);
    rows.retain(|row| only.as_ref().is_none_or(|kits| kits.contains(&row.number)));
    if rows.is_empty() { Err(Refusal::NothingInQuarantine.into()) } else { Ok((at, rows)) }
}

/// What is recalled stays in quarantine while the rest of its place is given back.
fn stay_when_recalled(tx: &mut Tx, scene: &Scene<'_>, rows: &mut Vec<kit::Kit>) -> Result<(), Failure> {
    let recalled = lot::Recalled::of(tx, &scene.study)?;
    rows.retain(|row| !recalled.has(&row.batch, row.number));
    if rows.is_empty() { Err(Refusal::BatchState("recalled").into()) } else { Ok(()) }
}

fn leave(
    tx: &mut Tx,
    scene: &Scene<'_>,
    entry: u64,
    row: &kit::Kit,
    disposition: Disposition,
    place: &Place,
) -> Result<(), Failure> {
    let before = row.in_ledger();
    let a_move = decide::dispose(disposition, &before.place, before.subject.is_some());
    let reason: &'static str = disposition.into();
    let mut step = Step::new(a_move, place.clone()).because(reason);
    if let (Move::RestoreToSubject, Some(subject), Some(visit)) = (a_move, &row.subject, &row.visit) {
        step = step.of(subject, visit);
    }
    post_after(tx, scene, entry, row.number, Some(&before), step)?;
    Ok(())
}

fn numbers(rows: &[kit::Kit]) -> Vec<KitNumber> {
    rows.iter().map(|row| row.number).collect()
}

/// What was moved is read back from its leaf, which nothing can change.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Moved, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    // Whoever asks again may have moved to another site since.
    if let Some(site) = &leaf.site {
        acts_at(scene, &At::Site(site.clone()), not_yours)?;
    }
    match (leaf.act, leaf.actor) {
        (Act::KitsQuarantined { kits, .. } | Act::QuarantineDecided { kits, .. }, Some(by)) => {
            Ok(Moved { kits, by, at: leaf.saved })
        }
        _ => Err(missing("quarantine")),
    }
}
