//! Generating a list (`POST /studies/{study}/lists`).

use allocator::AllocationList;
use journal::{leaf_hash, root};
use store::Tx;
use store::rows::list;
use terms::{ListId, Position, Stratum, StudyId};
use trial::ListState;
use trial::act::Act;
use zeroize::Zeroizing;

use super::{List, view_at};
use crate::case::Scene;
use crate::failure::Failure;
use crate::keys::Kind;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// Generates a list for the design in force. It is committed to in the same transaction, before anyone can read it
/// (SEQ-06), and the answer holds neither arms nor seed.
///
/// # Errors
/// The refusals of authorization, of the signature and of the idempotency key; faults.
pub fn generate(service: &Shared, envelope: Envelope) -> Result<List, Failure> {
    once(service, envelope, effect, |tx, scene, id| view_at(tx, scene, id, ListState::Generated))
}

fn effect(tx: &mut Tx, scene: &Scene<'_>) -> Result<String, Failure> {
    let id: ListId = scene.service.entropy.id()?;
    // SEQ-04: the seed comes from the operating system and leaves this function sealed alone.
    let seed: Zeroizing<[u8; 32]> = Zeroizing::new(scene.service.entropy.bytes()?);
    let design = scene.sealed_design(tx)?;
    let derived = allocator::derive(&seed, scene.study.as_str(), id.as_str(), design.block_design());
    let root = commitment(scene, &id, &seed, &derived);
    let sealed_seed = scene.vault.seal(tx, Kind::Seed, "seed", seed.as_slice())?;
    let row = list::List {
        id: id.clone(),
        design_version: u64::from(scene.in_force.version),
        algorithm: allocator::ALGORITHM.to_owned(),
        root,
        seed: sealed_seed.opening,
        generated_by: scene.actor.user.clone(),
        generated_at: scene.now,
        state: ListState::Generated,
    };
    list::add(tx, &row)?;
    add_positions(tx, scene, &id, &seed, &derived)?;
    let act = Act::ListGenerated {
        list: id.clone(),
        algorithm: row.algorithm,
        root,
        // SEQ-11: the lengths that the design wants. Those of the list itself would tell how its last blocks end.
        lengths: design.block_design().lengths().to_vec(),
        seed: sealed_seed.commitment,
    };
    scene.append(tx, None, act)?;
    Ok(id.to_string())
}

fn commitment(scene: &Scene<'_>, id: &ListId, seed: &[u8; 32], list: &AllocationList) -> journal::Hash {
    let leaves = list.rows().map(|(stratum, position, entry)| {
        let salt = salt(&scene.study, id, seed, stratum, position);
        leaf_hash(&allocator::commitment_leaf(&salt, stratum, position, entry.arm))
    });
    scene.service.sealer.root(root(&leaves.collect::<Vec<_>>()))
}

/// Each arm is sealed under the salt of its commitment, so that its opening proves its own leaf and tells nothing of
/// any other.
fn add_positions(
    tx: &mut Tx,
    scene: &Scene<'_>,
    id: &ListId,
    seed: &[u8; 32],
    list: &AllocationList,
) -> Result<(), Failure> {
    for (stratum, position, entry) in list.rows() {
        let salt = salt(&scene.study, id, seed, stratum, position);
        let arm = scene.vault.seal_salted(tx, Kind::Arm, "arm", *salt, &[entry.arm.index()])?;
        list::add_place(tx, id, &list::Place { stratum, position, arm: arm.opening })?;
    }
    Ok(())
}

fn salt(
    study: &StudyId,
    list: &ListId,
    seed: &[u8; 32],
    stratum: Stratum,
    position: Position,
) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(allocator::salt(seed, study.as_str(), list.as_str(), stratum, position))
}
