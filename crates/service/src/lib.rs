//! The use cases, and the instruments that they are played on: clock, entropy, keys, passwords, tokens and mail.

pub mod clock;
pub mod entropy;
pub mod keys;
pub mod mail;
pub mod passwords;
pub mod throttle;
pub mod tokens;
