//! How a transaction begins on each engine, and how it ends on both.

use diesel::QueryResult;
use diesel::connection::{AnsiTransactionManager, Connection, TransactionManager};

use crate::connection::{Conn, Engine};

type Manager = <Engine as Connection>::TransactionManager;

/// Begins a write. SQLite takes its write lock now: a deferred transaction that reads first and writes later fails
/// at once when another wrote in between, whatever the time-out says.
pub(crate) fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    match &mut conn.0 {
        Engine::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        Engine::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        ),
    }
}

/// Begins a read: all statements see the database as it was at the first of them.
pub(crate) fn begin_read(conn: &mut Conn) -> QueryResult<()> {
    match &mut conn.0 {
        Engine::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN DEFERRED"),
        Engine::Postgres(c) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ),
    }
}

pub(crate) fn commit(conn: &mut Conn) -> QueryResult<()> {
    Manager::commit_transaction(&mut conn.0)
}

pub(crate) fn rollback(conn: &mut Conn) -> QueryResult<()> {
    Manager::rollback_transaction(&mut conn.0)
}

/// Whether a transaction is open, or the state of the connection is not known.
pub(crate) fn is_unfinished(conn: &mut Conn) -> bool {
    Manager::is_broken_transaction_manager(&mut conn.0)
}
