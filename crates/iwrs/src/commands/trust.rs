//! `iwrs trust`: lets this instance allocate from a database that it has not seen from the beginning.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use service::trust::Accepted;

use super::{Failure, read_text};
use crate::settings::Settings;
use crate::wiring;

/// Which database, and by which checkpoint.
#[derive(Args)]
pub(crate) struct Trust {
    /// The newest checkpoint that was ever kept outside this installation, such as that of the last mail. An older
    /// one proves nothing: an old backup extends it, too.
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
    let accepted = service::trust::accept(&service, &note).map_err(wiring::refused)?;
    tell(&accepted, &mut io::stdout().lock())?;
    Ok(())
}

/// Only the operator can know whether a newer checkpoint was mailed, so the operator is told what to compare.
fn tell(accepted: &Accepted, out: &mut impl Write) -> io::Result<()> {
    let Accepted { study, checkpoint, journal, last_saved } = accepted;
    writeln!(out, "The journal of {study} extends the checkpoint; this instance allocates from it.")?;
    writeln!(out, "The checkpoint covers {checkpoint} leaves, and the journal has {journal}.")?;
    if let Some(saved) = last_saved {
        writeln!(out, "The last leaf was saved at {saved}.")?;
    }
    writeln!(
        out,
        "Only the newest checkpoint that was ever mailed proves anything. If a newer one exists anywhere, \
         stop the server and remove {study}.frontier from the state folder: acts may be missing."
    )?;
    out.flush()
}
