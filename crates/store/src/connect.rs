//! Opening a connection by the scheme of its address, and proving that it keeps what it acknowledges.

use std::fmt;

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::sql_types::{Integer, Text};
use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection};

use crate::Fault;
use crate::connection::{Conn, Engine};
use crate::identity::of_file;

/// Where the database is.
#[derive(Clone)]
pub(crate) enum Address {
    /// The path of a file.
    Sqlite(String),
    /// A libpq address.
    Postgres(String),
}

/// What a connection may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    Write,
    Read,
}

impl Address {
    /// Reads `sqlite:PATH`, `sqlite://PATH` or `postgres://...`. A database in memory is refused: every connection
    /// would see another one.
    pub(crate) fn parse(url: &str) -> Result<Self, Fault> {
        if let Some(rest) = url.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            let is_file = !path.is_empty() && !path.contains(":memory:") && !path.starts_with("file:");
            return if is_file { Ok(Self::Sqlite(path.to_owned())) } else { Err(Fault::Address) };
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(Fault::Address)
    }

    /// Whether the engine lets only one connection write at a time.
    pub(crate) fn has_one_writer(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Opens a connection, and refuses it unless its settings, read back, are the ones that the promises need.
    pub(crate) fn connect(&self, access: Access) -> Result<Conn, Fault> {
        let (mut engine, settings) = match self {
            Self::Sqlite(path) => {
                let connection = SqliteConnection::establish(path).map_err(Fault::Connect)?;
                (Engine::Sqlite(connection), SQLITE)
            }
            Self::Postgres(url) => {
                let connection = PgConnection::establish(url).map_err(Fault::Connect)?;
                (Engine::Postgres(connection), POSTGRES)
            }
        };
        let of_access = match access {
            Access::Write => &settings.writer,
            Access::Read => &settings.reader,
        };
        engine.batch_execute(settings.prepare)?;
        engine.batch_execute(of_access.prepare)?;
        assert_settings(&mut engine, settings.wanted)?;
        assert_settings(&mut engine, of_access.wanted)?;
        Ok(Conn(engine))
    }
}

impl fmt::Debug for Address {
    /// The engine alone: the address of a PostgreSQL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.has_one_writer() { "sqlite" } else { "postgres" })
    }
}

/// A setting, the statement that reads it back, and the values that are good enough.
type Wanted = (&'static str, &'static str, &'static [&'static str]);

/// What is set on a new connection, and what is then asserted.
struct Settings {
    prepare: &'static str,
    wanted: &'static [Wanted],
    writer: OfAccess,
    reader: OfAccess,
}

struct OfAccess {
    prepare: &'static str,
    wanted: &'static [Wanted],
}

/// With less than synchronous FULL, a power cut loses commits that were acknowledged. `recursive_triggers` makes
/// `INSERT OR REPLACE`, which deletes, run into the append-only triggers too. `secure_delete` overwrites what is
/// deleted: a text that was redacted.
const SQLITE: &Settings = &Settings {
    prepare: "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
              PRAGMA recursive_triggers = ON; PRAGMA secure_delete = ON",
    wanted: &[
        ("busy_timeout", "PRAGMA busy_timeout", &["5000"]),
        ("journal_mode", "PRAGMA journal_mode", &["wal"]),
        ("synchronous", "PRAGMA synchronous", &["2"]),
        ("foreign_keys", "PRAGMA foreign_keys", &["1"]),
        ("recursive_triggers", "PRAGMA recursive_triggers", &["1"]),
        ("secure_delete", "PRAGMA secure_delete", &["1"]),
    ],
    writer: OfAccess { prepare: "PRAGMA journal_mode = wal", wanted: &[] },
    reader: OfAccess {
        prepare: "PRAGMA query_only = ON",
        wanted: &[("query_only", "PRAGMA query_only", &["1"])],
    },
};

/// Durability is not set but asserted, so that a stronger choice of the operator stands. The time-outs free the head
/// lock of a program that hangs or was cut off. Diesel passes on no SQLSTATE, so some faults are known by their
/// English words alone (see fault.rs), and `lc_messages` has to give those.
///
/// How queries are planned is set, because the queries are ours and so are the indices: rows are read here and there,
/// out of memory. By the server's own guess of what that costs, which is for spinning disks, the subjects of the whole
/// study are read for those of one site. And an act that holds the study's lock does not wait until workers start.
const POSTGRES: &Settings = &Settings {
    prepare: "SET DateStyle TO ISO; SET random_page_cost = 1.1",
    wanted: &[
        ("fsync", "SHOW fsync", &["on"]),
        ("full_page_writes", "SHOW full_page_writes", &["on"]),
        ("synchronous_commit", "SHOW synchronous_commit", &["on", "remote_apply"]),
        ("the right to pg_control_system and pg_walfile_name", MAY_IDENTIFY, &["true"]),
        ("server_encoding", "SHOW server_encoding", &["UTF8"]),
        (
            "lc_messages",
            "SHOW lc_messages",
            &["C", "POSIX", "C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8", "en_GB.UTF-8", "en_GB.utf8"],
        ),
    ],
    writer: OfAccess {
        prepare: "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s';
        SET max_parallel_workers_per_gather = 0",
        wanted: &[],
    },
    reader: OfAccess {
        prepare: "SET default_transaction_read_only = on",
        wanted: &[("default_transaction_read_only", "SHOW default_transaction_read_only", &["on"])],
    },
};

/// Everybody has these rights unless somebody took them away. Without them no write could say in which database it is.
const MAY_IDENTIFY: &str = "SELECT (has_function_privilege('pg_control_system()', 'EXECUTE')
    AND has_function_privilege('pg_current_wal_lsn()', 'EXECUTE')
    AND has_function_privilege('pg_walfile_name(pg_lsn)', 'EXECUTE'))::text";

/// The timeline is read from the name of the log's segment: `pg_control_checkpoint` still shows the old one for a
/// while after a promotion. A standby has no such name, and nothing can be written there.
const IDENTITY_OF_POSTGRES: &str = "SELECT 'postgres/'
    || (SELECT system_identifier FROM pg_control_system())::text || '/'
    || CASE WHEN pg_is_in_recovery() THEN 'standby'
            ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END || '/'
    || (SELECT oid FROM pg_database WHERE datname = current_database())::text || '/'
    || 'journal_leaf'::regclass::oid::text";

/// The text of [`Identity`](crate::Identity) for the database behind a connection. It is read at every write: a
/// connection that was opened to a standby lives on when the standby is promoted.
pub(crate) fn identify(conn: &mut Conn) -> Result<String, Fault> {
    match &mut conn.0 {
        Engine::Sqlite(c) => {
            let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
            Ok(of_file(&sql::<Text>(file).get_result::<String>(c)?))
        }
        Engine::Postgres(c) => Ok(sql::<Text>(IDENTITY_OF_POSTGRES).get_result(c)?),
    }
}

/// Moves the write-ahead log of SQLite into the database file and cuts it off; whether nobody stood in the way. It has
/// the one lock for writing meanwhile, so it waits for no reader: a code break would wait with it.
pub(crate) fn empty_log(conn: &mut Conn) -> Result<bool, Fault> {
    match &mut conn.0 {
        Engine::Sqlite(c) => {
            c.batch_execute("PRAGMA busy_timeout = 0")?;
            let cut = sql::<(Integer, Integer, Integer)>("PRAGMA wal_checkpoint(TRUNCATE)");
            let cut = cut.get_result::<(i32, i32, i32)>(c);
            c.batch_execute(SQLITE.prepare)?;
            let (busy, _log, _moved) = cut?;
            Ok(busy == 0)
        }
        Engine::Postgres(_) => Ok(true),
    }
}

fn assert_settings(engine: &mut Engine, wanted: &'static [Wanted]) -> Result<(), Fault> {
    for &(name, show, allowed) in wanted {
        let found: String = sql::<Text>(show).get_result(engine)?;
        if !allowed.contains(&found.as_str()) {
            return Err(Fault::Settings { name, found, allowed });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Access, Address, SQLITE, assert_settings};
    use crate::Fault;
    use diesel::connection::SimpleConnection;

    #[test]
    fn the_scheme_of_the_address_decides_the_engine() {
        for (url, engine) in [
            ("sqlite:var/a.db", "sqlite"),
            ("sqlite:///var/a.db", "sqlite"),
            ("postgres:///iwrs?host=/run", "postgres"),
            ("postgresql://h/iwrs", "postgres"),
        ] {
            assert_eq!(Address::parse(url).map(|a| format!("{a:?}")).ok().as_deref(), Some(engine), "{url}");
        }
        for url in [
            "",
            "var/a.db",
            "sqlite:",
            "sqlite://",
            "sqlite::memory:",
            "sqlite:file:a?mode=memory",
            "mysql://h",
        ] {
            assert!(matches!(Address::parse(url), Err(Fault::Address)), "{url:?}");
        }
    }

    #[test]
    fn a_weaker_setting_of_sqlite_is_named() {
        let path = std::env::temp_dir().join(format!("iwrs-settings-{}.db", std::process::id()));
        let address = Address::Sqlite(path.display().to_string());
        for (weaken, named) in [
            ("PRAGMA synchronous = NORMAL", "synchronous"),
            ("PRAGMA synchronous = OFF", "synchronous"),
            ("PRAGMA foreign_keys = OFF", "foreign_keys"),
            ("PRAGMA busy_timeout = 0", "busy_timeout"),
            ("PRAGMA recursive_triggers = OFF", "recursive_triggers"),
            ("PRAGMA secure_delete = OFF", "secure_delete"),
            ("PRAGMA journal_mode = delete", "journal_mode"),
        ] {
            let mut conn = address.connect(Access::Write).expect("a connection with the right settings");
            assert!(assert_settings(&mut conn.0, SQLITE.wanted).is_ok());
            conn.0.batch_execute(weaken).expect("the setting can be weakened");
            let fault = assert_settings(&mut conn.0, SQLITE.wanted).expect_err(weaken);
            assert!(matches!(fault, Fault::Settings { name, .. } if name == named), "{fault}");
        }
        std::fs::remove_file(path).expect("the file was made");
    }
    #[test]
    fn a_connection_for_reading_cannot_write() {
        let path = std::env::temp_dir().join(format!("iwrs-reader-{}.db", std::process::id()));
        let address = Address::Sqlite(path.display().to_string());
        let mut writer = address.connect(Access::Write).expect("a writer");
        writer.0.batch_execute("CREATE TABLE a (b INTEGER)").expect("it writes");
        let mut reader = address.connect(Access::Read).expect("a reader");
        let error = reader.0.batch_execute("INSERT INTO a VALUES (1)").expect_err("it must not write");
        assert!(error.to_string().contains("readonly"), "{error}");
        // The one who writes goes last: who only reads cannot put the write-ahead log away.
        drop(reader);
        drop(writer);
        std::fs::remove_file(path).expect("the file was made");
    }
}
