//! The use cases, and the instruments that they are played on: clock, entropy, keys, passwords, tokens and mail.

mod case;
pub mod clock;
mod denials;
pub mod entropy;
mod failure;
pub mod keys;
pub mod mail;
mod once;
pub mod passwords;
pub mod request;
mod service;
pub mod throttle;
pub mod tokens;
mod vault;

pub use failure::Failure;
pub use store::Fault;
pub use service::{Parts, Service, Shared};
