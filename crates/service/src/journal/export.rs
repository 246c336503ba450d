//! The whole journal as a file that can be checked without this service (`GET /studies/{study}/journal/export`).

use journal::{Entry, Export};
use store::Tx;
use store::rows::{checkpoint, leaf};
use terms::StudyId;
use trial::act::Act;
use trial::{Action, Reach, view};

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
/// of what reveals treatments (BLD-14, AUD-02).
///
/// # Errors
/// The refusals of authorization; a fault when the journal does not extend the last checkpoint that was signed.
pub fn export(service: &Shared, caller: &Caller, study: &StudyId) -> Result<String, Failure> {
    case::write(service, caller, study, Action::ReadJournal, |tx, scene| {
        let size = tx.frontier().size().saturating_add(1);
        scene.append(tx, None, Act::Exported { size })?;
        sign(tx, scene)?;
        write(tx, scene)
    })
}

fn write(tx: &mut Tx, scene: &Scene<'_>) -> Result<String, Failure> {
    let entries = entries(tx, scene)?;
    let openings = Openings::find(tx, scene, &entries)?;
    let head = tx.frontier().head();
    let tree = tx.tree().clone();
    let export = Export {
        origin: view::origin(&scene.study),
        size: head.size,
        root: head.root,
        view: words(scene),
        keys: vec![scene.service.checkpoints.verifying_key().clone()],
        entries,
        openings: openings.values,
        trees: openings.lists,
        checkpoints: checkpoint::all(tx, &tree)?.into_iter().map(|row| row.note).collect(),
    };
    export.write().map_err(instrument)
}

fn entries(tx: &mut Tx, scene: &Scene<'_>) -> Result<Vec<Entry>, Failure> {
    let (tree, size) = (tx.tree().clone(), tx.frontier().size());
    let mut entries = Vec::new();
    let mut from = 0;
    while from < size {
        let rows = leaf::page(tx, &tree, from, BATCH)?;
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
