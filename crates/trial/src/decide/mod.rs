//! The decisions: each takes the design, the facts and a command, and answers what follows or why not.

pub mod accountability;
pub mod batch;
pub mod dispense;
pub mod dispose;
pub mod expiry;
pub mod grant;
pub mod hand_over;
pub mod labels;
pub mod list;
pub mod lot;
pub mod packing;
pub mod quarantine;
pub mod randomize;
pub mod recall;
pub mod redact;
pub mod register;
pub mod replace;
pub mod sample;
pub mod screen;
pub mod ship;
pub mod supply;
pub mod unblind;
pub mod units;
pub mod visit;
