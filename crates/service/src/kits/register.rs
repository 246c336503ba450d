//! Registering a batch of kits (`POST /studies/{study}/kits`).

use ledger::{Move, Place};
use store::Tx;
use store::rows::{batch, kit, secret};
use terms::{BatchId, Day, KitNumber, OpeningId, Sealed};
use trial::act::{Act, KitsRegistered, RegisteredKit};
use trial::decide::register::{self as decide, Command, Facts, Registration};
use zeroize::Zeroizing;

use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::keys::Kind;
use crate::once::once;
use crate::posting::{Step, post_after};
use crate::request::Envelope;
use crate::service::Shared;

/// A batch as the packager needs it: the numbers, and not which is which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The batch.
    pub batch: BatchId,
    /// The label expiry.
    pub label_expiry: Day,
    /// The kit numbers, in order.
    pub kits: Vec<KitNumber>,
}

/// Registers a batch: draws its kit numbers, and seals what is in each.
///
/// # Errors
/// The refusals of [`trial::decide::register`], of authorization and of the idempotency key.
pub fn register(service: &Shared, envelope: Envelope, command: Command) -> Result<Registered, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &command);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, command: &Command) -> Result<String, Failure> {
    let seeds = secret::find(tx, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let facts = Facts {
        exists: batch::find(tx, &scene.study, &command.batch)?.is_some(),
        taken: kit::numbers(tx, &scene.study)?,
        seed: scene.vault.seed(tx, &seeds.kit_numbers)?,
    };
    let decided = decide::decide(scene.design(), &scene.sealed_design(tx)?, command, &facts)?;
    append(tx, scene, command, &facts.seed, decided)?;
    Ok(command.batch.to_string())
}

/// Writes the batch and its kits in the order of their numbers: an order of rows must tell no type.
fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    command: &Command,
    seed: &Sealed<[u8; 32]>,
    decided: Registration,
) -> Result<(), Failure> {
    let lots = Zeroizing::new(decided.lots);
    let lots = scene.vault.seal(tx, Kind::Text, "lots", lots.as_bytes())?;
    let mut openings: Vec<(KitNumber, OpeningId)> = Vec::new();
    let mut kits = Vec::new();
    for (number, kit_type) in decided.kits {
        let salt = decide::kit_salt(seed, &scene.study, number);
        let value = [kit_type.index()];
        let sealed = scene.vault.seal_salted(tx, Kind::KitType, "kit_type", salt, &value)?;
        openings.push((number, sealed.opening));
        kits.push(RegisteredKit { number, kit_type: sealed.commitment });
    }
    let new = batch::Batch {
        id: command.batch.clone(),
        label_expiry: command.label_expiry,
        lots: lots.opening,
        registered_by: scene.actor.user.clone(),
        registered_at: scene.now,
    };
    batch::add(tx, &new)?;
    let (id, label_expiry) = (command.batch.clone(), command.label_expiry);
    let (lots, visible) = (lots.commitment, decided.visible);
    batch::add_attributes(tx, &id, &visible)?;
    let act = Act::KitsRegistered(KitsRegistered { batch: id, label_expiry, lots, visible, kits });
    let entry = scene.append(tx, None, act)?;
    for (number, opening) in openings {
        kit::add(tx, number, &command.batch, &opening)?;
        post_after(tx, scene, entry, number, None, Step::new(Move::Register, Place::Store))?;
    }
    Ok(())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, batch: &str) -> Result<Registered, Failure> {
    let batch = BatchId::parse(batch).map_err(|_malformed| missing("receipt"))?;
    let row = batch::find(tx, &scene.study, &batch)?.ok_or_else(|| missing("batch"))?;
    let kits = kit::of_batch(tx, &scene.study, &batch)?.into_iter().map(|kit| kit.number).collect();
    Ok(Registered { batch, label_expiry: row.label_expiry, kits })
}
