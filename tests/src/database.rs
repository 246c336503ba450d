//! A fresh, migrated database for every test, on the engine that the environment names.
//!
//! `./check` runs the integration tests twice, once per engine. Migrating takes its time, so it happens once:
//! on SQLite the migrated file is kept in memory and written out for each test, on PostgreSQL each test's
//! database is a copy of a template.

use std::path::Path;
use std::sync::OnceLock;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use store::Store;

use crate::folder::{TempFolder, unique_name};

/// A database engine that the product runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file, through the bundled library.
    Sqlite,
    /// A server, through the bundled client library.
    Postgres,
}

impl Engine {
    /// The engine of this run: `IWRS_TEST_ENGINE`, or SQLite when it is not set.
    ///
    /// # Panics
    /// On an unknown word: a misspelled engine must not pass for a run on SQLite.
    pub fn from_env() -> Self {
        Self::from_word(std::env::var("IWRS_TEST_ENGINE").ok().as_deref())
    }

    fn from_word(word: Option<&str>) -> Self {
        match word {
            None | Some("sqlite") => Self::Sqlite,
            Some("postgres") => Self::Postgres,
            Some(other) => panic!("IWRS_TEST_ENGINE is `sqlite` or `postgres`, not `{other}`"),
        }
    }
}

/// A migrated database that one test has for itself; it goes away when dropped.
pub struct TestDatabase {
    url: String,
    place: Place,
}

enum Place {
    File(TempFolder),
    Server { admin_url: String, name: String },
}

/// Makes a database on the engine of this run.
///
/// # Panics
/// When it cannot be made; on PostgreSQL without `IWRS_TEST_POSTGRES`, saying what to do.
pub fn fresh_database() -> TestDatabase {
    match Engine::from_env() {
        Engine::Sqlite => fresh_file(),
        Engine::Postgres => fresh_copy(&admin_url()),
    }
}

impl TestDatabase {
    /// Makes a database on this server of PostgreSQL, whatever the engine of the run.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn on_server(admin_url: &str) -> Self {
        let name = unique_name();
        run(&mut open_server(admin_url), &format!("CREATE DATABASE {name}"));
        let url = with_database(admin_url, &name);
        migrate(&url);
        Self { url, place: Place::Server { admin_url: admin_url.to_owned(), name } }
    }

    /// The address to open the store with.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder with the database's files, to search them; none on PostgreSQL.
    pub fn folder(&self) -> Option<&Path> {
        match &self.place {
            Place::File(folder) => Some(folder.path()),
            Place::Server { .. } => None,
        }
    }

    /// Runs statements past the store, as somebody with the database's password could.
    pub fn execute(&self, sql: &str) -> diesel::QueryResult<()> {
        match &self.place {
            Place::File(_) => open_file(&self.url).batch_execute(sql),
            Place::Server { .. } => open_server(&self.url).batch_execute(sql),
        }
    }

    /// Runs statements in a transaction that stays open until it is dropped, with the locks that they took.
    pub fn hold(&self, sql: &str) -> Held {
        match &self.place {
            Place::File(_) => {
                let mut connection = open_file(&self.url);
                run(&mut connection, &format!("BEGIN IMMEDIATE; {sql}"));
                Held::File(connection)
            }
            Place::Server { .. } => {
                let mut connection = open_server(&self.url);
                run(&mut connection, &format!("BEGIN; {sql}"));
                Held::Server(connection)
            }
        }
    }

    /// What a query answers that has one text column named `value`.
    pub fn values(&self, sql: &str) -> diesel::QueryResult<Vec<String>> {
        let query = diesel::sql_query(sql);
        let rows: Vec<Row> = match &self.place {
            Place::File(_) => query.load(&mut open_file(&self.url))?,
            Place::Server { .. } => query.load(&mut open_server(&self.url))?,
        };
        Ok(rows.into_iter().map(|row| row.value).collect())
    }
}

/// A transaction that is open and goes no further; it is rolled back when dropped.
pub enum Held {
    /// On SQLite.
    File(SqliteConnection),
    /// On PostgreSQL.
    Server(PgConnection),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Place::Server { admin_url, name } = &self.place else { return };
        // FORCE: a test that fails may leave connections of a server process open.
        let dropped =
            open_server(admin_url).batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        // A second panic would hide the one that is unwinding.
        if let (Err(error), false) = (dropped, std::thread::panicking()) {
            panic!("dropping {name}: {error}");
        }
    }
}

fn fresh_file() -> TestDatabase {
    static MIGRATED: OnceLock<Vec<u8>> = OnceLock::new();
    let migrated = MIGRATED.get_or_init(migrated_file);
    let folder = TempFolder::new();
    let path = folder.path().join("iwrs.sqlite");
    std::fs::write(&path, migrated).expect("the test's folder takes the database");
    TestDatabase { url: file_url(&path), place: Place::File(folder) }
}

/// The bytes of a migrated database. `VACUUM INTO` writes all of it into one file, whatever still stands in the
/// write-ahead log.
fn migrated_file() -> Vec<u8> {
    let folder = TempFolder::new();
    let (made, copy) = (folder.path().join("made.sqlite"), folder.path().join("copy.sqlite"));
    migrate(&file_url(&made));
    run(&mut open_file(&file_url(&made)), &format!("VACUUM INTO '{}'", copy.display()));
    std::fs::read(&copy).expect("the copy was just made")
}

fn fresh_copy(admin_url: &str) -> TestDatabase {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| migrated_template(admin_url));
    let name = unique_name();
    run(&mut open_server(admin_url), &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    TestDatabase {
        url: with_database(admin_url, &name),
        place: Place::Server { admin_url: admin_url.to_owned(), name },
    }
}

/// Makes this process's template and answers its name. Every process makes its own: a template that an earlier
/// build left behind would have that build's tables. It goes away with the cluster.
fn migrated_template(admin_url: &str) -> String {
    let name = format!("{}_template", unique_name());
    run(&mut open_server(admin_url), &format!("CREATE DATABASE {name}"));
    migrate(&with_database(admin_url, &name));
    name
}

/// Brings an empty database to the current schema, as the product does.
fn migrate(url: &str) {
    let store = Store::open(url).unwrap_or_else(|fault| panic!("opening {url}: {fault:?}"));
    store.migrate().unwrap_or_else(|fault| panic!("migrating {url}: {fault:?}"));
}

fn admin_url() -> String {
    std::env::var("IWRS_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "IWRS_TEST_ENGINE=postgres needs IWRS_TEST_POSTGRES, the address of a server that lets databases \
             be made, such as postgres:///postgres?host=/run/postgresql&user=postgres; ./check starts one"
        )
    })
}

const SQLITE: &str = "sqlite:";

fn file_url(path: &Path) -> String {
    format!("{SQLITE}{}", path.display())
}

/// It waits as the store does: whoever closed the file last may still be moving its log, and holds it for a moment.
fn open_file(url: &str) -> SqliteConnection {
    let path = url.strip_prefix(SQLITE).expect("the address of a file");
    let mut connection =
        SqliteConnection::establish(path).unwrap_or_else(|error| panic!("opening {path}: {error}"));
    run(&mut connection, "PRAGMA busy_timeout = 5000");
    connection
}

fn open_server(url: &str) -> PgConnection {
    PgConnection::establish(url).unwrap_or_else(|error| panic!("connecting to {url}: {error}"))
}

fn run(connection: &mut impl SimpleConnection, sql: &str) {
    connection.batch_execute(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The same server, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, settings) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = address.rsplit_once('/').expect("an address with a database in it");
    format!("{server}/{name}?{settings}")
}

#[cfg(test)]
mod tests {
    use super::{Engine, with_database};

    #[test]
    fn the_engine_is_sqlite_unless_said_otherwise() {
        assert_eq!(Engine::from_word(None), Engine::Sqlite);
        assert_eq!(Engine::from_word(Some("sqlite")), Engine::Sqlite);
        assert_eq!(Engine::from_word(Some("postgres")), Engine::Postgres);
    }

    #[test]
    #[should_panic(expected = "not `postgresql`")]
    fn an_unknown_engine_stops_the_run() {
        Engine::from_word(Some("postgresql"));
    }

    #[test]
    fn another_database_on_the_same_server() {
        let table = [
            ("postgres:///postgres?host=/tmp/x&user=postgres", "postgres:///a?host=/tmp/x&user=postgres"),
            ("postgres://me@server:5432/postgres", "postgres://me@server:5432/a?"),
        ];
        for (admin_url, expected) in table {
            assert_eq!(with_database(admin_url, "a"), expected);
        }
    }
}
