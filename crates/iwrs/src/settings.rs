//! The server's settings: the documented defaults, then a file, then variables of the environment.

use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat};
use serde::Deserialize;

/// The defaults, as they stand documented in the file of the same name.
const DEFAULTS: &str = include_str!("../../../config/iwrs.toml");

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) state: State,
    pub(crate) keys: Keys,
    pub(crate) log_in: LogIn,
    pub(crate) mail: Mail,
    pub(crate) log: Log,
}

/// Where to listen.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) forwarded_for: bool,
}

/// Which database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    pub(crate) url: String,
}

/// What is remembered outside the database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) directory: PathBuf,
    pub(crate) peers: Vec<String>,
}

/// The files of the keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    pub(crate) master: PathBuf,
    pub(crate) tokens: PathBuf,
    pub(crate) checkpoints: PathBuf,
}

/// What a log-in takes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogIn {
    pub(crate) second_factor: SecondFactor,
}

/// Whether unblinded people and administrators must have a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SecondFactor {
    Required,
    Offered,
}

/// How mail is sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mail {
    pub(crate) transport: Transport,
    pub(crate) directory: PathBuf,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) from: String,
}

/// Whether mail is sent, or written to files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Transport {
    Files,
    Smtp,
}

/// What is logged, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: String,
}

/// Lines for people, or for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Settings {
    /// Reads the defaults, then the file when one is named, then the variables `IWRS__...`.
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut sources = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Some(file) = file {
            sources = sources.add_source(File::from(file).format(FileFormat::Toml));
        }
        sources.add_source(variables()).build()?.try_deserialize()
    }
}

fn variables() -> Environment {
    let variables = Environment::with_prefix("IWRS").prefix_separator("__").separator("__");
    variables.try_parsing(true).list_separator(",").with_list_parse_key("state.peers")
}

#[cfg(test)]
mod tests {
    use super::{SecondFactor, Settings};

    #[test]
    fn the_documented_defaults_are_all_there_is_to_set() {
        let settings = Settings::read(None).expect("the defaults are complete");
        assert_eq!((settings.server.host.as_str(), settings.server.port), ("127.0.0.1", 8080));
        assert!(!settings.server.forwarded_for, "a header that anybody can write is not believed");
        assert_eq!(settings.database.url, "sqlite:var/iwrs.sqlite");
        assert_eq!(settings.log_in.second_factor, SecondFactor::Required);
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        assert!(Settings::read(Some(std::path::Path::new("no/such/file.toml"))).is_err());
    }
}
