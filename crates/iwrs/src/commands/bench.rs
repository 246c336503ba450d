//! `iwrs bench`: how fast it is on this machine, as a table for docs/OPERATIONS.md.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::bench;

/// What is measured.
#[derive(Args)]
pub(crate) struct Bench {
    /// Measure on PostgreSQL, too: the address of a database on a server that lets databases be made, such as
    /// postgres:///postgres?host=/run/postgresql. It needs `psql`; what it makes there is dropped again.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// The program that runs the same rows as plain SQL, for the ratio.
    #[arg(long, value_name = "PATH", default_value = "pgbench")]
    pgbench: PathBuf,
    /// Clients at a time.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    clients: Vec<usize>,
    /// Subjects to randomize with each number of clients.
    #[arg(long, default_value_t = 360)]
    subjects: usize,
    /// Where the study's files are.
    #[arg(long, default_value = "config")]
    config: PathBuf,
}

/// Measures, and prints the table.
pub(crate) fn run(line: &Bench) -> Result<(), Failure> {
    let plan = bench::Plan {
        postgres: line.postgres.as_deref(),
        pgbench: &line.pgbench,
        clients: &line.clients,
        subjects: line.subjects,
        config: &line.config,
    };
    bench::run(&plan)
}
