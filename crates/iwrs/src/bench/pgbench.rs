//! What PostgreSQL itself does with the same rows: `pgbench` runs them as one head-locked transaction each.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::bench::Plan;
use crate::bench::database::Scratch;
use crate::bench::timing::Timing;
use crate::commands::Failure;
use crate::wiring;

/// A randomization's rows as plain SQL.
const TRANSACTION: &str = include_str!("transaction.sql");
/// What those rows refer to.
const ROWS: &str = include_str!("rows.sql");
/// So many transactions are run at least with each number of clients.
const TRANSACTIONS: usize = 2_000;

/// Measures with each number of clients; none when there is no such program.
pub(super) fn measure(admin: &str, plan: &Plan<'_>) -> Result<Option<Vec<Timing>>, Failure> {
    if Command::new(plan.pgbench).arg("--version").output().is_err() {
        return Ok(None);
    }
    let database = Scratch::postgres(admin)?;
    wiring::migrate(&database.settings()?)?;
    let (rows, transaction) = (database.folder().join("rows.sql"), database.folder().join("transaction.sql"));
    std::fs::write(&rows, ROWS)?;
    std::fs::write(&transaction, TRANSACTION)?;
    let count: usize = plan.clients.iter().map(|clients| each(*clients) * clients).sum();
    database.psql(&["-v", &format!("rows={count}"), "-f", &rows.display().to_string()])?;
    let timings = plan.clients.iter().map(|clients| run(plan.pgbench, &database, &transaction, *clients));
    timings.collect::<Result<_, _>>().map(Some)
}

/// How many transactions each of so many clients runs.
fn each(clients: usize) -> usize {
    TRANSACTIONS.div_ceil(clients)
}

fn run(pgbench: &Path, database: &Scratch, transaction: &Path, clients: usize) -> Result<Timing, Failure> {
    let log = format!("log-{clients}");
    let mut command = Command::new(pgbench);
    command.current_dir(database.folder()).args(["-n", "-j", "2", "-M", "prepared", "-l"]);
    command.arg(format!("--log-prefix={log}")).arg("-f").arg(transaction);
    command.args(["-c", &clients.to_string(), "-t", &each(clients).to_string()]);
    let output = command.arg(&database.settings()?.database.url).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (Some(rate), true) = (rate(&text), output.status.success()) else {
        return Err(Failure::Refused(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr).trim())));
    };
    let mut latencies = Vec::new();
    for entry in std::fs::read_dir(database.folder())? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{log}."))) {
            latencies.extend(std::fs::read_to_string(&path)?.lines().filter_map(latency));
        }
    }
    Ok(Timing::with_rate(latencies, rate))
}

/// The rate without the time to connect: the last that is printed, by old and new versions.
fn rate(text: &str) -> Option<f64> {
    let line = text.lines().rfind(|line| line.starts_with("tps = "))?;
    line.split_whitespace().nth(2)?.parse().ok()
}

/// The time of a transaction from its line in the log: client, number, microseconds.
fn latency(line: &str) -> Option<Duration> {
    line.split_whitespace().nth(2)?.parse().ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::{Duration, latency, rate};

    #[test]
    fn what_pgbench_prints_is_read() {
        let new = "latency average = 1 ms\ntps = 812.5 (without initial connection time)\n";
        let old = "tps = 700.1 (including connections establishing)\ntps = 812.5 (excluding connections)\n";
        assert_eq!((rate(new), rate(old), rate("nothing")), (Some(812.5), Some(812.5), None));
        assert_eq!(latency("0 199 2241 0 1175850568 995598"), Some(Duration::from_micros(2241)));
        assert_eq!(latency("0 199 failed 0 1175850568 995598"), None);
    }
}
