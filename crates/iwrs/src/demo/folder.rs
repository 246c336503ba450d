//! Folders: one that is thrown away, and one that is there whole or not at all.

use std::path::{Path, PathBuf};

use service::entropy::Entropy;

use crate::commands::Failure;
use crate::wiring::refused;

/// A folder of its own; it goes away when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder in the system's place for temporary files.
    pub(crate) fn new() -> Result<Self, Failure> {
        Self::within(&std::env::temp_dir())
    }

    /// Makes the folder in another, which is made when it is not there.
    pub(crate) fn within(place: &Path) -> Result<Self, Failure> {
        let name = Entropy::System.id::<()>().map_err(refused)?;
        let path = place.join(format!("iwrs-{name}"));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "the throw-away folder could not be removed");
        }
    }
}

/// Makes a folder with what `fill` puts into it, unless there is one already. It is filled beside its place and moved
/// there at the end: a start that was cut off leaves nothing that looks finished, and the next one begins anew.
pub(super) fn begin_whole(
    folder: &Path,
    fill: impl FnOnce(&Path) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let is_empty = |folder: &Path| folder.read_dir().map(|mut inside| inside.next().is_none());
    if folder.exists() && !is_empty(folder)? {
        return Ok(());
    }
    let mut beside = folder.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    if beside.exists() {
        std::fs::remove_dir_all(&beside)?;
    }
    std::fs::create_dir_all(&beside)?;
    fill(&beside)?;
    if folder.exists() {
        std::fs::remove_dir(folder)?;
    }
    Ok(std::fs::rename(&beside, folder)?)
}

#[cfg(test)]
mod tests {
    use super::{Failure, Folder, begin_whole};

    #[test]
    fn a_folder_is_there_whole_or_not_at_all_and_is_filled_once() {
        let place = Folder::new().expect("a place");
        let folder = place.path().join("var");
        let broken = begin_whole(&folder, |beside| {
            std::fs::write(beside.join("half"), "")?;
            Err(Failure::Refused("cut off".to_owned()))
        });
        assert!(broken.is_err() && !folder.exists());
        begin_whole(&folder, |beside| Ok(std::fs::write(beside.join("whole"), "")?)).expect("filled");
        assert!(folder.join("whole").exists() && !folder.join("half").exists());
        begin_whole(&folder, |_| Err(Failure::Refused("not again".to_owned()))).expect("left alone");
    }
}
