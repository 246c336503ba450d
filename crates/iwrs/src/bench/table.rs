//! The answer: a table for docs/OPERATIONS.md.

use std::io::{self, Write};
use std::thread::available_parallelism;
use std::time::Duration;

use service::clock::Clock;

use crate::bench::allocation::Allocation;
use crate::bench::timing::Timing;

/// Everything that was measured.
pub(super) struct Table {
    subjects: usize,
    allocation: Allocation,
    /// The version of PostgreSQL, when it was measured.
    pub(super) engine: Option<String>,
    /// Whether the plain rows were measured.
    pub(super) has_plain: bool,
    /// The randomizations.
    pub(super) rows: Vec<Row>,
}

/// The randomizations on one engine by so many clients.
pub(super) struct Row {
    /// The engine.
    pub(super) engine: &'static str,
    /// How many clients there were.
    pub(super) clients: usize,
    /// What was measured.
    pub(super) timing: Timing,
    /// The same rows as plain SQL.
    pub(super) plain: Option<Timing>,
}

/// Puts the plain rows beside those of the service.
pub(super) fn compared(rows: Vec<Row>, plain: Option<Vec<Timing>>) -> impl Iterator<Item = Row> {
    let plain = plain.into_iter().flatten().map(Some).chain(std::iter::repeat_with(|| None));
    rows.into_iter().zip(plain).map(|(row, plain)| Row { plain, ..row })
}

impl Table {
    /// A table without a row.
    pub(super) fn new(subjects: usize, allocation: Allocation) -> Self {
        Self { subjects, allocation, engine: None, has_plain: false, rows: Vec::new() }
    }

    /// Prints the table.
    pub(super) fn print(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        self.write(&mut out)?;
        out.flush()
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let day = Clock::System.now().utc().date_naive();
        let cores = available_parallelism()?;
        let build =
            if cfg!(debug_assertions) { "a development build, not optimized" } else { "release build" };
        write!(out, "Measured on {day}, {cores} cores, clients and database on the same machine; {build}")?;
        match &self.engine {
            Some(version) => writeln!(out, "; PostgreSQL {version}.\n")?,
            None => writeln!(out, "; PostgreSQL was not asked for.\n")?,
        }
        self.write_allocation(out)?;
        self.write_rows(out)?;
        if self.engine.is_some() && !self.has_plain {
            writeln!(out, "\nThere is no pgbench here, so there is no ratio.")?;
        }
        Ok(())
    }

    fn write_allocation(&self, out: &mut impl Write) -> io::Result<()> {
        let Allocation { list, words } = self.allocation;
        writeln!(out, "| allocator | seconds | a second |")?;
        writeln!(out, "|---|---:|---:|")?;
        writeln!(
            out,
            "| a million positions, three arms in blocks of six | {list:.4} | {:.1} million |",
            1.0 / list
        )?;
        writeln!(
            out,
            "| a million words of the stream beneath it | {words:.4} | {:.0} million |\n",
            1.0 / words
        )
    }

    fn write_rows(&self, out: &mut impl Write) -> io::Result<()> {
        let subjects = self.subjects;
        writeln!(out, "{subjects} randomizations over HTTP with each number of clients, signed before:\n")?;
        writeln!(
            out,
            "| engine | clients | a second | p50 ms | p99 ms | pgbench: a second | p50 ms | p99 ms | ratio |"
        )?;
        writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|---:|")?;
        for row in &self.rows {
            write!(out, "| {} | {} | {} |", row.engine, row.clients, cells(&row.timing))?;
            match &row.plain {
                Some(plain) => {
                    let ratio = row.timing.per_second / plain.per_second;
                    writeln!(out, " {} | {ratio:.2} |", cells(plain))?;
                }
                None => writeln!(out, " | | | |")?,
            }
        }
        Ok(())
    }
}

/// The rate, the median and the ninety-ninth percentile.
fn cells(timing: &Timing) -> String {
    let [p50, p99] = [50, 99].map(|percent| ms(timing.percentile(percent)));
    format!("{:.0} | {p50:.1} | {p99:.1}", timing.per_second)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
