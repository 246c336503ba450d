//! The use cases, and the instruments that they are played on: clock, entropy, keys, passwords, tokens and mail.

pub mod break_file;
mod case;
pub mod clock;
mod denials;
pub mod dispense;
pub mod entropy;
mod failure;
pub mod hand_over;
pub mod holds;
pub mod journal;
pub mod keys;
pub mod kits;
pub mod lists;
pub mod mail;
pub mod notices;
mod once;
pub mod passwords;
pub mod people;
mod posting;
pub mod randomize;
pub mod reconciliation;
pub mod request;
mod service;
mod shelf;
mod shortage;
mod site;
pub mod study;
pub mod subjects;
pub mod throttle;
pub mod tokens;
pub mod trust;
pub mod unblind;
mod vault;

pub use failure::Failure;
pub use service::{Parts, Service, Shared};
pub use store::Fault;
