//! Kits that were set aside, and what the quality role makes of them; and what happens to one kit outside the plan.

use ledger::{Kit, KitState, Move, Place};

use crate::{Disposition, Incident};

/// Whether the kit is set aside when its whole place is: what could be used, or was promised.
pub fn is_set_aside_with_its_place(kit: &Kit) -> bool {
    matches!(kit.state, KitState::Released | KitState::Available | KitState::Allocated)
}

/// The reason of a kit that is set aside because its shipment was too warm or too cold.
pub const EXCURSION: &str = "excursion";

/// The move of a disposition: a kit goes back to where it was, in stock, on the shelf or to its subject; or it is
/// rejected, and counts as damaged. `is_meant` says whether it is meant for a subject.
pub fn dispose(disposition: Disposition, place: &Place, is_meant: bool) -> Move {
    match (disposition, place) {
        (Disposition::Reject, _) => Move::Damage,
        (Disposition::Release, Place::Site(_)) if is_meant => Move::RestoreToSubject,
        (Disposition::Release, Place::Site(_)) => Move::RestoreToShelf,
        (Disposition::Release, _) => Move::RestoreToStock,
    }
}

/// The move of an incident.
pub const fn incident(incident: Incident) -> Move {
    match incident {
        Incident::Damaged => Move::Damage,
        Incident::Lost => Move::Lose,
        Incident::Found => Move::Find,
    }
}
