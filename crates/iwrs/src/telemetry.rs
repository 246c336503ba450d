//! The log: one line for each event, to standard error.

use tracing_subscriber::EnvFilter;

use crate::commands::Failure;
use crate::settings::{Log, LogFormat};
use crate::wiring::refused;

/// Starts the log. A level that is none is refused.
pub(crate) fn start(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.level).map_err(refused)?;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match log.format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    started.map_err(|error| Failure::Refused(error.to_string()))
}
