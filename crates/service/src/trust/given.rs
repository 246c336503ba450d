//! Trust that comes from outside: a checkpoint that was mailed, given by the operator.

use std::slice;

use journal::{BadNote, Checkpoint, Frontier};
use store::rows::{checkpoint, leaf, study};
use store::{Conn, Fault, Tree};
use terms::{Moment, StudyId};
use trial::view;

use super::Standing;
use crate::failure::Failure;
use crate::service::Service;

/// Why a checkpoint gives no trust.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    /// It is no checkpoint that this installation has signed.
    #[error("the checkpoint is not to be believed")]
    Note(#[from] BadNote),
    /// The database holds no such study.
    #[error("the database holds no journal of {0}")]
    NoStudy(String),
    /// The journal in the database is another, or ends before the checkpoint.
    #[error("the journal in the database does not extend the checkpoint")]
    NotAPrefix,
    /// The database holds a newer checkpoint, which this one leaves out.
    #[error(
        "the database holds a checkpoint over {newest} leaves, and this one covers {given}: give the newest"
    )]
    NotTheNewest {
        /// How many leaves the one that was given covers.
        given: u64,
        /// How many leaves the newest in the database covers.
        newest: u64,
    },
    /// The journal in the database contradicts what this instance remembers.
    #[error("the journal in the database does not extend what this instance remembers of it")]
    Contradicts,
    /// It could not be remembered.
    #[error("the frontier cannot be written to the state folder")]
    NotKept,
    /// The machine failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<Untrusted> for store::Failure<Untrusted> {
    fn from(untrusted: Untrusted) -> Self {
        Self::Refusal(untrusted)
    }
}

/// What was accepted, for the operator to judge: what came after the checkpoint, nothing proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The study.
    pub study: StudyId,
    /// How many leaves the checkpoint covers.
    pub checkpoint: u64,
    /// How many leaves the journal has.
    pub journal: u64,
    /// When the last of them was saved; none in an empty journal.
    pub last_saved: Option<Moment>,
}

/// Trusts the database with a study when its journal extends a checkpoint that was signed by this installation and
/// kept elsewhere; and says which study, and how far the checkpoint reaches.
///
/// Only the newest checkpoint that was ever mailed proves anything: an old backup extends every older one. Whether a
/// newer one left the installation, the database alone cannot say; one that it holds itself is not passed over.
///
/// What this instance remembers is never overruled: after a loss that was looked into, the operator removes the
/// study's file from the state folder first, which is an act of its own.
///
/// # Errors
/// [`Untrusted`].
pub fn accept(service: &Service, note: &str) -> Result<Accepted, Untrusted> {
    let key = service.checkpoints.verifying_key();
    let checkpoint = Checkpoint::parse_and_verify(note, slice::from_ref(key))?;
    let read =
        service.store.read(|conn| Ok::<_, store::Failure<Untrusted>>(proved(service, conn, &checkpoint)?));
    let (accepted, frontier) = read.map_err(|failure| match failure {
        store::Failure::Refusal(untrusted) => untrusted,
        store::Failure::Fault(fault) => Untrusted::Fault(fault),
    })?;
    if service.trust.keep(&accepted.study, &frontier) { Ok(accepted) } else { Err(Untrusted::NotKept) }
}

/// What a checkpoint proves, with the frontier of its journal now.
fn proved(service: &Service, conn: &mut Conn, of: &Checkpoint) -> Result<(Accepted, Frontier), Untrusted> {
    let studies = study::all(conn)?.into_iter().map(|(study, _)| study);
    let study = studies.into_iter().find(|study| view::origin(study) == of.origin);
    let study = study.ok_or_else(|| Untrusted::NoStudy(of.origin.clone()))?;
    let tree = Tree::Study(study.clone());
    let head = leaf::frontier(conn, &tree)?;
    if !is_prefix(conn, &tree, of, &head)? {
        return Err(Untrusted::NotAPrefix);
    }
    let newest = checkpoint::latest(conn, &tree)?.map_or(0, |newest| newest.size);
    if of.size < newest {
        return Err(Untrusted::NotTheNewest { given: of.size, newest });
    }
    if service.trust.standing(conn, &study, &head)? == Standing::Contradicts {
        return Err(Untrusted::Contradicts);
    }
    let last = leaf::page(conn, &tree, head.size().saturating_sub(1), 1)?;
    let last_saved = last.first().map(|leaf| leaf.saved_at);
    Ok((Accepted { study, checkpoint: of.size, journal: head.size(), last_saved }, head))
}

/// Whether the leaves make the head, and the first of them the checkpoint.
fn is_prefix(conn: &mut Conn, tree: &Tree, of: &Checkpoint, head: &Frontier) -> Result<bool, Fault> {
    let mut frontier = Frontier::empty();
    let mut is_prefix = of.head() == frontier.head();
    for hash in leaf::hashes_from(conn, tree, 0)? {
        frontier.append(hash);
        is_prefix |= of.head() == frontier.head();
    }
    Ok(is_prefix && frontier == *head)
}

/// Why this instance does not trust the database with a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// Nothing that can be read is remembered of its journal.
    Unknown,
    /// Its journal does not extend the one that is remembered.
    Contradicts,
}

/// The studies in the database that this instance does not trust it with, so that nothing is allocated in them, and
/// why: to be told at the start.
///
/// # Errors
/// Faults.
pub fn distrusted(service: &Service) -> Result<Vec<(StudyId, Distrust)>, Failure> {
    service.store.read(|conn| {
        let mut distrusted = Vec::new();
        for (study, _) in study::all(conn)? {
            let head = leaf::frontier(conn, &Tree::Study(study.clone()))?;
            match service.trust.standing(conn, &study, &head)? {
                Standing::Extends => {}
                Standing::Unknown => distrusted.push((study, Distrust::Unknown)),
                Standing::Contradicts => distrusted.push((study, Distrust::Contradicts)),
            }
        }
        Ok(distrusted)
    })
}
