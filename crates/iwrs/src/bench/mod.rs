//! The benchmarks. Whatever they say of speed is a ratio to something that was measured in the same run.

mod allocation;
mod database;
mod load;
pub(crate) mod pages;
mod pgbench;
mod stage;
pub(crate) mod supply;
mod table;
mod timing;

use std::path::Path;

use indicatif::ProgressBar;

use crate::bench::database::Scratch;
use crate::bench::stage::Staged;
use crate::bench::table::{Row, Table};
use crate::commands::Failure;
use crate::demo::Files;
use crate::running::Running;
use crate::wiring;

/// What is measured.
pub(crate) struct Plan<'a> {
    /// A server for throw-away databases.
    pub(crate) postgres: Option<&'a str>,
    /// The program that runs plain SQL.
    pub(crate) pgbench: &'a Path,
    /// Clients at a time.
    pub(crate) clients: &'a [usize],
    /// Subjects to randomize with each number of clients.
    pub(crate) subjects: usize,
    /// Where the study's files are.
    pub(crate) config: &'a Path,
}

/// Measures, and prints the table.
pub(crate) fn run(plan: &Plan<'_>) -> Result<(), Failure> {
    if plan.subjects == 0 || plan.clients.is_empty() || plan.clients.contains(&0) {
        return Err(Failure::Refused("there must be subjects and clients to measure".to_owned()));
    }
    let progress = ProgressBar::new_spinner();
    progress.enable_steady_tick(std::time::Duration::from_millis(200));
    let files = Files::read(plan.config)?;
    progress.set_message("a million positions");
    let mut table = Table::new(plan.subjects, allocation::measure()?);
    table.rows.extend(randomize("SQLite", &Scratch::sqlite()?, plan, &files, &progress)?);
    if let Some(admin) = plan.postgres {
        let database = Scratch::postgres(admin)?;
        table.engine = Some(database.version()?);
        let rows = randomize("PostgreSQL", &database, plan, &files, &progress)?;
        drop(database);
        progress.set_message("PostgreSQL: the same rows by pgbench");
        let plain = pgbench::measure(admin, plan)?;
        table.has_plain = plain.is_some();
        table.rows.extend(table::compared(rows, plain));
    }
    progress.finish_and_clear();
    Ok(table.print()?)
}

/// Stages the study on a database, and randomizes with each number of clients.
fn randomize(
    engine: &'static str,
    database: &Scratch,
    plan: &Plan<'_>,
    files: &Files,
    progress: &ProgressBar,
) -> Result<Vec<Row>, Failure> {
    let settings = database.settings()?;
    wiring::prepare(&settings)?;
    let service = wiring::service(&settings)?;
    let server = Running::start(&service)?;
    let tell = |what: &str| progress.set_message(format!("{engine}: {what}"));
    tell("people, kits and subjects");
    let staged = Staged::new(&service, server.base(), files, plan.subjects * plan.clients.len())?;
    let mut rows = Vec::new();
    for (clients, subjects) in plan.clients.iter().zip(staged.subjects.chunks(plan.subjects)) {
        tell(&format!("{clients} clients: signatures"));
        let requests = load::sign(&staged, subjects)?;
        tell(&format!("{clients} clients: randomizations"));
        let timing = load::send(server.base(), &requests, *clients)?;
        rows.push(Row { engine, clients: *clients, timing, plain: None });
    }
    Ok(rows)
}
