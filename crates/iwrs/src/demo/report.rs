//! What the replay shows, line by line, passed or failed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use journal::{Export, Outcome, VerifyingKey};
use serde_json::Value;
use trial::replay::{self, Given};

use crate::client::{ClientError, rows_at, text_at};
use crate::demo::replay::Played;
use crate::demo::setup::Cast;

/// One line of the report.
pub(crate) struct Line {
    what: String,
    passed: bool,
}

/// Asks the server, as the statistician and the monitor, what came of the replay.
pub(crate) fn ask(cast: &Cast, played: &Played) -> Result<Vec<Line>, ClientError> {
    let statistician = cast.person("statistician")?;
    let path = cast.path("/reconciliation");
    let reconciliation = statistician.expect(200, "GET", &path, &statistician.get(&path)?)?;
    let subjects = rows_at(&reconciliation, "/reconciliation/subjects");
    let mut lines = vec![
        count("subjects randomized", 36, played.subjects),
        count("kits handed over", 108, played.handed_over),
        count("code broken and shown", 1, played.breaks),
        even("subjects in every arm", &tally(subjects, "code"), &[12; 3]),
    ];
    let kits: Vec<&Value> = subjects.iter().flat_map(|subject| rows_at(subject, "/kits")).collect();
    let handed_over = kits.into_iter().filter(|kit| !text_at(kit, "/handed_over_at").is_empty()).cloned();
    let handed_over: Vec<Value> = handed_over.collect();
    lines.push(even("kits handed over of every type", &tally(&handed_over, "kit_type"), &[36; 3]));
    let lists = rows_at(&reconciliation, "/reconciliation/lists");
    let is_derived = |list: &Value| list.get("as_derived") == Some(&Value::Bool(true));
    lines.push(Line {
        what: "list recomputed from its seed, and as committed to before anyone read it".to_owned(),
        passed: !lists.is_empty()
            && lists
                .iter()
                .all(|list| is_derived(list) && list.get("as_committed") == Some(&Value::Bool(true))),
    });
    lines.push(count("mismatches between list, allocation and handover", 0, mismatches(subjects)));
    Ok(lines)
}

/// Exports the journal as the statistician, and verifies it as anyone could: hashes, signatures by this key, and the
/// meaning of every record.
pub(crate) fn prove(cast: &Cast, key: &VerifyingKey, given: &Given) -> Result<Vec<Line>, ClientError> {
    let statistician = cast.person("statistician")?;
    let path = cast.path("/journal/export");
    let reply = statistician.get(&path)?;
    statistician.expect(200, "GET", &path, &reply)?;
    let mut checks = journal::verify_text(&reply.body, &[], std::slice::from_ref(key));
    if let Ok(export) = Export::parse(&reply.body) {
        checks.extend(replay::replay(&export, given));
    }
    let of = |wanted: fn(&Outcome) -> bool| checks.iter().filter(|check| wanted(&check.outcome)).count();
    let passed = of(|outcome| matches!(outcome, Outcome::Passed));
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| matches!(check.outcome, Outcome::Failed(_)))
        .map(|check| check.name)
        .collect();
    let mut what = format!("journal verified offline: {passed} checks passed");
    for name in &failed {
        what.push_str(&format!("; FAILED: {name}"));
    }
    Ok(vec![Line { what, passed: failed.is_empty() && passed > 0 }])
}

/// Prints the lines, and says whether all passed.
pub(crate) fn print(lines: &[Line]) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{}  {}", if line.passed { "passed" } else { "FAILED" }, line.what)?;
    }
    Ok(lines.iter().all(|line| line.passed))
}

fn count(what: &str, expected: u32, found: u32) -> Line {
    Line { what: format!("{what}: {found} (expected {expected})"), passed: found == expected }
}

fn even(what: &str, tally: &BTreeMap<String, u32>, expected: &[u32]) -> Line {
    let found: Vec<u32> = tally.values().copied().collect();
    let text = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("/");
    Line { what: format!("{what}: {text}"), passed: found == expected }
}

fn tally(rows: &[Value], field: &str) -> BTreeMap<String, u32> {
    let mut tally = BTreeMap::new();
    for row in rows {
        *tally.entry(text_at(row, &format!("/{field}")).to_owned()).or_insert(0) += 1;
    }
    tally
}

fn mismatches(subjects: &[Value]) -> u32 {
    let kits = subjects.iter().flat_map(|subject| rows_at(subject, "/kits"));
    let all: usize = subjects.iter().chain(kits).map(|row| rows_at(row, "/mismatches").len()).sum();
    u32::try_from(all).unwrap_or(u32::MAX)
}
