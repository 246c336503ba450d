//! A connection to either engine.

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// A connection to either engine, inside a transaction. What it wraps cannot be seen outside this crate, so no
/// other room can speak SQL.
pub struct Conn(pub(crate) Engine);

/// The engines. To match on them is allowed in four files only: connect, migrate, begin and backup. The derived
/// `establish` must not be used either: it tries one engine after the other, whatever the address says.
#[derive(diesel::MultiConnection)]
pub(crate) enum Engine {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}
