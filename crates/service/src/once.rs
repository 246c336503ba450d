//! Exactly once: a request that changes a study, under its idempotency key.

use store::Tx;
use store::rows::receipt::{self, Receipt};
use store::rows::session::{self, Signed};
use terms::Moment;
use trial::act::Act;
use trial::{Action, Refusal};

use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::request::{Caller, Envelope, IdempotencyKey};
use crate::service::Shared;
use crate::trust::Standing;

/// Runs `effect` once under the envelope's key, and `answer` every time.
///
/// The receipt holds only the id of the effect; the answer is read from the append-only rows that the effect wrote,
/// the first time and every time after it. So a receipt never holds anything that a break revealed. Sent again by the
/// same person with the same body, it has no second effect, and a row and a leaf say that it was asked again; with
/// another body it is refused; another person's key is as if nothing were there.
pub(crate) fn once<T>(
    service: &Shared,
    envelope: Envelope,
    effect: impl Fn(&mut Tx, &Scene<'_>) -> Result<String, Failure> + Send + 'static,
    answer: impl Fn(&mut Tx, &Scene<'_>, &str) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (caller, study, action) = (envelope.caller.clone(), envelope.study.clone(), envelope.action);
    case::write(service, &caller, &study, action, move |tx, scene| {
        let keyed = Keyed { key: &envelope.key, action, digest: envelope.digest };
        let outcome = settled(tx, scene, keyed, |tx| first(tx, scene, &envelope, &effect))?;
        answer(tx, scene, &outcome)
    })
}

/// What a receipt is of, beside the person.
#[derive(Clone, Copy)]
pub(crate) struct Keyed<'a> {
    pub(crate) key: &'a IdempotencyKey,
    pub(crate) action: Action,
    pub(crate) digest: [u8; 32],
}

/// The outcome under a key: of `first`, which is kept in a receipt, or of what was kept in one before.
pub(crate) fn settled(
    tx: &mut Tx,
    scene: &Scene<'_>,
    keyed: Keyed<'_>,
    first: impl FnOnce(&mut Tx) -> Result<String, Failure>,
) -> Result<String, Failure> {
    if let Some(receipt) = receipt::find(tx, &scene.study, keyed.key.as_str())? {
        return again(tx, scene, keyed, receipt);
    }
    let outcome = first(tx)?;
    keep(tx, scene, keyed, &outcome)?;
    Ok(outcome)
}

/// Keeps the receipt of an act of this person.
pub(crate) fn keep(tx: &mut Tx, scene: &Scene<'_>, keyed: Keyed<'_>, outcome: &str) -> Result<(), Failure> {
    let receipt = Receipt {
        key: keyed.key.to_string(),
        user: scene.actor.user.clone(),
        action: keyed.action.to_string(),
        body_hash: keyed.digest,
        outcome: outcome.to_owned(),
        recorded_at: scene.now,
    };
    Ok(receipt::add(tx, &receipt)?)
}

fn first(
    tx: &mut Tx,
    scene: &Scene<'_>,
    envelope: &Envelope,
    effect: impl Fn(&mut Tx, &Scene<'_>) -> Result<String, Failure>,
) -> Result<String, Failure> {
    if envelope.action.allocates() && scene.standing != Standing::Extends {
        return Err(Refusal::AllocationsStopped.into());
    }
    let Envelope { caller, action, digest, signature, .. } = envelope;
    consume_signature(tx, caller, *action, digest, signature.as_ref(), scene.now)?;
    effect(tx, scene)
}

fn again(tx: &mut Tx, scene: &Scene<'_>, keyed: Keyed<'_>, receipt: Receipt) -> Result<String, Failure> {
    if receipt.user != scene.actor.user {
        return Err(Refusal::NotFound.into());
    }
    if receipt.body_hash != keyed.digest || receipt.action != keyed.action.to_string() {
        return Err(Refusal::KeyReused.into());
    }
    receipt::add_replay(tx, keyed.key.as_str(), scene.now)?;
    let act = Act::AskedAgain { action: receipt.action, effect: receipt.outcome.clone() };
    scene.append(tx, scene.authority.only_site(), act)?;
    Ok(receipt.outcome)
}

/// A signature is used up by the act that it was made for, and by no other (SIG-02).
pub(crate) fn consume_signature(
    tx: &mut Tx,
    caller: &Caller,
    action: Action,
    request: &[u8; 32],
    token: Option<&[u8; 32]>,
    now: Moment,
) -> Result<(), Failure> {
    if !action.needs_signature() {
        return Ok(());
    }
    let token = token.ok_or(Refusal::SignatureNeeded)?;
    let signed = Signed { user: &caller.user, session: &caller.session, action: action.into(), request };
    let used = session::use_signing(tx, token, signed, now)?;
    if used { Ok(()) } else { Err(Refusal::SignatureInvalid.into()) }
}
