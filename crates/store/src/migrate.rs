//! Bringing the schema up to the program.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::Fault;
use crate::connection::{Conn, Engine};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Runs what has not been run. On PostgreSQL a lock of the session lets only one program do so at a time.
pub(crate) fn run(conn: &mut Conn) -> Result<(), Fault> {
    match &mut conn.0 {
        Engine::Sqlite(c) => run_pending(c, SQLITE),
        Engine::Postgres(c) => {
            c.batch_execute("SET lock_timeout = 0; SELECT pg_advisory_lock(1230132819)")?;
            let outcome = run_pending(c, POSTGRES);
            c.batch_execute("SELECT pg_advisory_unlock(1230132819); SET lock_timeout = '5s'")?;
            outcome
        }
    }
}

/// Passes when every migration of this program has been run, and no other.
pub(crate) fn assert_current(conn: &mut Conn) -> Result<(), Fault> {
    match &mut conn.0 {
        Engine::Sqlite(c) => compare(c, SQLITE),
        Engine::Postgres(c) => compare(c, POSTGRES),
    }
}

fn run_pending<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    ours: EmbeddedMigrations,
) -> Result<(), Fault> {
    conn.run_pending_migrations(ours).map_err(Fault::Migration)?;
    Ok(())
}

fn compare<DB: Backend>(conn: &mut impl MigrationHarness<DB>, ours: EmbeddedMigrations) -> Result<(), Fault> {
    let known: Vec<Box<dyn Migration<DB>>> = ours.migrations().map_err(Fault::Migration)?;
    let applied = conn.applied_migrations().map_err(Fault::Migration)?;
    if let Some(unknown) =
        applied.iter().find(|version| known.iter().all(|m| m.name().version() != **version))
    {
        return Err(Fault::SchemaNew { version: unknown.to_string() });
    }
    match known.len().saturating_sub(applied.len()) {
        0 => Ok(()),
        pending => Err(Fault::SchemaOld { pending }),
    }
}
