//! Reconciling the kits of a place: one person signs for those that are finished with
//! (`POST /studies/{study}/kit-reconciliations`), another confirms it (`POST .../{reconciliation}/confirmation`).

use std::collections::{BTreeMap, BTreeSet};

use ledger::{KitState, Move, Place};
use store::rows::{kit_reconciliation as rows, movement, shipment};
use store::{Conn, Tx};
use terms::{KitNumber, KitReconciliationId, Moment, StudyId, UserId};
use trial::act::{Act, ExplainedKit};
pub use trial::decide::dispose::Outlook;
use trial::decide::dispose::{self as decide, Order};
use trial::{Action, Refusal};

use super::{is_in_reach, reaches, standing};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::posting::{Step, post};
use crate::request::{Caller, Envelope};
use crate::service::Shared;
use crate::shipments::At;

/// What is signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The site or the depot.
    pub at: At,
    /// Whether the place is closed.
    pub closing: bool,
    /// Why some kits will not come back.
    pub explanations: BTreeMap<KitNumber, String>,
}

/// A reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitReconciliation {
    /// Its id.
    pub id: KitReconciliationId,
    /// The site or the depot.
    pub place: Place,
    /// Whether the place is closed.
    pub closing: bool,
    /// The kits, in the order of their numbers.
    pub kits: Vec<KitNumber>,
    /// Those of them that will not come back.
    pub explained: Vec<KitNumber>,
    /// Who signed, and when.
    pub signed: (UserId, Moment),
    /// Who confirmed it, and when. Before that no kit is reconciled.
    pub confirmed: Option<(UserId, Moment)>,
}

/// Signs for all kits of a place that are finished with. Nothing moves before a second person has signed, too.
///
/// # Errors
/// [`Refusal::NotFound`] for a place out of reach, the refusals of [`trial::decide::dispose::reconcile`], of
/// authorization, of the signature and of the idempotency key.
pub fn sign(service: &Shared, envelope: Envelope, command: Command) -> Result<KitReconciliation, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let (kits, today) = standing(tx, scene, &command.at)?;
        let explained: BTreeSet<KitNumber> = command.explanations.keys().copied().collect();
        let order = Order { closing: command.closing, today, explained: &explained };
        let kits = decide::reconcile(&kits, order)?;
        append(tx, scene, &command, &kits)
    };
    once(service, envelope, effect, as_signed)
}

fn append(tx: &mut Tx, scene: &Scene<'_>, command: &Command, kits: &[KitNumber]) -> Result<String, Failure> {
    let (mut of_it, mut explained) = (Vec::new(), Vec::new());
    for number in kits {
        let text = command.explanations.get(number);
        let reason = text.map(|text| scene.vault.seal_text(tx, "reason", text)).transpose()?;
        let because =
            |reason: &crate::vault::Stored| ExplainedKit { kit: *number, reason: reason.commitment };
        explained.extend(reason.as_ref().map(because));
        of_it.push(rows::Kit { number: *number, reason: reason.map(|reason| reason.opening) });
    }
    let (id, closing): (KitReconciliationId, bool) = (scene.service.entropy.id()?, command.closing);
    let act = Act::KitReconciliationSigned {
        reconciliation: id.clone(),
        depot: command.at.depot().cloned(),
        closing,
        kits: kits.to_vec(),
        explained,
    };
    let entry = scene.append(tx, command.at.site(), act)?;
    let (place, by, at) = (command.at.place(), scene.actor.user.clone(), scene.now);
    rows::sign(tx, &rows::Signed { id: id.clone(), place, closing, entry, by, at }, &of_it)?;
    Ok(id.to_string())
}

/// What there would be to sign for at a place now, and the state of every kit there; nothing is written.
///
/// # Errors
/// [`Refusal::NotFound`] for a place out of reach, and the refusals of authorization.
pub fn outlook(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    at: &At,
) -> Result<(Outlook, BTreeMap<KitNumber, KitState>), Failure> {
    case::read(service, caller, study, Action::SignKitReconciliation, |conn, scene| {
        let (kits, today) = standing(conn, scene, at)?;
        let states = kits.iter().map(|kit| (kit.number, kit.state)).collect();
        Ok((decide::outlook(&kits, today), states))
    })
}

/// Confirms what another person signed for: its kits are reconciled.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown one, [`Refusal::AlreadyConfirmed`], the refusals of
/// [`trial::decide::dispose::second_signature`], of authorization, of the signature and of the idempotency key.
pub fn confirm(
    service: &Shared,
    envelope: Envelope,
    id: KitReconciliationId,
) -> Result<KitReconciliation, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = found(tx, scene, &id)?;
        if rows::confirmed(tx, &scene.study, &id)?.is_some() {
            return Err(Refusal::AlreadyConfirmed.into());
        }
        let kits = rows::kits(tx, &scene.study, &id)?;
        let mut moved = movement::moved_after(tx, &scene.study, row.entry)?;
        moved.extend(shipment::promised_at(tx, &scene.study, &row.place)?);
        let changed: Vec<KitNumber> =
            kits.iter().map(|kit| kit.number).filter(|kit| moved.contains(kit)).collect();
        decide::second_signature(row.by == scene.actor.user, &changed)?;
        let entry = scene.append(tx, row.place.site(), Act::KitsReconciled { reconciliation: id.clone() })?;
        for kit in kits {
            post(tx, scene, entry, kit.number, Step::new(Move::Reconcile, row.place.clone()))?;
        }
        rows::confirm(tx, &id, entry, &scene.actor.user, scene.now)?;
        Ok(id.to_string())
    };
    once(service, envelope, effect, as_it_is)
}

/// All reconciliations within reach, in order.
///
/// # Errors
/// The refusals of authorization.
pub fn all(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<KitReconciliation>, Failure> {
    case::read(service, caller, study, Action::ReadDisposals, |conn, scene| {
        let rows = rows::all(conn, study)?.into_iter().filter(|row| is_in_reach(scene, &row.place));
        rows.map(|row| shown(conn, scene, row)).collect()
    })
}

fn found(conn: &mut Conn, scene: &Scene<'_>, id: &KitReconciliationId) -> Result<rows::Signed, Failure> {
    let row = rows::find(conn, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    // Whoever asks again may have moved to another site since.
    reaches(scene, &row.place)?;
    Ok(row)
}

fn as_it_is(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<KitReconciliation, Failure> {
    let id = KitReconciliationId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = found(tx, scene, &id)?;
    shown(tx, scene, row)
}

/// What became of it later does not change the answer to this request.
fn as_signed(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<KitReconciliation, Failure> {
    Ok(KitReconciliation { confirmed: None, ..as_it_is(tx, scene, id)? })
}

fn shown(conn: &mut Conn, scene: &Scene<'_>, row: rows::Signed) -> Result<KitReconciliation, Failure> {
    let kits = rows::kits(conn, &scene.study, &row.id)?;
    let explained = kits.iter().filter(|kit| kit.reason.is_some()).map(|kit| kit.number).collect();
    Ok(KitReconciliation {
        kits: kits.into_iter().map(|kit| kit.number).collect(),
        explained,
        confirmed: rows::confirmed(conn, &scene.study, &row.id)?,
        id: row.id,
        place: row.place,
        closing: row.closing,
        signed: (row.by, row.at),
    })
}
