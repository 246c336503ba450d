//! A folder that is thrown away.

use std::path::{Path, PathBuf};

use service::entropy::Entropy;

use crate::commands::Failure;
use crate::wiring::refused;

/// A folder in the system's place for temporary files; it goes away when dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder.
    pub(crate) fn new() -> Result<Self, Failure> {
        let name = Entropy::System.id::<()>().map_err(refused)?;
        let path = std::env::temp_dir().join(format!("iwrs-{name}"));
        std::fs::create_dir(&path)?;
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
