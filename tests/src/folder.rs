//! A folder of its own for every test.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// An empty folder that nobody else uses, removed with everything in it when dropped.
pub struct TempFolder(PathBuf);

impl TempFolder {
    /// Makes the folder under the system's folder for temporary files.
    ///
    /// # Panics
    /// When the folder exists already or cannot be made.
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(unique_name());
        std::fs::create_dir(&path).unwrap_or_else(|error| panic!("making {}: {error}", path.display()));
        Self(path)
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Default for TempFolder {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let removed = std::fs::remove_dir_all(&self.0);
        // A second panic would hide the one that is unwinding.
        if let (Err(error), false) = (removed, std::thread::panicking()) {
            panic!("removing {}: {error}", self.0.display());
        }
    }
}

/// A name for a folder or a database that no other test of this or another process has: the clock keeps it apart
/// from what an earlier process with the same id left behind.
pub(crate) fn unique_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since_1970 = std::time::UNIX_EPOCH.elapsed().expect("the clock stands after 1970");
    format!("iwrs_test_{}_{}_{count}", std::process::id(), since_1970.as_micros())
}

#[cfg(test)]
mod tests {
    use super::TempFolder;

    #[test]
    fn a_folder_is_new_and_goes_away_with_what_is_in_it() {
        let (first, second) = (TempFolder::new(), TempFolder::new());
        assert_ne!(first.path(), second.path());
        let file = first.path().join("file");
        std::fs::write(&file, "text").expect("the folder takes files");
        drop(first);
        assert!(!file.exists() && second.path().is_dir());
    }
}
