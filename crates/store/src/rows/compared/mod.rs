//! All rows that follow from the leaves of a tree, as they are stored: read without any rule and without refusing what
//! is malformed, so that they can be compared with what the leaves give. Where a row names an opening, its id stands.

mod accountability;
mod alerts;
mod batches;
mod packing;
mod people;
mod shipments;
mod study;
mod subjects;
mod supply;
mod units;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, StudyId};
use trial::rebuild::{Cell, Rows};

use crate::schema::{checkpoint, journal_leaf, tree_head};
use crate::{Conn, Fault, Tree};

/// The rows of a study.
pub fn of_study(conn: &mut Conn, study: &StudyId) -> Result<Rows, Fault> {
    let mut rows = Rows::default();
    study::read(conn, study, &mut rows)?;
    people::roles(conn, Some(study), &mut rows)?;
    supply::read(conn, study, &mut rows)?;
    batches::read(conn, study, &mut rows)?;
    packing::read(conn, study, &mut rows)?;
    shipments::read(conn, study, &mut rows)?;
    accountability::read(conn, study, &mut rows)?;
    alerts::read(conn, study, &mut rows)?;
    subjects::read(conn, study, &mut rows)?;
    units::read(conn, study, &mut rows)?;
    journal(conn, &Tree::Study(study.clone()), &mut rows)?;
    Ok(rows)
}

/// The rows of the installation.
pub fn of_installation(conn: &mut Conn) -> Result<Rows, Fault> {
    let mut rows = Rows::default();
    people::read(conn, &mut rows)?;
    people::roles(conn, None, &mut rows)?;
    journal(conn, &Tree::Installation, &mut rows)?;
    Ok(rows)
}

/// The studies that have a tree with a leaf in it, in the order of their names; also such that have no row.
pub fn trees(conn: &mut Conn) -> Result<Vec<Tree>, Fault> {
    let names: Vec<String> = journal_leaf::table
        .select(journal_leaf::tree)
        .distinct()
        .order(journal_leaf::tree)
        .load(&mut conn.0)?;
    let read = |name: &String| match name.strip_prefix("study/") {
        Some(study) => StudyId::parse(study).map(Tree::Study).map_err(|_malformed| Fault::Malformed("tree")),
        None => Ok(Tree::Installation),
    };
    names.iter().map(read).collect()
}

fn journal(conn: &mut Conn, tree: &Tree, rows: &mut Rows) -> Result<(), Fault> {
    let leaves: Vec<(i64, Vec<u8>, NaiveDateTime)> = journal_leaf::table
        .filter(journal_leaf::tree.eq(tree.to_string()))
        .select((journal_leaf::leaf_index, journal_leaf::leaf_hash, journal_leaf::saved_at))
        .load(&mut conn.0)?;
    for (index, hash, saved) in leaves {
        rows.add("journal_leaf", [&index], [("leaf_hash", bytes(&hash)), ("saved_at", moment(saved))]);
    }
    let head: Option<(i64, Vec<u8>)> = tree_head::table
        .find(tree.to_string())
        .select((tree_head::size, tree_head::frontier))
        .first(&mut conn.0)
        .optional()?;
    if let Some((size, frontier)) = head {
        rows.add("tree_head", [tree], [("size", Cell::of(size)), ("frontier", bytes(&frontier))]);
    }
    let notes: Vec<(i64, String)> = checkpoint::table
        .filter(checkpoint::tree.eq(tree.to_string()))
        .select((checkpoint::size, checkpoint::note))
        .load(&mut conn.0)?;
    for (size, note) in notes {
        rows.add("checkpoint", [&size], [("note", Cell::of(note))]);
    }
    Ok(())
}

fn moment(stored: NaiveDateTime) -> Cell {
    Cell::of(Moment::from_stored(stored))
}

/// Bytes in hexadecimal, as hashes are written.
fn bytes(stored: &[u8]) -> Cell {
    Cell::of(stored.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}
