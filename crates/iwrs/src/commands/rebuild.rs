//! `iwrs verify --rebuild`: replays the journals of the database, and compares every row that follows from them.

use std::io::{self, Write};

use service::Shared;
use service::rebuild::{self, Compared, ComparedTable, Repair, Repaired};

use super::Failure;
use super::operator::On;
use crate::wiring::undone;

/// Compares, after setting rows anew where that is asked for.
pub(crate) fn run(on: &On, repair: bool) -> Result<(), Failure> {
    let service = on.service()?;
    let mut out = io::stdout().lock();
    let refused = if repair { set_anew(&service, &mut out)? } else { Vec::new() };
    let compared = rebuild::compare(&service).map_err(undone)?;
    compared.iter().try_for_each(|compared| print(compared, &mut out))?;
    out.flush()?;
    judge(&compared, &refused)
}

/// Sets the rows of every study anew, and gives the studies in which that was refused.
fn set_anew(service: &Shared, out: &mut impl Write) -> Result<Vec<String>, Failure> {
    let mut refused = Vec::new();
    for study in rebuild::studies(service).map_err(undone)? {
        match rebuild::repair(service, &study).map_err(undone)? {
            Repair::Done(Repaired { kits, lists, subjects }) => {
                writeln!(out, "{study}: set anew {kits} kits, {lists} lists, {subjects} subjects")?;
            }
            Repair::HistoryDiffers => refused.push(study.to_string()),
        }
    }
    Ok(refused)
}

/// One line for a table, and one for everything that is wrong with it.
fn print(compared: &Compared, out: &mut impl Write) -> io::Result<()> {
    let Compared { tree, tables, stuck } = compared;
    if let Some(why) = stuck {
        writeln!(out, "FAILED  {tree}: the journal cannot be replayed, so no row follows from it: {why}")?;
    }
    for ComparedTable { name, rows, differences } in tables {
        if differences.is_empty() {
            writeln!(out, "passed  {tree} {name}: {rows} rows")?;
            continue;
        }
        writeln!(out, "FAILED  {tree} {name}: {rows} rows, {} differences", differences.len())?;
        differences.iter().try_for_each(|difference| writeln!(out, "        {difference}"))?;
    }
    Ok(())
}

fn judge(compared: &[Compared], refused: &[String]) -> Result<(), Failure> {
    let differ: Vec<String> = compared
        .iter()
        .filter(|compared| !compared.is_sound())
        .map(|compared| compared.tree.to_string())
        .collect();
    if differ.is_empty() {
        return Ok(());
    }
    let mut words = format!("the rows are not what the journal says: {}", differ.join(", "));
    if !refused.is_empty() {
        words.push_str(&format!(
            "\nnothing was set anew where the history itself differs: {}",
            refused.join(", ")
        ));
    }
    Err(Failure::Refused(words))
}
