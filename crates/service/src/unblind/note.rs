//! A note to a code break, written after it so that documentation never delays it (UNB-03).

use store::Tx;
use store::rows::unblinding;
use terms::{Moment, UnblindingId, UserId};
use trial::act::Act;

use super::found;
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// That a note was added. Its text is not repeated: it may tell the treatment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The break.
    pub unblinding: UnblindingId,
    /// Who wrote it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a note to a code break. Its text is sealed.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for a break out of reach, [`trial::Refusal::Field`] for an empty or too long text; the
/// refusals of authorization and of the idempotency key.
pub fn note(service: &Shared, envelope: Envelope, id: UnblindingId, text: String) -> Result<Noted, Failure> {
    let of = id.clone();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &id, &text);
    once(service, envelope, effect, move |tx, scene, entry| answer(tx, scene, &of, entry))
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, id: &UnblindingId, text: &str) -> Result<String, Failure> {
    let (broken, row) = found(tx, scene, id)?;
    let text = scene.vault.seal_text(tx, "text", text)?;
    let act = Act::UnblindingNoted { unblinding: broken.id.clone(), text: text.commitment };
    let entry = scene.append(tx, Some(&row.site), act)?;
    let note = unblinding::Note {
        unblinding: broken.id,
        entry,
        text: text.opening,
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    unblinding::add_note(tx, &note)?;
    Ok(entry.to_string())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, id: &UnblindingId, entry: &str) -> Result<Noted, Failure> {
    let entry: u64 = entry.parse().map_err(instrument)?;
    let (broken, _row) = found(tx, scene, id)?;
    let note = unblinding::notes(tx, &broken.id)?.into_iter().find(|note| note.entry == entry);
    let unblinding::Note { unblinding, by, at, .. } = note.ok_or_else(|| missing("note"))?;
    Ok(Noted { unblinding, by, at })
}
