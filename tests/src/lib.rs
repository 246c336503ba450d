//! The harness of the integration tests: what they stand on, and nothing that they test.

pub mod app;
pub mod authenticator;
pub mod browser;
pub mod client;
pub mod database;
pub mod folder;
pub mod paper;
pub mod process;

/// Whether this run may take long: `./check --long` sets `IWRS_LONG=1`. A test then raises its counts; it never
/// skips anything when the run is short.
pub fn long_run() -> bool {
    std::env::var("IWRS_LONG").is_ok_and(|value| value == "1")
}
