//! `iwrs demo`: the whole of IMODALS on an embedded database, to be tried at once.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::demo;

/// How the demo is started.
#[derive(Args)]
pub(crate) struct Demo {
    /// Where the database, the keys and the mails go.
    #[arg(long, default_value = "var")]
    data: PathBuf,
    /// The port on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where the study's files are.
    #[arg(long, default_value = "config")]
    config: PathBuf,
    /// Play the enrolment of IMODALS on a throw-away database, report, and end.
    #[arg(long)]
    replay: bool,
}

/// Plays the enrolment, or opens the demo and serves it.
pub(crate) fn run(line: Demo) -> Result<(), Failure> {
    if !line.replay {
        return demo::run(&line.data, line.port, &line.config);
    }
    if demo::replay(&line.config)? { Ok(()) } else { Err(Failure::Refused("the replay failed".to_owned())) }
}
