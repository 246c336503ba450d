//! `iwrs bench`: how fast it is on this machine, as tables for docs/OPERATIONS.md.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::bench::{self, pages, supply};

/// What is measured.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Bench {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    on: On,
    /// The program that runs the same rows as plain SQL, for the ratio.
    #[arg(long, value_name = "PATH", default_value = "pgbench")]
    pgbench: PathBuf,
    /// Clients at a time.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    clients: Vec<usize>,
    /// Subjects to randomize with each number of clients.
    #[arg(long, default_value_t = 360)]
    subjects: usize,
}

#[derive(clap::Subcommand)]
enum Command {
    /// The supply at its size: dispensing in IMODALS and in a large study beside it, a resupply run over all sites of
    /// the large one, and the leak check of one IMODALS.
    Supply(Supply),
    /// Every page of a study with many subjects: how soon its first byte comes, and how large it is.
    Pages(Pages),
}

#[derive(Args)]
struct Pages {
    /// Subjects, all at one site.
    #[arg(long, default_value_t = 1_000)]
    subjects: usize,
    /// Clients at a time.
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// How often each page is asked for.
    #[arg(long, default_value_t = 480)]
    requests: usize,
    /// Where the study's files are.
    #[arg(long, default_value = "config")]
    config: PathBuf,
}

#[derive(Args)]
struct Supply {
    #[command(flatten)]
    on: On,
    #[command(flatten)]
    size: supply::Size,
    /// How many runs of IMODALS the observer judges.
    #[arg(long, default_value_t = 20)]
    runs: u32,
    /// Compare all rows with the journals in the end.
    #[arg(long)]
    verify: bool,
}

/// On what it is measured: on an embedded database, and wherever this leads.
#[derive(Args)]
struct On {
    /// Measure on PostgreSQL, too: the address of a database on a server that lets databases be made, such as
    /// postgres:///postgres?host=/run/postgresql. It needs `psql`; what it makes there is dropped again.
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Where the study's files are.
    #[arg(long, default_value = "config")]
    config: PathBuf,
}

/// Measures, and prints the tables.
pub(crate) fn run(line: &Bench) -> Result<(), Failure> {
    match &line.command {
        Some(Command::Supply(line)) => supply::run(&supply::Plan {
            postgres: line.on.postgres.as_deref(),
            size: line.size,
            runs: line.runs,
            verify: line.verify,
            config: &line.on.config,
        }),
        Some(Command::Pages(line)) => pages::run(&pages::Plan {
            subjects: line.subjects,
            clients: line.clients,
            requests: line.requests,
            config: &line.config,
        }),
        None => bench::run(&bench::Plan {
            postgres: line.on.postgres.as_deref(),
            pgbench: &line.pgbench,
            clients: &line.clients,
            subjects: line.subjects,
            config: &line.on.config,
        }),
    }
}
