//! Kits on their way to the shelf: registered, released, received; and what everybody may see of them.

pub mod read;
pub mod receive;
pub mod register;
pub mod release;

use ledger::{KitState, Move, Movement, Place};
use store::rows::leaf;
use store::{Conn, Tree};
use terms::KitNumber;
use trial::Refusal;
use trial::act::Leaf;

use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};

/// A movement in the sponsor's stock, now.
fn in_store(
    scene: &Scene<'_>,
    kit: KitNumber,
    from: Option<KitState>,
    a_move: Move,
) -> Result<Movement, Failure> {
    let to = ledger::next(from, a_move).map_err(|_illegal| Refusal::KitState(kit.to_string()))?;
    Ok(Movement {
        kit,
        from,
        to,
        a_move,
        place: Place::Store,
        subject: None,
        visit: None,
        happened: scene.now,
        recorded: scene.now,
        reason: None,
    })
}

/// The leaf of an act, from which its answer is read back: nothing can change it.
pub(crate) fn leaf_at(conn: &mut Conn, scene: &Scene<'_>, index: u64) -> Result<Leaf, Failure> {
    let leaves = leaf::page(conn, &Tree::Study(scene.study.clone()), index, 1)?;
    let leaf = leaves.into_iter().find(|leaf| leaf.index == index).ok_or_else(|| missing("leaf"))?;
    serde_json::from_slice(&leaf.canonical).map_err(instrument)
}
