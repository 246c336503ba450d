//! Key files: 64 hexadecimal digits that nobody but their owner may read.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// 32 secret bytes that live in a file or in a variable of the environment: a master key, or the seed of a
/// signing key. They cannot be printed, and are wiped from memory.
pub struct SecretFile(Zeroizing<[u8; 32]>);

/// Why a key cannot be used. One sentence each, without a byte of the key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such file.
    #[error("key file {} does not exist", .0.display())]
    Missing(PathBuf),
    /// The file is there but cannot be read or written.
    #[error("key file {} cannot be used", .0.display())]
    Unusable(PathBuf, #[source] io::Error),
    /// Somebody else than the owner may read or write the file.
    #[error("key file {} is open to others than its owner (mode {:04o}); make it 0400", .0.display(), .1)]
    OpenToOthers(PathBuf, u32),
    /// The text is not 64 hexadecimal digits.
    #[error("{0} must hold exactly 64 hexadecimal digits")]
    WrongForm(String),
}

impl SecretFile {
    /// Reads a key file: 64 hexadecimal digits and at most one line end, mode 0400 or 0600.
    ///
    /// # Errors
    /// [`KeyError`], naming the path.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
            _ => KeyError::Unusable(path.to_owned(), error),
        })?;
        let unusable = |error| KeyError::Unusable(path.to_owned(), error);
        // The mode is asked of the open file, not of the path: nobody can exchange the file in between.
        let mode = file.metadata().map_err(unusable)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyError::OpenToOthers(path.to_owned(), mode));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(128));
        file.take(128).read_to_end(&mut bytes).map_err(unusable)?;
        Self::from_digits(&bytes).ok_or_else(|| KeyError::WrongForm(format!("key file {}", path.display())))
    }

    /// Reads a key from the text of the variable `name` of the environment.
    ///
    /// # Errors
    /// [`KeyError::WrongForm`], naming the variable.
    pub fn from_text(name: &str, text: &str) -> Result<Self, KeyError> {
        Self::from_digits(text.as_bytes()).ok_or_else(|| KeyError::WrongForm(format!("variable {name}")))
    }

    /// A key of these bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Writes the key into a new file of mode 0400 and waits until it is on the disk.
    ///
    /// # Errors
    /// [`KeyError::Unusable`] when there is such a file already: a key is never overwritten, because what was
    /// sealed under it would be lost.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyError> {
        let text = Zeroizing::new(hex::encode(*self.0) + "\n");
        let written =
            OpenOptions::new().write(true).create_new(true).mode(0o400).open(path).and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                file.sync_all()
            });
        written.map_err(|error| KeyError::Unusable(path.to_owned(), error))
    }

    /// The secret bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_digits(text: &[u8]) -> Option<Self> {
        let digits = text.strip_suffix(b"\n").unwrap_or(text);
        let mut key = Self::from_bytes([0; 32]);
        hex::decode_to_slice(digits, key.0.as_mut_slice()).ok()?;
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::{KeyError, SecretFile};
    use crate::keys::folder::Folder;

    #[test]
    fn a_key_is_written_for_its_owner_alone_and_never_over_another() {
        let folder = Folder::new();
        let path = folder.path().join("master.key");
        SecretFile::from_bytes([0xAB; 32]).write_new(&path).expect("a new file");
        assert_eq!(fs::metadata(&path).expect("the file").permissions().mode() & 0o7777, 0o400);
        assert_eq!(fs::read_to_string(&path).expect("text"), "ab".repeat(32) + "\n");
        assert_eq!(SecretFile::load(&path).expect("the key").bytes(), &[0xAB; 32]);
        let again = SecretFile::from_bytes([0xCD; 32]).write_new(&path);
        assert!(matches!(again, Err(KeyError::Unusable(..))));
        assert_eq!(SecretFile::load(&path).expect("the key").bytes(), &[0xAB; 32]);
    }

    #[test]
    fn what_is_no_key_file_is_refused_in_one_sentence_with_its_path() {
        let folder = Folder::new();
        let path = folder.path().join("k");
        const OPEN_0440: &str = "is open to others than its owner (mode 0440); make it 0400";
        const OPEN_0404: &str = "is open to others than its owner (mode 0404); make it 0400";
        const OPEN_0620: &str = "is open to others than its owner (mode 0620); make it 0400";
        let good = "0f".repeat(32);
        #[rustfmt::skip]
        let table = [
            (good.clone(),                0o400, None),
            (good.clone() + "\n",         0o600, None),
            (good.to_uppercase(),         0o400, None),
            (good.clone(),                0o440, Some(OPEN_0440)),
            (good.clone(),                0o404, Some(OPEN_0404)),
            (good.clone(),                0o620, Some(OPEN_0620)),
            (String::new(),               0o400, Some("must hold exactly 64 hexadecimal digits")),
            (good[1..].to_owned(),        0o400, Some("must hold exactly 64 hexadecimal digits")),
            (good.clone() + "0f",         0o400, Some("must hold exactly 64 hexadecimal digits")),
            (good.clone() + "\n\n",       0o400, Some("must hold exactly 64 hexadecimal digits")),
            (good.replacen('0', "g", 1),  0o400, Some("must hold exactly 64 hexadecimal digits")),
            (good.repeat(1_000),          0o400, Some("must hold exactly 64 hexadecimal digits")),
        ];
        for (text, mode, refusal) in table {
            fs::write(&path, &text).expect("a file");
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
            let said = SecretFile::load(&path).err().map(|error| error.to_string());
            let expected = refusal.map(|words| format!("key file {} {words}", path.display()));
            assert_eq!(said, expected, "{text:.80} {mode:o}");
            fs::remove_file(&path).expect("the file goes");
        }
        let said = SecretFile::load(&path).err().map(|error| error.to_string());
        assert_eq!(said, Some(format!("key file {} does not exist", path.display())));
    }

    #[test]
    fn a_key_from_the_environment_is_refused_without_a_digit_of_it() {
        assert!(SecretFile::from_text("IWRS_MASTER_KEY", &"00".repeat(32)).is_ok());
        let refused = SecretFile::from_text("IWRS_MASTER_KEY", &"77".repeat(33)).err().expect("a refusal");
        assert_eq!(refused.to_string(), "variable IWRS_MASTER_KEY must hold exactly 64 hexadecimal digits");
        assert!(!format!("{refused:?}").contains("77"));
    }
}
