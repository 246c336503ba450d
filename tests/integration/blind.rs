//! The blind, tested by running the product twice (BLD-01, BLD-03): one scripted trial, played through the
//! interface in worlds that differ in hidden facts alone. Whatever a blinded person could have seen must be
//! the same.
//!
//! docs/BLINDING.md says what is compared, with whom, and what no test can close.

mod canaries;
pub(crate) mod hidden;
mod leaks;
mod list_swap;
mod log;
mod mask;
mod real_sealer;
mod recording;
mod relabelling;
mod routes;
mod script;
mod trial;
mod worlds;
