//! What can go wrong with the machine, told apart in one place.

use diesel::result::{DatabaseErrorKind, Error};

use crate::constraint;

/// The machine failed. The words shown never hold a stored value; the source may, and is for the log only.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The address of the database begins neither with `sqlite:` nor with `postgres:`, or names no file.
    #[error("the address of the database is not understood: sqlite:PATH or postgres://... is expected")]
    Address,
    /// No connection could be opened.
    #[error("the database cannot be reached")]
    Connect(#[source] diesel::ConnectionError),
    /// All connections were in use for too long.
    #[error("no connection to the database became free in time")]
    Exhausted(#[source] diesel::r2d2::PoolError),
    /// The database might lose what it has acknowledged, or would be misunderstood.
    #[error("the database setting {name} is {found:?}, but must be one of {allowed:?}")]
    Settings {
        /// The setting.
        name: &'static str,
        /// Its value.
        found: String,
        /// The values that are good enough.
        allowed: &'static [&'static str],
    },
    /// The schema is older than this program.
    #[error("the database schema is older than this program: {pending} migration(s) must be run first")]
    SchemaOld {
        /// How many migrations have not been run.
        pending: usize,
    },
    /// The schema is newer than this program.
    #[error("the database schema is newer than this program: migration {version} is unknown to it")]
    SchemaNew {
        /// The first migration that this program does not know.
        version: String,
    },
    /// A migration failed.
    #[error("a migration of the database failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The tree was never created.
    #[error("there is no journal tree {0}")]
    NoTree(String),
    /// A row of a study was to be written under the lock of another tree.
    #[error("the write does not hold the lock of the tree that the row belongs to")]
    WrongTree,
    /// The same thing stands there already: the name of the constraint that refused it.
    #[error("the constraint {0} is violated")]
    Conflict(&'static str),
    /// An update that must meet exactly one row in its expected state met another number of them.
    #[error("a guarded update of {table} met {met} rows instead of one")]
    Guard {
        /// The table.
        table: &'static str,
        /// The number of rows met.
        met: usize,
    },
    /// A stored value cannot be read back as what it was.
    #[error("a stored {0} is malformed")]
    Malformed(&'static str),
    /// The database was busy, went away or stepped down before COMMIT was asked for: nothing was written.
    #[error("the database was busy or went away, and nothing was written")]
    Transient(#[source] Error),
    /// The connection failed during COMMIT: the write is there or it is not. The same idempotency key settles it.
    #[error("the outcome of the commit is not known")]
    UnknownOutcome(#[source] Error),
    /// Anything else.
    #[error("the database failed a statement")]
    Database(#[source] Error),
    /// Something beside the database failed while the transaction ran: keys, entropy, passwords.
    #[error("an instrument of the service failed")]
    Instrument(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a use case gave no answer: the domain said no, or the machine failed.
#[derive(Debug)]
pub enum Failure<R> {
    /// The domain said no.
    Refusal(R),
    /// The machine failed.
    Fault(Fault),
}

impl<R> From<Fault> for Failure<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl<R> From<Error> for Failure<R> {
    fn from(error: Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<trial::Refusal> for Failure<trial::Refusal> {
    fn from(refusal: trial::Refusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<Error> for Fault {
    /// Judges an error met before COMMIT.
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Conflict(constraint::violated(info.as_ref()))
            }
            _ if is_transient(&error) => Self::Transient(error),
            _ => Self::Database(error),
        }
    }
}

impl Fault {
    /// Judges an error met during COMMIT. Only when the database itself says that it refused the transaction (a
    /// constraint checked at the end: class 23; or a serialization failure: class 40) is it known to be undone.
    pub(crate) fn of_commit(error: Error) -> Self {
        match &error {
            Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                | DatabaseErrorKind::ForeignKeyViolation
                | DatabaseErrorKind::NotNullViolation
                | DatabaseErrorKind::CheckViolation
                | DatabaseErrorKind::RestrictViolation
                | DatabaseErrorKind::ExclusionViolation
                | DatabaseErrorKind::SerializationFailure,
                _,
            ) => error.into(),
            _ => Self::UnknownOutcome(error),
        }
    }
}

/// Words of faults that pass by themselves, where diesel knows no kind for them.
const TRANSIENT: [&str; 12] = [
    "deadlock detected",                       // 40P01
    "canceling statement due to lock timeout", // 55P03
    "could not obtain lock",                   // 55P03
    "terminating connection",                  // 57P01, 57P02, 57P05, 25P03
    "the database system is",                  // 57P03
    "server closed the connection",            // libpq, 08006
    "no connection to the server",             // libpq
    "could not send data to server",           // libpq
    "could not receive data from server",      // libpq
    "connection not open",                     // libpq
    "database is locked",                      // SQLITE_BUSY
    "database table is locked",                // SQLITE_LOCKED
];

fn is_transient(error: &Error) -> bool {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::SerializationFailure       // 40001
            | DatabaseErrorKind::ReadOnlyTransaction      // 25006: a standby, after a failover
            | DatabaseErrorKind::ClosedConnection,        // 08xxx
            _,
        ) => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown, info) => {
            TRANSIENT.iter().any(|words| info.message().contains(words))
        }
        Error::BrokenTransactionManager => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Fault;
    use diesel::result::{DatabaseErrorKind as Kind, Error};

    fn error(kind: Kind, words: &str) -> Error {
        Error::DatabaseError(kind, Box::new(words.to_owned()))
    }

    fn name(fault: &Fault) -> &'static str {
        match fault {
            Fault::Transient(_) => "again",
            Fault::Conflict(_) => "conflict",
            Fault::UnknownOutcome(_) => "unknown",
            Fault::Database(_) => "database",
            _ => "other",
        }
    }

    #[test]
    fn an_error_is_judged_by_what_it_is_and_when_it_comes() {
        for (kind, words, before, during) in [
            (Kind::SerializationFailure, "could not serialize access", "again", "again"),
            (
                Kind::ReadOnlyTransaction,
                "cannot execute UPDATE in a read-only transaction",
                "again",
                "unknown",
            ),
            (Kind::ClosedConnection, "server closed the connection unexpectedly", "again", "unknown"),
            (Kind::Unknown, "deadlock detected", "again", "unknown"),
            (Kind::Unknown, "canceling statement due to lock timeout", "again", "unknown"),
            (Kind::Unknown, "terminating connection due to administrator command", "again", "unknown"),
            (Kind::Unknown, "the database system is shutting down", "again", "unknown"),
            (Kind::Unknown, "database is locked", "again", "unknown"),
            (Kind::Unknown, "disk I/O error", "database", "unknown"),
            (Kind::Unknown, "database or disk is full", "database", "unknown"),
            (Kind::UniqueViolation, "UNIQUE constraint failed: study.id", "conflict", "conflict"),
            (Kind::ForeignKeyViolation, "FOREIGN KEY constraint failed", "database", "database"),
            (Kind::CheckViolation, "CHECK constraint failed: size", "database", "database"),
        ] {
            assert_eq!(name(&Fault::from(error(kind, words))), before, "before COMMIT: {words}");
            assert_eq!(name(&Fault::of_commit(error(kind, words))), during, "during COMMIT: {words}");
        }
    }

    #[test]
    fn the_words_of_a_fault_hold_no_words_of_the_database() {
        let fault = Fault::from(error(Kind::Unknown, "invalid input: sealed-value"));
        assert!(!fault.to_string().contains("sealed-value"));
        let conflict = Fault::from(error(Kind::UniqueViolation, "UNIQUE constraint failed: study.id"));
        assert_eq!(conflict.to_string(), "the constraint study_pkey is violated");
    }
}
