//! What the replay shows, line by line, passed or failed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use journal::{Export, Outcome, VerifyingKey};
use observer::{Deduction, deduce};
use serde_json::Value;
use service::rebuild;
use trial::observed::{self, watch};
use trial::replay::{self, Given};

use super::Replay;
use crate::client::{ClientError, rows_at, text_at};
use crate::commands::Failure;
use crate::demo::sealed_design;
use crate::wiring::undone;

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was looked at, and what was found.
    pub what: String,
    /// Whether it is as it should be.
    pub passed: bool,
}

/// Asks the statistician's interface what came of the subjects, and of the list.
pub(super) fn of_subjects(replay: &Replay) -> Result<Vec<Line>, ClientError> {
    let (cast, happened) = (&replay.cast, &replay.happened);
    let answer = cast.ask("statistician", &cast.path("/reconciliation"))?;
    let subjects = rows_at(&answer, "/reconciliation/subjects");
    let kits: Vec<&Value> = subjects.iter().flat_map(|subject| rows_at(subject, "/kits")).collect();
    let is_a_replacement = |kit: &&&Value| kit.get("attempt").and_then(Value::as_u64) > Some(1);
    let arms = tally(subjects.iter().map(|subject| text_at(subject, "/code")));
    let courses = tally(subjects.iter().flat_map(types_of_courses));
    Ok(vec![
        count("subjects randomized", 36, replay.randomized.len()),
        count("kits handed over", 109, kits.iter().filter(|kit| is_handed_over(kit)).count()),
        count("kits that replaced a damaged or a lost one", 2, kits.iter().filter(is_a_replacement).count()),
        count("code broken and shown", 1, happened.breaks),
        even("subjects in every arm", &arms, &[12; 3]),
        even("courses of every kit type", &courses, &[36; 3]),
        of_the_lists(rows_at(&answer, "/reconciliation/lists")),
        count("mismatches between list, allocation and handover", 0, mismatches(subjects)),
    ])
}

/// Exports the journal as the statistician.
pub(super) fn export(replay: &Replay) -> Result<String, Failure> {
    let statistician = replay.cast.person("statistician")?;
    let path = replay.cast.path("/journal/export");
    let reply = statistician.get(&path)?;
    statistician.expect(200, "GET", &path, &reply)?;
    Ok(reply.body)
}

/// Asks the complete observer what the supply that was played tells of any two subjects.
pub(super) fn of_the_supply(replay: &Replay, export: &str) -> Result<Line, Failure> {
    let sealed = sealed_design(&replay.files)?;
    let sizes = sealed.block_design().sizes();
    let parsed = Export::parse(export).ok();
    let (leaves, sites) = parsed.as_ref().and_then(observed::leaves).unwrap_or_default();
    let judged =
        sites.iter().map(|site| deduce(&watch(&replay.design, Some(sizes), &leaves, site).observation));
    let judged = judged.collect::<Result<Vec<_>, _>>();
    let (pairs, proved) = judged.map_or((0, 0), |found| {
        (found.iter().map(|one| one.pairs.len()).sum(), found.iter().map(Deduction::by_supply).sum())
    });
    let what = format!(
        "pairs of subjects of which the supply proves that they share an arm or not: {proved} of {pairs}"
    );
    Ok(Line { what, passed: proved == 0 && pairs == 630 })
}

/// Verifies the journal as anyone could: hashes, signatures by this key, and the meaning of every record.
pub(super) fn of_the_journal(replay: &Replay, export: &str, key: &VerifyingKey) -> Result<Line, Failure> {
    let mut checks = journal::verify_text(export, &[], std::slice::from_ref(key));
    if let Ok(export) = Export::parse(export) {
        let (design, sealed) = (replay.design.clone(), sealed_design(&replay.files)?);
        let given = Given { design: Some(design), sealed: Some(sealed), ..Given::default() };
        checks.extend(replay::replay(&export, &given));
    }
    let of = |wanted: fn(&Outcome) -> bool| checks.iter().filter(move |check| wanted(&check.outcome));
    let passed = of(|outcome| matches!(outcome, Outcome::Passed)).count();
    let failed: Vec<&str> =
        of(|outcome| matches!(outcome, Outcome::Failed(_))).map(|check| check.name).collect();
    let what = format!("journal verified offline: {passed} checks passed");
    Ok(because(what, &failed, failed.is_empty() && passed > 0))
}

/// Compares every row of the database with what the journals say it must be.
pub(super) fn of_the_rows(replay: &Replay) -> Result<Line, Failure> {
    let compared = rebuild::compare(&replay.service).map_err(undone)?;
    let tables = compared.iter().flat_map(|compared| &compared.tables);
    let rows: usize = tables.map(|table| table.rows).sum();
    let unsound: Vec<String> = compared
        .iter()
        .filter(|compared| !compared.is_sound())
        .map(|compared| compared.tree.to_string())
        .collect();
    let what = format!("rows of the database compared with the journal: {rows}");
    Ok(because(what, &unsound, unsound.is_empty() && rows > 0))
}

/// Prints the lines, and says whether all passed.
pub(crate) fn print(lines: &[Line]) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{}  {}", if line.passed { "passed" } else { "FAILED" }, line.what)?;
    }
    Ok(lines.iter().all(|line| line.passed))
}

pub(super) fn count(what: &str, expected: usize, found: usize) -> Line {
    Line { what: format!("{what}: {found} (expected {expected})"), passed: found == expected }
}

/// A line that says what is amiss, too.
pub(super) fn because(mut what: String, amiss: &[impl AsRef<str>], passed: bool) -> Line {
    for why in amiss {
        what.push_str(&format!("; {}", why.as_ref()));
    }
    Line { what, passed }
}

fn even(what: &str, tally: &BTreeMap<&str, usize>, expected: &[usize]) -> Line {
    let found: Vec<usize> = tally.values().copied().collect();
    let text = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("/");
    Line { what: format!("{what}: {text}"), passed: found == expected }
}

fn tally<'a>(codes: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut tally = BTreeMap::new();
    for code in codes {
        *tally.entry(code).or_insert(0) += 1;
    }
    tally
}

fn is_handed_over(kit: &Value) -> bool {
    !text_at(kit, "/handed_over_at").is_empty()
}

/// The kit type of each course of a subject: a kit and the one that replaced it are one course.
fn types_of_courses(subject: &Value) -> Vec<&str> {
    let handed_over = rows_at(subject, "/kits").iter().filter(|kit| is_handed_over(kit));
    let by_visit: BTreeMap<&str, &str> =
        handed_over.map(|kit| (text_at(kit, "/visit"), text_at(kit, "/kit_type"))).collect();
    by_visit.into_values().collect()
}

fn of_the_lists(lists: &[Value]) -> Line {
    let holds = |list: &Value, what: &str| list.get(what) == Some(&Value::Bool(true));
    Line {
        what: "list recomputed from its seed, and as committed to before anyone read it".to_owned(),
        passed: !lists.is_empty()
            && lists.iter().all(|list| holds(list, "as_derived") && holds(list, "as_committed")),
    }
}

fn mismatches(subjects: &[Value]) -> usize {
    let kits = subjects.iter().flat_map(|subject| rows_at(subject, "/kits"));
    subjects.iter().chain(kits).map(|row| rows_at(row, "/mismatches").len()).sum()
}
