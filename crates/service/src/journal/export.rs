//! The whole journal as a file that can be checked without this service (`GET /studies/{study}/journal/export`).

use journal::{Entry, Export, Head};
use store::rows::{checkpoint, leaf, redaction};
use store::{Conn, Tree, Tx};
use terms::StudyId;
use trial::act::Act;
use trial::{Action, Reach, Refusal, view};

use super::checkpoint::sign;
use super::openings::Openings;
use super::read::entry;
use crate::case::{self, Scene};
use crate::failure::{Failure, instrument};
use crate::request::Caller;
use crate::service::Shared;

/// How many leaves are read at a time.
const BATCH: u32 = 1_000;

/// Exports the journal in the reader's own view, signed whole.
///
/// An export is itself an act, and its leaf is committed before the bytes leave: for an unblinded reader it is a read
/// of what reveals treatments (BLD-14, AUD-02). The file is written after that, outside the study's lock: however long
/// it takes, no code break waits for it.
///
/// # Errors
/// The refusals of authorization; [`trial::Refusal::AllocationsStopped`] when this instance does not trust the database
/// with the study; a fault when the journal does not extend the last checkpoint that was signed.
pub fn export(service: &Shared, caller: &Caller, study: &StudyId) -> Result<String, Failure> {
    case::record_then_read(service, caller, study, Action::ReadJournal, record, write)
}

/// Records the export, and signs the head with which it ends.
fn record(tx: &mut Tx, scene: &Scene<'_>) -> Result<Head, Failure> {
    let size = tx.frontier().size().saturating_add(1);
    scene.append(tx, None, Act::Exported { size })?;
    sign(tx, scene)?;
    Ok(tx.frontier().head())
}

/// Writes the journal as far as this head, whatever came after it.
fn write(conn: &mut Conn, scene: &Scene<'_>, head: Head) -> Result<String, Failure> {
    let tree = Tree::Study(scene.study.clone());
    let entries = entries(conn, scene, &tree, head.size)?;
    // A text that was redacted in the meantime would be neither opened nor told of as redacted.
    let later = |(entry, ..): (u64, _, _)| entry >= head.size;
    if redaction::all(conn, &scene.study)?.into_iter().filter_map(|gone| gone.confirmed).any(later) {
        return Err(Refusal::Busy.into());
    }
    let openings = Openings::find(conn, scene, &entries)?;
    let mut checkpoints = checkpoint::all(conn, &tree)?;
    checkpoints.retain(|checkpoint| checkpoint.size <= head.size);
    let export = Export {
        origin: view::origin(&scene.study),
        size: head.size,
        root: head.root,
        view: words(scene),
        keys: vec![scene.service.checkpoints.verifying_key().clone()],
        entries,
        openings: openings.values,
        trees: openings.lists,
        checkpoints: checkpoints.into_iter().map(|checkpoint| checkpoint.note).collect(),
    };
    export.write().map_err(instrument)
}

fn entries(conn: &mut Conn, scene: &Scene<'_>, tree: &Tree, size: u64) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    let mut from = 0;
    while from < size {
        let rest = u32::try_from(size.saturating_sub(from)).unwrap_or(BATCH);
        let rows = leaf::page(conn, tree, from, rest.min(BATCH))?;
        let Some(last) = rows.last() else { break };
        from = last.index.saturating_add(1);
        for row in rows {
            entries.push(entry(scene, row)?);
        }
    }
    Ok(entries)
}

/// Whose view it is.
fn words(scene: &Scene<'_>) -> String {
    let role = scene.authority.role;
    match &scene.authority.reach {
        Reach::Study => role.to_string(),
        Reach::Sites(sites) => {
            let sites: Vec<&str> = sites.iter().map(terms::SiteId::as_str).collect();
            format!("{role} of {}", sites.join(", "))
        }
    }
}
