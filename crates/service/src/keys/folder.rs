//! A folder that lives as long as a test.

use std::path::{Path, PathBuf};

use terms::NoticeId;

use crate::entropy::Entropy;

pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let name: NoticeId = Entropy::System.id().expect("entropy");
        let path = std::env::temp_dir().join(format!("iwrs-{name}"));
        std::fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("the folder goes");
    }
}
