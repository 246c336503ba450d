//! Which database this is, by what a restored backup or a promoted standby does not have in common with it.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::UNIX_EPOCH;

use crate::connect::identify;
use crate::{Conn, Fault};

/// Which database this is. Two are equal when nothing shows that one took the place of the other.
///
/// On PostgreSQL: the cluster's system identifier, its timeline, which every promotion and every recovery to a point
/// in time raises, and the identifiers of the database and of the table of leaves, which a restored dump has anew. A
/// cluster that was copied while it stood still, and put back, has all of them: only what was remembered of the
/// journal shows that.
///
/// On SQLite: the number of the file and when it was made. A backup that was copied *over* the file leaves both as they
/// were; here, too, only the journal shows it. (No device number: it may change when the machine starts again.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity(String);

impl Identity {
    /// That of the database behind the connection, as it is at this moment.
    ///
    /// # Errors
    /// Faults of the database. A file that cannot be looked at has an identity of its own, so that this never stops
    /// a code break.
    pub fn of(conn: &mut Conn) -> Result<Self, Fault> {
        identify(conn).map(Self)
    }

    /// Reads the text form.
    pub fn from_text(text: &str) -> Option<Self> {
        let is_line = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        is_line.then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text for a file. Numbers of files are given again once they are free, so the time of making stands beside it;
/// where a file system keeps none, the number is all there is.
pub(crate) fn of_file(path: &str) -> String {
    let Ok(file) = fs::metadata(path) else { return "sqlite/none".to_owned() };
    let made = file.created().ok().and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    format!("sqlite/{}/{}", file.ino(), made.unwrap_or_default().as_nanos())
}

#[cfg(test)]
mod tests {
    use super::{Identity, of_file};

    #[test]
    fn the_text_is_one_line_without_a_space() {
        for (text, is_one) in
            [("postgres/1/00000001/5/6", true), ("", false), ("a\nb", false), ("a b", false), ("\0", false)]
        {
            assert_eq!(Identity::from_text(text).is_some(), is_one, "{text:?}");
        }
    }

    #[test]
    fn a_file_that_took_the_place_of_another_is_another() {
        let folder = std::env::temp_dir().join(format!("iwrs-identity-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let (own, backup) = (folder.join("own"), folder.join("backup"));
        let identity = || of_file(own.to_str().expect("a path"));
        assert_eq!(identity(), "sqlite/none");
        std::fs::write(&own, "first").expect("written");
        let first = identity();
        std::fs::write(&own, "and more").expect("written");
        assert_eq!(identity(), first, "it is written on");
        std::fs::copy(&own, &backup).expect("copied");
        std::fs::rename(&backup, &own).expect("put in its place");
        assert_ne!(identity(), first);
        assert!(Identity::from_text(&first).is_some());
        std::fs::remove_dir_all(folder).expect("the folder was made");
    }
}
