//! The answer: a table for docs/OPERATIONS.md.

use std::io::{self, Write};
use std::thread::available_parallelism;

use super::measure::Measured;
use crate::commands::Failure;

/// No page is larger.
const MOST_BYTES: usize = 100_000;
/// And a browser asks for no more to show it.
const MOST_REQUESTS: usize = 4;

/// Everything that was measured.
pub(super) struct Table {
    pub(super) subjects: usize,
    pub(super) clients: usize,
    pub(super) requests: usize,
    pub(super) rows: Vec<Measured>,
}

impl Table {
    pub(super) fn print(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        self.write(&mut out)?;
        out.flush()
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let cores = available_parallelism()?;
        let build =
            if cfg!(debug_assertions) { "a development build, not optimized" } else { "release build" };
        writeln!(out, "{cores} cores, clients, server and database on the same machine; SQLite; {build}.")?;
        let Self { subjects, clients, requests, .. } = self;
        writeln!(out, "Each page {requests} times by {clients} clients at {subjects} subjects:\n")?;
        writeln!(out, "| page | seen by | kB | requests | first byte p50 ms | p99 ms |")?;
        writeln!(out, "|---|---|---:|---:|---:|---:|")?;
        for Measured { page, first_byte } in &self.rows {
            let [p50, p99] = [50, 99].map(|percent| first_byte.percentile(percent).as_secs_f64() * 1_000.0);
            let (thousands, rest) = (page.bytes / 1_000, page.bytes % 1_000 / 100);
            write!(out, "| `{}` | {} | {thousands}.{rest} | ", page.kind, page.login)?;
            writeln!(out, "{} | {p50:.1} | {p99:.1} |", page.requests)?;
        }
        let is_measured = |address: &&str| !self.rows.iter().any(|row| row.page.kind == *address);
        let rest: Vec<String> =
            web::addresses().filter(is_measured).map(|address| format!("`{address}`")).collect();
        writeln!(
            out,
            "\nNo link led to: {}.",
            if rest.is_empty() { "none".to_owned() } else { rest.join(", ") }
        )
    }

    /// Refuses what is too large wherever it is measured.
    pub(super) fn assert_small(&self) -> Result<(), Failure> {
        let is_large = |row: &&Measured| row.page.bytes > MOST_BYTES || row.page.requests > MOST_REQUESTS;
        match self.rows.iter().find(is_large) {
            None => Ok(()),
            Some(row) => Err(Failure::Refused(format!(
                "{} has {} bytes and {} requests; {MOST_BYTES} and {MOST_REQUESTS} are allowed",
                row.page.kind, row.page.bytes, row.page.requests
            ))),
        }
    }
}
