//! `iwrs demo`: the whole of IMODALS on an embedded database, to be tried at once.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::demo;

/// How the demo is started.
#[derive(Args)]
pub(crate) struct Demo {
    /// Where the database, the keys and the mails go: `var`, or a throw-away folder of the system for a replay.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The port on 127.0.0.1: 8080, or any free one for a replay.
    #[arg(long)]
    port: Option<u16>,
    /// Where the study's files are.
    #[arg(long, default_value = "config")]
    config: PathBuf,
    /// Play the whole of IMODALS with its supply on a throw-away database, report, and end.
    #[arg(long)]
    replay: bool,
}

/// Plays the study, or opens the demo and serves it.
pub(crate) fn run(line: Demo) -> Result<(), Failure> {
    if !line.replay {
        let data = line.data.unwrap_or_else(|| PathBuf::from("var"));
        return demo::run(&data, line.port.unwrap_or(8080), &line.config);
    }
    let place = line.data.unwrap_or_else(std::env::temp_dir);
    let passed = demo::replay(&place, line.port.unwrap_or(0), &line.config)?;
    if passed { Ok(()) } else { Err(Failure::Refused("the replay failed".to_owned())) }
}
