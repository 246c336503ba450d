//! Redacting a text that was typed by mistake (AUD-13): one person proposes it
//! (`POST /studies/{study}/redactions`), another confirms it (`POST .../{redaction}/confirmation`), and the text is
//! gone. Its commitment stays, so the journal verifies as before.

use std::sync::atomic::Ordering;

use journal::Commitment;
use store::rows::{leaf, opening, redaction as rows};
use store::{Conn, Tree, Tx};
use terms::{OpeningId, RedactionId, StudyId};
use trial::act::{Act, Leaf, Redaction};
use trial::decide::redact::{self as decide, Text};
use trial::{Action, RedactionReason, Refusal, view};

use crate::case::{self, Scene};
use crate::failure::{Failure, instrument, missing};
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::{Service, Shared};
use crate::trust::Standing;

pub use store::rows::redaction::Redaction as Redacted;

/// Which text is to go, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The leaf that tells of the act with which it was written.
    pub leaf: u64,
    /// What stands for it, where the leaf holds several.
    pub commitment: Option<Commitment>,
    /// Why.
    pub why: RedactionReason,
}

/// Proposes that a text be redacted. It stays until a second person confirms it.
///
/// # Errors
/// [`Refusal::NotFound`] for a leaf that the caller's view does not show, the refusals of
/// [`trial::decide::redact::choose`], [`Refusal::AlreadyConfirmed`] for a text that is gone; those of authorization, of
/// the signature and of the idempotency key.
pub fn propose(service: &Shared, envelope: Envelope, command: Command) -> Result<Redacted, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let leaf = shown_leaf(tx, scene, command.leaf)?;
        let text = decide::choose(&leaf, command.commitment.as_ref())?;
        let opening = lies_at(tx, scene, &text)?;
        append(tx, scene, &leaf, text, opening, command.why)
    };
    once(service, envelope, effect, as_proposed)
}

/// Confirms what another person proposed: the text is gone.
///
/// # Errors
/// [`Refusal::AllocationsStopped`] when this instance does not trust the database with the study: what is deleted in a
/// history that is given up would be there in the other one. [`Refusal::NotFound`] for an unknown one, the refusals of
/// [`trial::decide::redact::confirm`], of authorization, of the signature and of the idempotency key.
pub fn confirm(service: &Shared, envelope: Envelope, id: RedactionId) -> Result<Redacted, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        if scene.standing != Standing::Extends {
            return Err(Refusal::AllocationsStopped.into());
        }
        let row = found(tx, scene, &id)?;
        // Two may have proposed the same.
        let is_gone = rows::of_opening(tx, &scene.study, &row.opening)?.is_some();
        decide::confirm(is_gone, row.proposed.0 == scene.actor.user)?;
        let entry = scene.append(tx, row.site.as_ref(), Act::TextRedacted { redaction: id.clone() })?;
        rows::confirm(tx, &id, entry, &scene.actor.user, scene.now)?;
        opening::redact(tx, &row.opening)?;
        Ok(id.to_string())
    };
    let confirmed = once(service, envelope, effect, as_it_is)?;
    service.to_forget.store(true, Ordering::SeqCst);
    forget(service);
    Ok(confirmed)
}

/// All redactions within reach, in order.
///
/// # Errors
/// The refusals of authorization.
pub fn all(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Redacted>, Failure> {
    case::read(service, caller, study, Action::ReadRedactions, |conn, scene| {
        let rows = rows::all(conn, study)?.into_iter();
        Ok(rows.filter(|row| is_in_reach(scene, row)).collect())
    })
}

/// Clears what was deleted out of the files of the database, if that is still to do. The text is gone by what was
/// committed; where somebody reads on at this moment, it leaves the files later: the service's loop asks once a minute.
pub fn forget(service: &Service) {
    if !service.to_forget.swap(false, Ordering::SeqCst) {
        return;
    }
    let cleared = service.store.forget_deleted();
    if !matches!(cleared, Ok(true)) {
        service.to_forget.store(true, Ordering::SeqCst);
        tracing::warn!(?cleared, "what was deleted is still in the write-ahead log; it is tried again");
    }
}

fn shown_leaf(conn: &mut Conn, scene: &Scene<'_>, index: u64) -> Result<Leaf, Failure> {
    let page = leaf::page(conn, &Tree::Study(scene.study.clone()), index, 1)?;
    let row = page.into_iter().find(|row| row.index == index).ok_or(Refusal::NotFound)?;
    let leaf: Leaf = serde_json::from_slice(&row.canonical).map_err(instrument)?;
    // Which leaves there are is no secret; what stands in those of others is.
    if view::shows(&scene.authority, &leaf) { Ok(leaf) } else { Err(Refusal::NotFound.into()) }
}

fn lies_at(conn: &mut Conn, scene: &Scene<'_>, (field, commitment): &Text) -> Result<OpeningId, Failure> {
    if let Some(opening) = scene.vault.find_text(conn, field, commitment)? {
        return Ok(opening);
    }
    let rows = rows::all(conn, &scene.study)?;
    let is_gone = rows.iter().any(|row| row.commitment == *commitment && row.confirmed.is_some());
    Err(if is_gone { Refusal::AlreadyConfirmed.into() } else { missing("opening") })
}

fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    of: &Leaf,
    (field, commitment): Text,
    opening: OpeningId,
    why: RedactionReason,
) -> Result<String, Failure> {
    let id: RedactionId = scene.service.entropy.id()?;
    let redaction = Redaction { redaction: id.clone(), leaf: of.index, field, commitment, opening, why };
    let entry = scene.append(tx, of.site.as_ref(), Act::RedactionProposed(redaction.clone()))?;
    let Redaction { leaf, field, opening, .. } = redaction;
    let proposed = (scene.actor.user.clone(), scene.now);
    let (site, confirmed) = (of.site.clone(), None);
    let id_text = id.to_string();
    rows::propose(
        tx,
        &Redacted { id, leaf, field, commitment, opening, why, site, entry, proposed, confirmed },
    )?;
    Ok(id_text)
}

fn is_in_reach(scene: &Scene<'_>, row: &Redacted) -> bool {
    row.site.as_ref().is_none_or(|site| scene.authority.reaches(site).is_ok())
}

fn found(conn: &mut Conn, scene: &Scene<'_>, id: &RedactionId) -> Result<Redacted, Failure> {
    let row = rows::find(conn, &scene.study, id)?.filter(|row| is_in_reach(scene, row));
    Ok(row.ok_or(Refusal::NotFound)?)
}

fn as_it_is(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Redacted, Failure> {
    let id = RedactionId::parse(id).map_err(|_malformed| missing("receipt"))?;
    found(tx, scene, &id)
}

/// What became of it later does not change the answer to this request.
fn as_proposed(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Redacted, Failure> {
    Ok(Redacted { confirmed: None, ..as_it_is(tx, scene, id)? })
}
