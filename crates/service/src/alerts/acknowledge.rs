//! Taking note of an alert (`POST /studies/{study}/alerts/{alert}/acknowledgement`).

use store::Tx;
use store::rows::alert;
use terms::AlertId;
use trial::act::{Act, AlertAcknowledged};
use trial::alerts::{self, owner};

use super::{Alert, found, holds, said};
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// Acknowledges an alert, with what will be done if that is said. It stays in the list until what it was raised for has
/// ended: taking note mends nothing.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for an alert out of reach, the refusals of [`alerts::acknowledge`],
/// [`trial::Refusal::Field`] for an empty or too long text; the refusals of authorization and of the idempotency key.
pub fn acknowledge(
    service: &Shared,
    envelope: Envelope,
    id: AlertId,
    text: Option<String>,
) -> Result<Alert, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &id, text.as_deref());
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, id: &AlertId, text: Option<&str>) -> Result<String, Failure> {
    let row = found(tx, scene, id)?;
    let owner = owner(row.kind, &row.place);
    let is_owner = holds(scene, owner, &row.place);
    alerts::acknowledge(owner, is_owner, row.cleared_at.is_some(), row.acknowledged.is_some())?;
    let text = text.map(|text| scene.vault.seal_text(tx, "text", text)).transpose()?;
    let (opening, text) = text.map(|text| (text.opening, text.commitment)).unzip();
    let act = Act::AlertAcknowledged(AlertAcknowledged { alert: id.clone(), text });
    let entry = scene.append_as(tx, owner, row.place.site(), act)?;
    let done = alert::Acknowledged { text: opening, by: scene.actor.user.clone(), at: scene.now };
    alert::acknowledge(tx, id, &done, entry)?;
    Ok(id.to_string())
}

/// Out of the record alone: what is known of the matter later does not change the answer to this request.
fn answer(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Alert, Failure> {
    let row = found(tx, scene, &AlertId::parse(id).map_err(|_malformed| missing("receipt"))?)?;
    let done = row.acknowledged.as_ref();
    Ok(Alert {
        owner: owner(row.kind, &row.place),
        says: None,
        known: None,
        acknowledged: done.map(|done| (done.by.clone(), done.at)),
        text: said(tx, scene, done)?,
        raised: Some((row.id, row.raised_at)),
        kind: row.kind,
        place: row.place,
        reference: row.reference,
    })
}
