//! The states of a kit and the moves between them, with their stored codes.

/// Where a kit stands in its life. KIT-17: there is a state for every truth, so that nobody has to record a
/// false one.
///
/// Expired is none of them: it follows from the label and the day of use ([`crate::usable_through`]), so no
/// job has to run for a kit to become unusable (KIT-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KitState {
    /// Its number exists and its content is known to the packager; it may not be used yet.
    Registered,
    /// Its batch is released; it stands in the sponsor's stock, or in a depot.
    Released,
    /// It is on its way, in a shipment.
    InTransit,
    /// It lies on the shelf of a site and is promised to nobody.
    Available,
    /// It lies at a site and is meant for one visit of one subject.
    Allocated,
    /// It was handed over to the subject it was meant for.
    Dispensed,
    /// It came back, and no vial of it had been used.
    ReturnedUnused,
    /// It came back, and some of its vials had been used or are missing.
    ReturnedPartlyUsed,
    /// It came back, and none of its vials is left to be used.
    ReturnedUsed,
    /// It must not be used until someone of the quality role has decided.
    Quarantined,
    /// It is broken, or was stored so badly that it cannot be used.
    Damaged,
    /// Nobody knows where it is.
    Lost,
    /// It was handed over although it should not have been: to another subject, or without an allocation.
    DispensedInError,
    /// It was counted and explained, in a signed reconciliation.
    Reconciled,
    /// It was destroyed, after its reconciliation.
    Destroyed,
}

impl KitState {
    /// All states, in the order of a kit's life.
    pub const ALL: [Self; 15] = [
        Self::Registered,
        Self::Released,
        Self::InTransit,
        Self::Available,
        Self::Allocated,
        Self::Dispensed,
        Self::ReturnedUnused,
        Self::ReturnedPartlyUsed,
        Self::ReturnedUsed,
        Self::Quarantined,
        Self::Damaged,
        Self::Lost,
        Self::DispensedInError,
        Self::Reconciled,
        Self::Destroyed,
    ];

    /// The stored and published code; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Released => "released",
            Self::InTransit => "in_transit",
            Self::Available => "available",
            Self::Allocated => "allocated",
            Self::Dispensed => "dispensed",
            Self::ReturnedUnused => "returned_unused",
            Self::ReturnedPartlyUsed => "returned_partly_used",
            Self::ReturnedUsed => "returned_used",
            Self::Quarantined => "quarantined",
            Self::Damaged => "damaged",
            Self::Lost => "lost",
            Self::DispensedInError => "dispensed_in_error",
            Self::Reconciled => "reconciled",
            Self::Destroyed => "destroyed",
        }
    }

    /// The state with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What happens to a kit. Which moves are possible in which state says [`crate::next`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// The kit comes to exist, in the sponsor's stock.
    Register,
    /// Its batch is released for use.
    Release,
    /// It leaves a stock in a shipment.
    Dispatch,
    /// A depot has received it.
    Stock,
    /// A site has received it.
    Receive,
    /// The system picks it for one visit of one subject.
    Allocate,
    /// It is handed over to the subject it is allocated to.
    HandOver,
    /// It is set aside until quality decides; also the first step to correct a false "damaged" or "reconciled".
    Quarantine,
    /// Quality gives it back to the stock or depot in which it lies.
    RestoreToStock,
    /// Quality gives it back to the shelf: only a kit that no subject was ever meant to have.
    RestoreToShelf,
    /// Quality gives it back to the subject it was allocated to.
    RestoreToSubject,
    /// It is found damaged, or quality rejects it.
    Damage,
    /// It is found missing; a subject may have lost it, too.
    Lose,
    /// A lost kit turns up that nobody was given; where it was is unknown, so quality must decide.
    Find,
    /// It turns out to have been handed over wrongly, whatever was recorded before.
    HandOverInError,
    /// It comes back, or is counted again, with all its vials.
    ReturnUnused,
    /// It comes back, or is counted again, with some of its vials.
    ReturnPartlyUsed,
    /// It comes back, or is counted again, with no vial left to be used.
    ReturnUsed,
    /// It is counted and explained, in a signed reconciliation.
    Reconcile,
    /// It is destroyed.
    Destroy,
}

impl Move {
    /// All moves, in the order of a kit's life.
    pub const ALL: [Self; 20] = [
        Self::Register,
        Self::Release,
        Self::Dispatch,
        Self::Stock,
        Self::Receive,
        Self::Allocate,
        Self::HandOver,
        Self::Quarantine,
        Self::RestoreToStock,
        Self::RestoreToShelf,
        Self::RestoreToSubject,
        Self::Damage,
        Self::Lose,
        Self::Find,
        Self::HandOverInError,
        Self::ReturnUnused,
        Self::ReturnPartlyUsed,
        Self::ReturnUsed,
        Self::Reconcile,
        Self::Destroy,
    ];

    /// The stored and published code; it never changes.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Release => "release",
            Self::Dispatch => "dispatch",
            Self::Stock => "stock",
            Self::Receive => "receive",
            Self::Allocate => "allocate",
            Self::HandOver => "hand_over",
            Self::Quarantine => "quarantine",
            Self::RestoreToStock => "restore_to_stock",
            Self::RestoreToShelf => "restore_to_shelf",
            Self::RestoreToSubject => "restore_to_subject",
            Self::Damage => "damage",
            Self::Lose => "lose",
            Self::Find => "find",
            Self::HandOverInError => "hand_over_in_error",
            Self::ReturnUnused => "return_unused",
            Self::ReturnPartlyUsed => "return_partly_used",
            Self::ReturnUsed => "return_used",
            Self::Reconcile => "reconcile",
            Self::Destroy => "destroy",
        }
    }

    /// The move with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a_move| a_move.code() == code)
    }

    /// Whether a movement of this kind must say why: all that leave the planned way from the packager to the
    /// subject and back.
    pub const fn needs_reason(self) -> bool {
        match self {
            Self::Register | Self::Release | Self::Dispatch | Self::Stock | Self::Receive => false,
            Self::Allocate | Self::HandOver | Self::Reconcile | Self::Destroy => false,
            Self::ReturnUnused | Self::ReturnPartlyUsed | Self::ReturnUsed => false,
            Self::Quarantine | Self::RestoreToStock | Self::RestoreToShelf | Self::RestoreToSubject => true,
            Self::Damage | Self::Lose | Self::Find | Self::HandOverInError => true,
        }
    }

    /// Whether it brings a kit back from whoever had been given it.
    pub const fn is_return(self) -> bool {
        matches!(self, Self::ReturnUnused | Self::ReturnPartlyUsed | Self::ReturnUsed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{KitState, Move};

    #[test]
    fn every_code_is_read_back_and_stands_for_one_thing() {
        assert!(KitState::ALL.into_iter().all(|state| KitState::parse(state.code()) == Some(state)));
        assert!(Move::ALL.into_iter().all(|a_move| Move::parse(a_move.code()) == Some(a_move)));
        assert_eq!(KitState::ALL.map(KitState::code).into_iter().collect::<BTreeSet<_>>().len(), 15);
        assert_eq!(Move::ALL.map(Move::code).into_iter().collect::<BTreeSet<_>>().len(), 20);
        for unknown in ["", "expired", "Available", "available "] {
            assert_eq!((KitState::parse(unknown), Move::parse(unknown)), (None, None));
        }
    }
}
