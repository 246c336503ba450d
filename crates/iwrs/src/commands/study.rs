//! `iwrs study`: what can be said about a study's files before a service holds them, and giving them to one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use terms::StudyId;
use trial::study::lint;

use super::operator::{self, Design};
use super::{Failure, read_design, read_sealed, read_text};

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
    /// Open a study in the database; from then on no file is read for it again.
    Open(Design),
    /// Bring a new version of a study's design into force, before its first subject.
    Amend {
        /// The study.
        study: StudyId,
        #[command(flatten)]
        files: Design,
    },
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check { file, sealed } => check(&file, sealed.as_deref()),
        Command::Open(files) => operator::open(&files),
        Command::Amend { study, files } => operator::amend(&study, &files),
    }
}

fn check(file: &Path, sealed: Option<&Path>) -> Result<(), Failure> {
    let design = read_design(file)?;
    if let Some(sealed) = sealed {
        let problems = lint(&read_text(file)?, &read_sealed(sealed, &design)?);
        if !problems.is_empty() {
            return Err(Failure::Study { path: sealed.to_owned(), problems });
        }
    }
    let mut out = io::stdout().lock();
    out.write_all(design.describe().as_bytes())?;
    if sealed.is_some() {
        writeln!(out, "\nThe sealed design belongs to this design and has no problems.")?;
        writeln!(
            out,
            "No visible attribute separates kit types, and no internal code stands in the public design."
        )?;
    }
    out.flush()?;
    Ok(())
}
