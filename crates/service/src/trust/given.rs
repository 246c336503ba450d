//! Trust that comes from outside: a checkpoint that was mailed, given by the operator.

use std::slice;

use journal::{BadNote, Checkpoint, Frontier};
use store::rows::{checkpoint, leaf, study};
use store::{Conn, Fault, Tree};
use terms::{Moment, StudyId};
use trial::view;

use super::memory::Remembered;
use super::{Judged, Standing};
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
    /// A peer gives no trust.
    #[error("the peer {peer}: {why}")]
    Peer {
        /// Its address.
        peer: String,
        /// What is wrong with what it remembers.
        why: Box<Untrusted>,
    },
    /// It remembers nothing of the study.
    #[error("it remembers nothing of the study")]
    NothingRemembered,
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
    let (accepted, remembered) = read.map_err(|failure| match failure {
        store::Failure::Refusal(untrusted) => untrusted,
        store::Failure::Fault(fault) => Untrusted::Fault(fault),
    })?;
    if service.trust.keep(&accepted.study, &remembered) { Ok(accepted) } else { Err(Untrusted::NotKept) }
}

/// What a checkpoint proves, with what is to be remembered of its journal now.
fn proved(service: &Service, conn: &mut Conn, of: &Checkpoint) -> Result<(Accepted, Remembered), Untrusted> {
    let studies = study::all(conn)?.into_iter().map(|(study, _)| study);
    let study = studies.into_iter().find(|study| view::origin(study) == of.origin);
    let study = study.ok_or_else(|| Untrusted::NoStudy(of.origin.clone()))?;
    let tree = Tree::Study(study.clone());
    let head = leaf::frontier(conn, &tree)?;
    assert_prefix(conn, &tree, of, &head)?;
    let newest = checkpoint::latest(conn, &tree)?.map_or(0, |newest| newest.size);
    if of.size < newest {
        return Err(Untrusted::NotTheNewest { given: of.size, newest });
    }
    let judged = judge(service, conn, &study, &head)?;
    let last_saved = leaf::last_saved(conn, &tree)?;
    Ok((Accepted { study, checkpoint: of.size, journal: head.size(), last_saved }, judged.as_of(&head)))
}

/// Judges a journal that something from outside speaks for: what is remembered here is not overruled by that.
pub(super) fn judge(
    service: &Service,
    conn: &mut Conn,
    study: &StudyId,
    head: &Frontier,
) -> Result<Judged, Untrusted> {
    let judged = service.trust.judge(conn, study, head)?;
    if judged.standing == Standing::Contradicts { Err(Untrusted::Contradicts) } else { Ok(judged) }
}

/// Passes when the leaves make the head, and the first of them the checkpoint.
pub(super) fn assert_prefix(
    conn: &mut Conn,
    tree: &Tree,
    of: &Checkpoint,
    head: &Frontier,
) -> Result<(), Untrusted> {
    let mut frontier = Frontier::empty();
    let mut is_prefix = of.head() == frontier.head();
    for hash in leaf::hashes_from(conn, tree, 0)? {
        frontier.append(hash);
        is_prefix |= of.head() == frontier.head();
    }
    if is_prefix && frontier == *head { Ok(()) } else { Err(Untrusted::NotAPrefix) }
}

/// Why this instance does not trust the database with a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// Nothing that can be read is remembered of its journal.
    Unknown,
    /// The database is another than the one that is remembered, though its journal extends that one's.
    Moved,
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
            match service.trust.judge(conn, &study, &head)?.standing {
                Standing::Extends => {}
                Standing::Unknown => distrusted.push((study, Distrust::Unknown)),
                Standing::Moved => distrusted.push((study, Distrust::Moved)),
                Standing::Contradicts => distrusted.push((study, Distrust::Contradicts)),
            }
        }
        Ok(distrusted)
    })
}
