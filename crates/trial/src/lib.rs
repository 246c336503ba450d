//! The study, and every decision that is taken in it. Pure: facts, commands and the time come in as arguments.

pub mod act;
pub mod alerts;
mod codes;
pub mod decide;
mod grant;
#[cfg(test)]
mod histories;
pub mod label;
pub mod observed;
pub mod policy;
pub mod rebuild;
mod refusal;
pub mod rehearsal;
pub mod replay;
mod role;
pub mod study;
mod text;
pub mod view;

pub use codes::{
    BreakReason, Disposition, FoundBy, Fulfilled, HoldOn, Incident, Language, ListState, LotRecallReason,
    QuarantineCause, RedactionReason, ReleaseStep, ReplaceReason, Sex, StopReason, Stops, SubjectState,
    UnitEnd,
};
pub use grant::{Engine, Grant};
pub use policy::{Action, Actor, Authority, HeldRole, Reach};
pub use refusal::Refusal;
pub use role::Role;
