//! `iwrs list`: the stranger's door to the allocation algorithm.

use std::fs::{File, Metadata};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use allocator::AllocationList;
use terms::ListId;

use super::{Failure, read_design, read_sealed};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Derive an allocation list from its seed and print it as CSV: stratum, position, block, arm.
    ///
    /// All four are numbers from 0. The arm is the place of the arm in the public design, so the answer holds no code
    /// of the sealed design; it is the list all the same, and as secret as the seed.
    Derive {
        /// The public design.
        #[arg(long, value_name = "FILE")]
        study: PathBuf,
        /// The sealed design that belongs to it.
        #[arg(long, value_name = "FILE")]
        sealed: PathBuf,
        /// A file with the seed as 64 hexadecimal digits, which nobody but its owner may read.
        #[arg(long, value_name = "FILE")]
        seed_file: PathBuf,
        /// The id of the list, which keeps several lists of one study apart.
        #[arg(long, value_name = "ID", default_value = "list-1")]
        list: ListId,
    },
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    let Command::Derive { study, sealed, seed_file, list } = command;
    let design = read_design(&study)?;
    let sealed = read_sealed(&sealed, &design)?;
    let seed = read_seed(&seed_file)?;
    let list = allocator::derive(&seed, design.id.as_str(), list.as_str(), sealed.block_design());
    print(&list, &mut BufWriter::new(io::stdout().lock())).map_err(Failure::Print)
}

fn print(list: &AllocationList, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "stratum,position,block,arm")?;
    for (stratum, position, entry) in list.rows() {
        let (stratum, position, arm) = (stratum.index(), position.index(), entry.arm.index());
        writeln!(out, "{stratum},{position},{},{arm}", entry.block)?;
    }
    out.flush()
}

pub(super) fn read_seed(path: &Path) -> Result<[u8; 32], Failure> {
    let unreadable = |source| Failure::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    check_private(path, &file.metadata().map_err(unreadable)?)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    let mut seed = [0; 32];
    // The text is not repeated: it may be the seed with one digit too many.
    hex::decode_to_slice(text.trim(), &mut seed).map_err(|_not_a_seed| {
        Failure::Refused(format!("{}: must hold the seed as 64 hexadecimal digits", path.display()))
    })?;
    Ok(seed)
}

/// SEQ-04: a seed that others may read is no secret any more, so nothing is derived from it.
#[cfg(unix)]
fn check_private(path: &Path, metadata: &Metadata) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;

    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(Failure::Refused(format!("{}: others may read it; run chmod 600 on it first", path.display())))
}

/// Elsewhere the system keeps rights in another way, and the owner answers for them.
#[cfg(not(unix))]
fn check_private(_path: &Path, _metadata: &Metadata) -> Result<(), Failure> {
    Ok(())
}
