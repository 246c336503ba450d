//! The ledger of kits: which moves are allowed, what all movements add up to, how kit numbers are drawn, which
//! kit is picked, and which are sampled.
//!
//! Everything here is a function of its arguments: no clock, no storage, and no arm of a subject. The room
//! knows that a kit of some type is wanted, never why. The rules for people are in docs/SUPPLY.md, whose
//! transition table is printed by [`transition_table`].
//!
//! ```
//! use ledger::{KitState, Move, next};
//! assert_eq!(next(Some(KitState::Available), Move::Allocate), Ok(KitState::Allocated));
//! assert!(next(Some(KitState::Dispensed), Move::HandOver).is_err());
//! ```

mod balance;
mod consignment;
mod expiry;
mod kit;
mod number;
mod pick;
mod replay;
mod resupply;
mod sample;
mod shelf;
mod state;
mod transition;

#[cfg(test)]
mod histories;
#[cfg(test)]
mod uniformity;

pub use balance::{Balance, balances};
pub use consignment::pick_for_shipment;
pub use expiry::{last_day_of_month, usable_through};
pub use kit::{BadMovement, Kit, Movement, Place, ReasonCode, ReasonNoun};
pub use number::{NumbersRefused, assign_types, draw_kit_numbers, kit_salt};
pub use pick::pick;
pub use replay::{Inconsistency, differences, replay};
pub use resupply::{Outlook, ResupplyPlan, ResupplyRules, SiteStock, VisitDue, resupply};
pub use sample::draw_sample;
pub use shelf::{BatchStock, TypeStock, can_serve_every_type, open_tier};
pub use state::{KitState, Move};
pub use transition::{IllegalMove, next, transition_table};
