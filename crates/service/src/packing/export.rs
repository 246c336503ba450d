//! Exporting the packaging list of a batch (`POST /studies/{study}/batches/{batch}/packaging-lists`).

use std::sync::Arc;

use store::Tx;
use store::rows::packing;
use terms::{BatchId, Moment, OpeningId, UserId};
use trial::Refusal;
use trial::act::PackagingListExported;
use trial::decide::packing as decide;
use zeroize::Zeroizing;

use super::{contents, goes_on};
use crate::age::{self, AgeError, Recipient};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// For whom a list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The batch.
    pub batch: BatchId,
    /// The recipient, in words.
    pub recipient: String,
    /// The recipient's key. The private half of it never comes to the service.
    pub key: Recipient,
}

/// A list that left, as the recipient alone can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The batch.
    pub batch: BatchId,
    /// The recipient.
    pub recipient: String,
    /// The recipient's key.
    pub key: Recipient,
    /// How many kits stand in it.
    pub kits: usize,
    /// The encrypted list, in armour.
    pub age: String,
    /// Who exported it, and when.
    pub signed: (UserId, Moment),
}

/// Exports the list of a batch. Every time it leaves, also when the same request comes again, it is a read of what is
/// in every kit: its leaf is committed before anything is answered (BLD-14, BLD-04).
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown batch, [`Refusal::BatchState`] for a recalled one, [`Refusal::Field`] without a
/// recipient's name or with a weak key; the refusals of authorization and of the idempotency key.
pub fn export(service: &Shared, envelope: Envelope, command: Command) -> Result<Exported, Failure> {
    let command = Arc::new(command);
    let to = Arc::clone(&command);
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        goes_on(tx, scene, &command.batch)?;
        Ok(scene.vault.seal_text(tx, "recipient", &command.recipient)?.opening.to_string())
    };
    once(service, envelope, effect, move |tx, scene, recipient| leave(tx, scene, &to, recipient))
}

/// Records that the list leaves, and reads it by the grant that comes with the record.
fn leave(tx: &mut Tx, scene: &Scene<'_>, to: &Command, recipient: &str) -> Result<Exported, Failure> {
    let recipient = OpeningId::parse(recipient).map_err(|_malformed| missing("receipt"))?;
    let (act, grant) = decide::export(PackagingListExported {
        batch: to.batch.clone(),
        recipient: scene.vault.commitment_to_text(tx, "recipient", &recipient)?,
        recipient_key: to.key.to_string(),
    });
    let entry = scene.append(tx, None, act)?;
    let (by, at) = (scene.actor.user.clone(), scene.now);
    let new = packing::Exported {
        batch: to.batch.clone(),
        entry,
        recipient: recipient.clone(),
        recipient_key: to.key.to_string(),
        by: by.clone(),
        at,
    };
    packing::export(tx, &new)?;
    let kits = contents(tx, scene, &to.batch)?;
    let list = decide::list(&scene.sealed_design(tx)?, &kits, &grant).ok_or_else(|| missing("kit type"))?;
    let list = Zeroizing::new(list);
    let age = age::encrypt(&to.key, list.as_bytes(), &scene.service.entropy).map_err(refused)?;
    let (batch, key, kits) = (to.batch.clone(), to.key.clone(), kits.len());
    let recipient = scene.vault.text(tx, &recipient)?;
    Ok(Exported { batch, recipient, key, kits, age, signed: (by, at) })
}

fn refused(error: AgeError) -> Failure {
    match error {
        AgeError::WeakKey => Refusal::field("recipient_key", "is a weak key, which anybody can read").into(),
        error => instrument(error),
    }
}
