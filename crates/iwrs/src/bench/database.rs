//! Databases that are thrown away.

use std::path::Path;
use std::process::Command;

use service::entropy::Entropy;

use crate::commands::Failure;
use crate::demo;
use crate::demo::folder::Folder;
use crate::settings::Settings;
use crate::wiring::refused;

/// A database with a folder for its keys and state; both go away when dropped.
pub(super) struct Scratch {
    folder: Folder,
    made: Option<Made>,
}

/// A database on a server.
struct Made {
    admin: String,
    name: String,
    url: String,
}

impl Scratch {
    /// A file.
    pub(super) fn sqlite() -> Result<Self, Failure> {
        Ok(Self { folder: Folder::new()?, made: None })
    }

    /// A database on the server that this address leads to.
    pub(super) fn postgres(admin: &str) -> Result<Self, Failure> {
        let name = format!("iwrs_bench_{}", Entropy::System.id::<()>().map_err(refused)?);
        let url = with_database(admin, &name)?;
        psql(admin, &["-c", &format!("CREATE DATABASE {name}")])?;
        Ok(Self { folder: Folder::new()?, made: Some(Made { admin: admin.to_owned(), name, url }) })
    }

    /// The settings of an installation on it.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        let mut settings = demo::settings(self.folder.path(), 0)?;
        if let Some(made) = &self.made {
            settings.database.url.clone_from(&made.url);
        }
        Ok(settings)
    }

    /// The folder beside it.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `psql` on it, and gives what it printed.
    pub(super) fn psql(&self, arguments: &[&str]) -> Result<String, Failure> {
        psql(&self.settings()?.database.url, arguments)
    }

    /// The version of the server.
    pub(super) fn version(&self) -> Result<String, Failure> {
        let version = self.psql(&["-c", "SHOW server_version"])?;
        Ok(version.split_whitespace().next().unwrap_or_default().to_owned())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let Some(Made { admin, name, .. }) = &self.made else { return };
        if let Err(failure) = psql(admin, &["-c", &format!("DROP DATABASE {name} WITH (FORCE)")]) {
            tracing::warn!(%failure, name, "the throw-away database could not be dropped");
        }
    }
}

fn psql(url: &str, arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new("psql");
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]).args(arguments).arg(url);
    let output =
        command.output().map_err(|error| Failure::Refused(format!("psql cannot be run: {error}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(Failure::Refused(format!("psql: {}", String::from_utf8_lossy(&output.stderr).trim())))
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> Result<String, Failure> {
    let (address, options) = url.split_once('?').unwrap_or((url, ""));
    let server = address.rsplit_once('/').map(|(server, _)| server).filter(|server| server.contains("//"));
    let server = server.ok_or_else(|| {
        Failure::Refused(
            "the address of PostgreSQL must name a database: postgres://HOST/postgres".to_owned(),
        )
    })?;
    Ok(format!("{server}/{name}?{options}"))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_on_the_same_server() {
        for (admin, expected) in [
            ("postgres:///postgres?host=/tmp/x&user=me", Some("postgres:///a?host=/tmp/x&user=me")),
            ("postgres://me@server:5432/postgres", Some("postgres://me@server:5432/a?")),
            ("postgres://server", None),
            ("postgres", None),
        ] {
            assert_eq!(with_database(admin, "a").ok().as_deref(), expected, "{admin}");
        }
    }
}
