//! The commands, a file for each, and how all of them fail.

pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod design;
pub(crate) mod list;
pub(crate) mod operator;
pub(crate) mod rebuild;
pub(crate) mod serve;
pub(crate) mod study;
pub(crate) mod supply;
pub(crate) mod trust;
pub(crate) mod verify;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use trial::study::{Problem, SealedDesign, StudyDesign};

/// Why a command did not do what was asked. Each line of its text is one thing to put right.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A study file has problems.
    #[error("{}", lines(path, problems))]
    Study {
        /// The file.
        path: PathBuf,
        /// All of its problems.
        problems: Vec<Problem>,
    },
    /// Something that is said in one line.
    #[error("{0}")]
    Refused(String),
    /// A server did not answer as it should.
    #[error(transparent)]
    Server(#[from] crate::client::ClientError),
    /// The answer cannot be printed.
    #[error("cannot write the answer: {0}")]
    Print(#[from] io::Error),
}

fn lines(path: &Path, problems: &[Problem]) -> String {
    let lines: Vec<String> =
        problems.iter().map(|problem| format!("{}: {problem}", path.display())).collect();
    lines.join("\n")
}

/// The exit code of a finished command: 0, or 1 after every reason was written to standard error.
pub(crate) fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever closed the pipe has read enough.
        Err(Failure::Print(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to be done when standard error is closed, too; the code tells it all the same.
            let _closed = writeln!(io::stderr().lock(), "{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Reads a whole file of text.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|source| Failure::File { path: path.to_owned(), source })
}

/// Reads the public design of a study.
pub(crate) fn read_design(path: &Path) -> Result<StudyDesign, Failure> {
    StudyDesign::from_toml(&read_text(path)?)
        .map_err(|problems| Failure::Study { path: path.to_owned(), problems })
}

/// Reads the sealed design that belongs to a public one.
pub(crate) fn read_sealed(path: &Path, design: &StudyDesign) -> Result<SealedDesign, Failure> {
    SealedDesign::from_toml(&read_text(path)?, design)
        .map_err(|problems| Failure::Study { path: path.to_owned(), problems })
}
