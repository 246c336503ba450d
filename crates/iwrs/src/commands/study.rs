//! `iwrs study`: what can be said about a study's files before a service holds them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Failure, read_design, read_sealed};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Print a design in words with its assumptions and fingerprint, or every problem of its file.
    Check {
        /// The public design, for example config/imodals.toml.
        file: PathBuf,
        /// The sealed design that belongs to it. It is checked, and nothing of it is printed.
        #[arg(long, value_name = "FILE")]
        sealed: Option<PathBuf>,
    },
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check { file, sealed } => check(&file, sealed.as_deref()),
    }
}

fn check(file: &Path, sealed: Option<&Path>) -> Result<(), Failure> {
    let design = read_design(file)?;
    if let Some(sealed) = sealed {
        read_sealed(sealed, &design)?;
    }
    let mut out = io::stdout().lock();
    out.write_all(design.describe().as_bytes())?;
    if sealed.is_some() {
        writeln!(out, "\nThe sealed design belongs to this design and has no problems.")?;
    }
    out.flush()?;
    Ok(())
}
