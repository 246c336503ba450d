//! The whole journal as a file that can be checked without this service (`GET /studies/{study}/journal/export`).

use std::sync::Arc;

use journal::{Entry, Export, Head};
use store::rows::{checkpoint, leaf, redaction};
use store::{Conn, Tree, Tx};
use terms::StudyId;
use trial::act::Act;
use trial::{Action, Authority, Reach, Refusal, view};

use super::checkpoint::sign;
use super::openings::{Held, Openings};
use super::read::entry;
use crate::case::{self, Scene};
use crate::failure::{Failure, instrument, missing};
use crate::request::Caller;
use crate::service::Shared;

/// How many leaves are in one piece.
const AT_A_TIME: u32 = 1_000;

/// A journal that is being written, piece by piece, in the reader's own view and signed whole. Each piece is read by
/// itself: whoever reads slowly keeps nobody else waiting, and whose right has ended gets no further piece.
pub struct Exporting {
    service: Shared,
    caller: Caller,
    study: StudyId,
    authority: Authority,
    head: Head,
    /// The leaf with which the next piece begins.
    next: u64,
    /// What the leaves so far commit to.
    held: Held,
    is_over: bool,
}

/// Begins to export the journal.
///
/// An export is itself an act, and its leaf is committed before the bytes leave: for an unblinded reader it is a read
/// of what reveals treatments (BLD-14, AUD-02). The file is written after that, outside the study's lock: however long
/// it takes, no code break waits for it.
///
/// # Errors
/// The refusals of authorization; [`Refusal::AllocationsStopped`] when this instance does not trust the database with
/// the study; a fault when the journal does not extend the last checkpoint that was signed. A piece has these errors,
/// too, and [`Refusal::Busy`] when a text was redacted in the meantime: then the file has no end, and is to be asked
/// for again.
pub fn export(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Exporting, Failure> {
    let (authority, head) = case::record_read(service, caller, study, Action::ReadJournal, record)?;
    Ok(Exporting {
        service: Arc::clone(service),
        caller: caller.clone(),
        study: study.clone(),
        authority,
        head,
        next: 0,
        held: Held::default(),
        is_over: false,
    })
}

/// Records the export, and signs the head with which it ends.
fn record(tx: &mut Tx, scene: &Scene<'_>) -> Result<Head, Failure> {
    let size = tx.frontier().size().saturating_add(1);
    scene.append(tx, None, Act::Exported { size })?;
    sign(tx, scene)?;
    Ok(tx.frontier().head())
}

impl Exporting {
    /// Whether the last piece was written.
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    fn piece(&mut self) -> Result<String, Failure> {
        let (service, caller, study) = (Arc::clone(&self.service), self.caller.clone(), self.study.clone());
        let authority = self.authority.clone();
        case::read_by(&service, &caller, &study, Action::ReadJournal, &authority, |conn, scene| {
            let mut text = String::new();
            if self.next == 0 {
                text.push_str(&self.frame(scene).header().map_err(instrument)?);
            }
            let entries = self.entries(conn, scene)?;
            // To a blinded reader nothing is opened.
            if scene.authority.role.is_unblinded() {
                self.held.add(self.next, &entries)?;
            }
            text.push_str(&Export::lines(self.next, &entries).map_err(instrument)?);
            self.next = self.next.saturating_add(u64::try_from(entries.len()).map_err(instrument)?);
            if self.next == self.head.size {
                text.push_str(&self.rest(conn, scene)?);
                self.is_over = true;
            }
            Ok(text)
        })
    }

    /// The next leaves of the journal as far as its head, whatever came after it.
    fn entries(&self, conn: &mut Conn, scene: &Scene<'_>) -> Result<Vec<Entry>, Failure> {
        let left = u32::try_from(self.head.size.saturating_sub(self.next)).unwrap_or(AT_A_TIME);
        let rows = leaf::page(conn, &Tree::Study(self.study.clone()), self.next, left.min(AT_A_TIME))?;
        if rows.is_empty() {
            return Err(missing("leaf"));
        }
        rows.into_iter().map(|row| entry(scene, row)).collect()
    }

    /// What is opened to this reader, and the checkpoints.
    fn rest(&self, conn: &mut Conn, scene: &Scene<'_>) -> Result<String, Failure> {
        // A text that was redacted in the meantime would be neither opened nor told of as redacted.
        let later = |(entry, ..): (u64, _, _)| entry >= self.head.size;
        if redaction::all(conn, &self.study)?.into_iter().filter_map(|gone| gone.confirmed).any(later) {
            return Err(Refusal::Busy.into());
        }
        let openings = Openings::find(conn, scene, &self.held)?;
        let mut checkpoints = checkpoint::all(conn, &Tree::Study(self.study.clone()))?;
        checkpoints.retain(|checkpoint| checkpoint.size <= self.head.size);
        let checkpoints = checkpoints.into_iter().map(|checkpoint| checkpoint.note).collect();
        let frame = self.frame(scene);
        let export = Export { openings: openings.values, trees: openings.lists, checkpoints, ..frame };
        export.rest().map_err(instrument)
    }

    /// The export without what is in it.
    fn frame(&self, scene: &Scene<'_>) -> Export {
        Export {
            origin: view::origin(&self.study),
            size: self.head.size,
            root: self.head.root,
            view: words(scene),
            keys: vec![scene.service.checkpoints.verifying_key().clone()],
            entries: Vec::new(),
            openings: Vec::new(),
            trees: Vec::new(),
            checkpoints: Vec::new(),
        }
    }
}

impl Iterator for Exporting {
    type Item = Result<String, Failure>;

    /// The next piece; after an error there is none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let piece = self.piece();
        self.is_over |= piece.is_err();
        Some(piece)
    }
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
