//! The study, and every decision that is taken in it. Pure: facts, commands and the time come in as arguments.

mod role;
pub mod study;

pub use role::Role;
