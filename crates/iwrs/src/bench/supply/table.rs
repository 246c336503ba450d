//! The answer: tables for docs/OPERATIONS.md.

use std::io::{self, Write};
use std::thread::available_parallelism;
use std::time::Duration;

use super::measure::Run;
use super::size::Size;
use crate::bench::timing::Timing;

/// Everything that was measured.
pub(super) struct Table {
    size: Size,
    runs: u32,
    leak_checks: Timing,
    pub(super) engines: Vec<Measured>,
}

/// What was measured on one engine.
pub(super) struct Measured {
    pub(super) engine: String,
    /// How many kits there are in the small study and in the large one.
    pub(super) kits: [usize; 2],
    /// How many dispensings there were in each, and how long they took.
    pub(super) dispensings: [(usize, Timing); 2],
    pub(super) run: Run,
}

impl Table {
    pub(super) const fn new(size: Size, runs: u32, leak_checks: Timing) -> Self {
        Self { size, runs, leak_checks, engines: Vec::new() }
    }

    pub(super) fn print(&self) -> io::Result<()> {
        let mut out = io::stdout().lock();
        self.write(&mut out)?;
        out.flush()
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let cores = available_parallelism()?;
        let build =
            if cfg!(debug_assertions) { "a development build, not optimized" } else { "release build" };
        writeln!(out, "{cores} cores, client, server and database on the same machine; {build}.\n")?;
        writeln!(
            out,
            "| engine | study | sites | subjects | kits | dispensings | p50 ms | p99 ms | ratio of p50 |"
        )?;
        writeln!(out, "|---|---|---:|---:|---:|---:|---:|---:|---:|")?;
        self.engines.iter().try_for_each(|measured| self.write_dispensings(out, measured))?;
        writeln!(out, "\n| engine | resupply plans | with a shipment | seconds |")?;
        writeln!(out, "|---|---:|---:|---:|")?;
        for Measured { engine, run, .. } in &self.engines {
            let Run { plans, shipments, took } = run;
            writeln!(out, "| {engine} | {plans} | {shipments} | {:.2} |", took.as_secs_f64())?;
        }
        let [median, slowest] = [50, 100].map(|percent| self.leak_checks.percentile(percent).as_secs_f64());
        writeln!(out, "\n| leak checks, each of one IMODALS | median s | slowest s |")?;
        writeln!(out, "|---:|---:|---:|")?;
        writeln!(out, "| {} | {median:.3} | {slowest:.3} |", self.runs)
    }

    fn write_dispensings(&self, out: &mut impl Write, measured: &Measured) -> io::Result<()> {
        let Measured { engine, kits: [few, many], dispensings, .. } = measured;
        let [(count, small), (_, large)] = dispensings;
        let cells = |timing: &Timing| format!("{:.1} | {:.1}", ms(timing, 50), ms(timing, 99));
        writeln!(out, "| {engine} | IMODALS | 1 | 36 | {few} | {count} | {} | |", cells(small))?;
        let Size { sites, subjects, .. } = self.size;
        let ratio = ms(large, 50) / ms(small, 50);
        write!(out, "| {engine} | large | {sites} | {subjects} | {many} | {count} | {} |", cells(large))?;
        writeln!(out, " {ratio:.2} |")
    }
}

fn ms(timing: &Timing, percent: usize) -> f64 {
    let time: Duration = timing.percentile(percent);
    time.as_secs_f64() * 1_000.0
}
