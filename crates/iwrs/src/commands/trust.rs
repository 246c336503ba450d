//! `iwrs trust`: lets this instance allocate from a database that it has not seen from the beginning.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::{Failure, read_text};
use crate::settings::Settings;
use crate::wiring;

/// Which database, and by which checkpoint.
#[derive(Args)]
pub(crate) struct Trust {
    /// A checkpoint that was kept outside this installation, such as a mailed one.
    #[arg(long, value_name = "FILE")]
    checkpoint: PathBuf,
    /// A file with settings; what it leaves out keeps its default.
    #[arg(long)]
    config: Option<PathBuf>,
}

/// Remembers the journal as it stands, when it extends the checkpoint.
pub(crate) fn run(line: &Trust) -> Result<(), Failure> {
    let settings = Settings::read(line.config.as_deref()).map_err(wiring::refused)?;
    let note = read_text(&line.checkpoint)?;
    let service = wiring::service(&settings)?;
    let study = service::trust::accept(&service, &note).map_err(wiring::refused)?;
    let mut out = io::stdout().lock();
    writeln!(out, "The journal of {study} extends the checkpoint; this instance allocates from it.")?;
    out.flush()?;
    Ok(())
}
