//! Where frontiers are kept: one small file for a study, replaced as a whole and flushed before anything goes on.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use journal::Frontier;
use terms::StudyId;

/// Where frontiers are kept.
pub(super) enum Memory {
    /// In a folder, which several instances on one machine may share.
    Folder(PathBuf),
    /// In this process.
    Process(Mutex<BTreeMap<StudyId, Frontier>>),
}

impl Memory {
    pub(super) fn in_folder(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self::Folder(folder.to_owned()))
    }

    pub(super) fn in_process() -> Self {
        Self::Process(Mutex::default())
    }

    pub(super) fn trusts_first_use(&self) -> bool {
        matches!(self, Self::Process(_))
    }

    /// What is remembered of a study; read anew each time, since another instance may have gone on.
    pub(super) fn recall(&self, study: &StudyId) -> io::Result<Option<Frontier>> {
        match self {
            Self::Folder(folder) => recall(&file_of(folder, study)),
            Self::Process(frontiers) => {
                Ok(frontiers.lock().unwrap_or_else(PoisonError::into_inner).get(study).cloned())
            }
        }
    }

    /// Remembers a frontier, unless a later one is remembered already.
    pub(super) fn keep(&self, study: &StudyId, frontier: &Frontier) -> io::Result<()> {
        match self {
            Self::Folder(folder) => keep(folder, study, frontier),
            Self::Process(frontiers) => {
                let mut frontiers = frontiers.lock().unwrap_or_else(PoisonError::into_inner);
                let known = frontiers.entry(study.clone()).or_insert_with(|| frontier.clone());
                if known.size() < frontier.size() {
                    *known = frontier.clone();
                }
                Ok(())
            }
        }
    }
}

fn file_of(folder: &Path, study: &StudyId) -> PathBuf {
    folder.join(format!("{study}.frontier"))
}

fn recall(path: &Path) -> io::Result<Option<Frontier>> {
    match fs::read(path) {
        Ok(bytes) => Frontier::from_bytes(&bytes).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Two writers could finish in the other order than they committed, so the later frontier wins under a lock of the
/// system, which is free again when its holder dies.
fn keep(folder: &Path, study: &StudyId, frontier: &Frontier) -> io::Result<()> {
    let lock = File::create(folder.join(format!("{study}.lock")))?;
    lock.lock()?;
    let path = file_of(folder, study);
    if recall(&path)?.is_some_and(|known| known.size() > frontier.size()) {
        return Ok(());
    }
    let new = folder.join(format!("{study}.frontier.new"));
    let mut file = File::create(&new)?;
    file.write_all(&frontier.to_bytes())?;
    file.sync_all()?;
    fs::rename(&new, &path)?;
    // The new name is on the disk only once the folder is.
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use journal::{Frontier, leaf_hash};
    use terms::StudyId;

    use super::Memory;

    fn frontier(size: u8) -> Frontier {
        let mut frontier = Frontier::empty();
        (0..size).for_each(|n| frontier.append(leaf_hash(&[n])));
        frontier
    }

    #[test]
    fn the_latest_frontier_is_remembered_whatever_the_order_of_keeping() {
        let folder = std::env::temp_dir().join(format!("iwrs-memory-{}", std::process::id()));
        let study = StudyId::parse("imodals").expect("an id");
        let other = StudyId::parse("other").expect("an id");
        for memory in [Memory::in_folder(&folder).expect("a folder"), Memory::in_process()] {
            assert_eq!(memory.recall(&study).expect("readable"), None);
            for size in [2, 5, 3] {
                memory.keep(&study, &frontier(size)).expect("kept");
            }
            assert_eq!(memory.recall(&study).expect("readable"), Some(frontier(5)));
            assert_eq!(memory.recall(&other).expect("readable"), None);
        }
        let again = Memory::in_folder(&folder).expect("a folder");
        assert_eq!(again.recall(&study).expect("readable"), Some(frontier(5)), "it outlives the process");
        std::fs::write(folder.join("imodals.frontier"), b"cut").expect("written");
        assert!(again.recall(&study).is_err(), "what is malformed is not taken for nothing");
        std::fs::remove_dir_all(folder).expect("the folder was made");
    }
}
