//! The break file: where a code break is recorded when it cannot be entered into a journal that is trusted.
//!
//! It lies in the state folder, outside the database, and is made once with all its bytes, so that a full disk does not
//! matter when it is needed. A record is on the disk before anything is shown (UNB-04), and holds that a code was
//! broken, of whom, by whom, when and why: never what was seen. Every record is authenticated under the master key at
//! its own place, so one that was torn by a crash or altered is told from a good one, and is never written over.

mod record;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::hmac;
use terms::Moment;

use crate::keys::MasterKey;

pub use record::BreakRecord;
pub(crate) use record::{Slot, State};

/// So many records fit.
const RECORDS: usize = 256;

/// Where code breaks are recorded outside the database.
pub struct BreakFile(Option<Place>);

struct Place {
    folder: PathBuf,
    key: hmac::Key,
}

/// Why a record cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum BreakFileError {
    /// The service keeps nothing outside its database.
    #[error("this service has no break file")]
    Nowhere,
    /// The file cannot be used.
    #[error("the break file cannot be used")]
    Io(#[from] io::Error),
    /// Records wait, and only the master key that wrote them can read them.
    #[error("code breaks wait in the break file: let a server enter them into the journal first")]
    Waiting,
    /// There is no place left.
    #[error("the break file is full: its records wait to be entered into the journal, or are damaged")]
    Full,
}

impl BreakFile {
    /// The break file of a state folder; it is made when it is not there yet. When it cannot be made, that is logged,
    /// and tried again when it is needed: a service without it is better than none.
    pub fn in_folder(folder: &Path, master: &MasterKey) -> Self {
        let place = Place { folder: folder.to_owned(), key: master.authenticator("break file") };
        if let Err(error) = place.open() {
            tracing::error!(%error, "the break file cannot be made: no code break without the database");
        }
        Self(Some(place))
    }

    /// None: for throw-away databases.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// Writes a record, and returns when it is on the disk.
    ///
    /// # Errors
    /// [`BreakFileError`].
    pub fn write(&self, record: &BreakRecord) -> Result<(), BreakFileError> {
        let place = self.place()?;
        let mut locked = place.open()?;
        let slots = place.read(&mut locked.file)?;
        let free = |state: fn(&State) -> bool| slots.iter().find(|slot| state(&slot.state));
        // What was entered may be needed again, should an old backup be restored: it is written over last.
        let slot = free(|state| matches!(state, State::Empty))
            .or_else(|| free(|state| matches!(state, State::Holds { entered: true, .. })));
        let index = slot.ok_or(BreakFileError::Full)?.index;
        place.put(&mut locked.file, index, &record::encode(&place.key, index, record)?)?;
        Ok(())
    }

    /// Every place of the file in which something is, in the order of the file.
    pub(crate) fn read(&self) -> Result<Vec<Slot>, BreakFileError> {
        let place = self.place()?;
        let mut slots = place.read(&mut place.open()?.file)?;
        slots.retain(|slot| !matches!(slot.state, State::Empty));
        Ok(slots)
    }

    /// Marks a record as entered into a trusted journal, if it is still at its place.
    pub(crate) fn mark_entered(&self, index: usize, record: &BreakRecord) -> Result<(), BreakFileError> {
        let place = self.place()?;
        let mut locked = place.open()?;
        let slots = place.read(&mut locked.file)?;
        let here = |slot: &&Slot| matches!(&slot.state, State::Holds { record: held, .. } if held == record);
        if slots.get(index).filter(here).is_some() {
            place.put(&mut locked.file, index, &record::encode_entered(&place.key, index, record)?)?;
        }
        Ok(())
    }

    /// Passes when every record was entered into the journal, or there is no file.
    ///
    /// # Errors
    /// [`BreakFileError::Waiting`].
    pub(crate) fn assert_entered(&self) -> Result<(), BreakFileError> {
        let Some(_) = &self.0 else { return Ok(()) };
        let waits = |slot: &Slot| matches!(slot.state, State::Holds { entered: false, .. });
        if self.read()?.iter().any(waits) { Err(BreakFileError::Waiting) } else { Ok(()) }
    }

    /// Sets the file aside under another name, because its key is replaced; a new one is made when it is needed.
    pub(crate) fn set_aside(&self, at: Moment) -> Result<(), BreakFileError> {
        let Some(place) = &self.0 else { return Ok(()) };
        let _locked = place.open()?;
        let name = format!("breaks.until-{}", at.to_string().replace(':', "."));
        fs::rename(place.folder.join("breaks"), place.folder.join(name))?;
        Ok(File::open(&place.folder)?.sync_all()?)
    }

    fn place(&self) -> Result<&Place, BreakFileError> {
        self.0.as_ref().ok_or(BreakFileError::Nowhere)
    }
}

/// The file, open, with a lock of the system that servers which share the folder wait for; it is free again when its
/// holder dies.
struct Locked {
    file: File,
    _lock: File,
}

impl Place {
    /// Opens the file anew each time: one that somebody moved away must not be written to.
    fn open(&self) -> io::Result<Locked> {
        let lock = self.folder.join("breaks.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(lock)?;
        lock.lock()?;
        let path = self.folder.join("breaks");
        if !path.try_exists()? {
            make(&self.folder, &path)?;
        }
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Locked { file, _lock: lock })
    }

    fn read(&self, file: &mut File) -> io::Result<Vec<Slot>> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_end(&mut bytes)?;
        if bytes.len() != RECORDS * record::WIDTH {
            return Err(io::Error::other("the break file has another size than it was made with"));
        }
        let slots = bytes.chunks_exact(record::WIDTH).enumerate();
        Ok(slots.map(|(index, bytes)| record::decode(&self.key, index, bytes)).collect())
    }

    fn put(&self, file: &mut File, index: usize, bytes: &[u8]) -> io::Result<()> {
        let at = u64::try_from(index * record::WIDTH).map_err(io::Error::other)?;
        file.seek(SeekFrom::Start(at))?;
        file.write_all(bytes)?;
        file.sync_all()
    }
}

/// Makes the file with all its bytes, and gives it its name when they are on the disk.
fn make(folder: &Path, path: &Path) -> io::Result<()> {
    let new = folder.join("breaks.new");
    let mut file = File::create(&new)?;
    file.write_all(&vec![0; RECORDS * record::WIDTH])?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
