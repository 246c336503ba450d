//! Where frontiers are kept: one small file for a study, replaced as a whole and flushed before anything goes on.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use journal::Frontier;
use store::Identity;
use terms::StudyId;

/// What is remembered of a study's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// How it stood.
    pub(crate) frontier: Frontier,
    /// In which database; none when it was remembered by a version that did not look.
    pub(crate) identity: Option<Identity>,
}

impl Remembered {
    /// The identity on a line, and the frontier. Without the line it is what earlier versions wrote: a frontier
    /// begins with a zero byte, which no line does.
    fn to_bytes(&self) -> Vec<u8> {
        let line = self.identity.as_ref().map(|identity| format!("{identity}\n")).unwrap_or_default();
        [line.into_bytes(), self.frontier.to_bytes()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.first() == Some(&0) {
            return Some(Self { frontier: Frontier::from_bytes(bytes).ok()?, identity: None });
        }
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (line, frontier) = bytes.split_at_checked(end)?;
        let identity = Identity::from_text(std::str::from_utf8(line).ok()?)?;
        let frontier = Frontier::from_bytes(frontier.strip_prefix(b"\n")?).ok()?;
        Some(Self { frontier, identity: Some(identity) })
    }
}

/// Where frontiers are kept.
pub(super) enum Memory {
    /// In a folder, which several instances on one machine may share.
    Folder(PathBuf),
    /// In this process.
    Process(Mutex<BTreeMap<StudyId, Remembered>>),
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
    pub(super) fn recall(&self, study: &StudyId) -> io::Result<Option<Remembered>> {
        match self {
            Self::Folder(folder) => recall(&file_of(folder, study)),
            Self::Process(known) => {
                Ok(known.lock().unwrap_or_else(PoisonError::into_inner).get(study).cloned())
            }
        }
    }

    /// Everything that is remembered.
    pub(super) fn all(&self) -> io::Result<Vec<(StudyId, Remembered)>> {
        match self {
            Self::Folder(folder) => all(folder),
            Self::Process(known) => {
                let known = known.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(known.clone().into_iter().collect())
            }
        }
    }

    /// Remembers a frontier, unless a later one is remembered already.
    pub(super) fn keep(&self, study: &StudyId, new: &Remembered) -> io::Result<()> {
        match self {
            Self::Folder(folder) => keep(folder, study, new),
            Self::Process(known) => {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                let known = known.entry(study.clone()).or_insert_with(|| new.clone());
                if known.frontier.size() <= new.frontier.size() {
                    *known = new.clone();
                }
                Ok(())
            }
        }
    }
}

fn file_of(folder: &Path, study: &StudyId) -> PathBuf {
    folder.join(format!("{study}.frontier"))
}

fn all(folder: &Path) -> io::Result<Vec<(StudyId, Remembered)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let study = name.to_str().and_then(|name| name.strip_suffix(".frontier"));
        let Some(study) = study.and_then(|study| StudyId::parse(study).ok()) else { continue };
        all.extend(recall(&file_of(folder, &study))?.map(|remembered| (study, remembered)));
    }
    Ok(all)
}

fn recall(path: &Path) -> io::Result<Option<Remembered>> {
    match fs::read(path) {
        Ok(bytes) => {
            let malformed = || io::Error::other("what is remembered is malformed");
            Remembered::from_bytes(&bytes).map(Some).ok_or_else(malformed)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Two writers could finish in the other order than they committed, so the later frontier wins under a lock of the
/// system, which is free again when its holder dies.
fn keep(folder: &Path, study: &StudyId, remembered: &Remembered) -> io::Result<()> {
    let lock = File::create(folder.join(format!("{study}.lock")))?;
    lock.lock()?;
    let path = file_of(folder, study);
    if recall(&path)?.is_some_and(|known| known.frontier.size() > remembered.frontier.size()) {
        return Ok(());
    }
    let new = folder.join(format!("{study}.frontier.new"));
    let mut file = File::create(&new)?;
    file.write_all(&remembered.to_bytes())?;
    file.sync_all()?;
    fs::rename(&new, &path)?;
    // The new name is on the disk only once the folder is.
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use journal::{Frontier, leaf_hash};
    use terms::StudyId;

    use store::Identity;

    use super::{Memory, Remembered};

    fn remembered(size: u8) -> Remembered {
        let mut frontier = Frontier::empty();
        (0..size).for_each(|n| frontier.append(leaf_hash(&[n])));
        Remembered { frontier, identity: Identity::from_text("postgres/1/00000001/5/6") }
    }

    #[test]
    fn what_an_earlier_version_wrote_is_read_and_what_is_malformed_is_not() {
        let new = remembered(5);
        let old = Remembered { identity: None, ..new.clone() };
        for known in [&new, &old, &remembered(0)] {
            assert_eq!(Remembered::from_bytes(&known.to_bytes()).as_ref(), Some(known));
        }
        assert_eq!(old.to_bytes(), new.frontier.to_bytes(), "the old form is the frontier alone");
        for end in 0..new.to_bytes().len() {
            assert_eq!(Remembered::from_bytes(&new.to_bytes()[..end]), None, "cut to {end} bytes");
        }
    }

    #[test]
    fn the_latest_frontier_is_remembered_whatever_the_order_of_keeping() {
        let folder = std::env::temp_dir().join(format!("iwrs-memory-{}", std::process::id()));
        let study = StudyId::parse("imodals").expect("an id");
        let other = StudyId::parse("other").expect("an id");
        for memory in [Memory::in_folder(&folder).expect("a folder"), Memory::in_process()] {
            assert_eq!(memory.recall(&study).expect("readable"), None);
            for size in [2, 5, 3] {
                memory.keep(&study, &remembered(size)).expect("kept");
            }
            assert_eq!(memory.recall(&study).expect("readable"), Some(remembered(5)));
            assert_eq!(memory.recall(&other).expect("readable"), None);
            assert_eq!(memory.all().expect("readable"), [(study.clone(), remembered(5))]);
            let elsewhere = Remembered { identity: Identity::from_text("elsewhere"), ..remembered(5) };
            memory.keep(&study, &elsewhere).expect("kept");
            assert_eq!(
                memory.recall(&study).expect("readable"),
                Some(elsewhere),
                "the same journal elsewhere"
            );
            memory.keep(&study, &remembered(5)).expect("kept");
        }
        let again = Memory::in_folder(&folder).expect("a folder");
        assert_eq!(again.recall(&study).expect("readable"), Some(remembered(5)), "it outlives the process");
        std::fs::write(folder.join("imodals.frontier"), b"cut").expect("written");
        assert!(again.recall(&study).is_err(), "what is malformed is not taken for nothing");
        std::fs::remove_dir_all(folder).expect("the folder was made");
    }
}
