//! Kits on their way to the shelf: registered, released, received; and what everybody may see of them.

pub mod read;
pub mod receive;
pub mod register;
pub mod release;

use ledger::{KitState, Move, Movement, Place};
use terms::KitNumber;
use trial::Refusal;

use crate::case::Scene;
use crate::failure::Failure;

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
