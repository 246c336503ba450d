//! The rollback detector: what this instance last knew of every journal, kept outside the database.
//!
//! A database that was restored from an old backup, swapped for another, or that lost commits in a failover looks
//! sound from within: it would hand out a position or a kit a second time. So after every committed write the frontier
//! of the study's journal is written to a small folder elsewhere, and nothing is allocated from a database whose
//! journal does not extend it. Code breaks go on in any case.
//!
//! A server remembers only as far as its own last act. So it also remembers in which database that was: one that was
//! restored or promoted may have lost what another server did, and is allocated from only after the memory of every
//! other server, or a checkpoint that was mailed, has proved to be a part of it.

mod given;
mod memory;
mod peers;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use journal::Frontier;
use store::rows::leaf;
use store::{Conn, Fault, Identity, Tree};
use terms::StudyId;

use memory::{Memory, Remembered};

pub use given::{Accepted, Distrust, Untrusted, accept, distrusted};
pub use peers::{Heard, accept_peers, answer, ask};

/// What this instance remembers, and how it judges a database by it.
pub struct Trust {
    memory: Memory,
    /// The studies whose last frontier could not be written. Nothing is allocated in them until it can be.
    failing: Mutex<BTreeSet<StudyId>>,
    /// What this instance last asked its peers, so that it never answers itself.
    asked: Mutex<Option<String>>,
}

/// How the database stands to what is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Its journal extends what is remembered.
    Extends,
    /// Nothing is remembered, or what is cannot be read.
    Unknown,
    /// Its journal extends what is remembered, of another database: it was restored, promoted or moved, and what
    /// other servers did may be missing.
    Moved,
    /// Its journal is another, or a shorter one.
    Contradicts,
}

/// How a database stands to what is remembered, and which it is.
pub(crate) struct Judged {
    pub(crate) standing: Standing,
    identity: Identity,
}

impl Judged {
    /// What is to be remembered once this frontier is committed: nothing of a database that is not trusted.
    pub(crate) fn to_remember(&self, frontier: &Frontier) -> Option<Remembered> {
        (self.standing == Standing::Extends).then(|| self.as_of(frontier))
    }

    fn as_of(&self, frontier: &Frontier) -> Remembered {
        Remembered { frontier: frontier.clone(), identity: Some(self.identity.clone()) }
    }
}

impl Trust {
    /// Remembers in this folder, which is made when it is not there. What it has not seen the beginning of, and was
    /// not given a checkpoint of, it does not trust.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        Ok(Self::with(Memory::in_folder(folder)?))
    }

    /// Remembers for as long as the process lives, and trusts what it sees first: for throw-away databases.
    pub fn in_process() -> Self {
        Self::with(Memory::in_process())
    }

    fn with(memory: Memory) -> Self {
        Self { memory, failing: Mutex::default(), asked: Mutex::default() }
    }

    /// Whether it forgets everything with the process, as for a throw-away database.
    pub(crate) fn forgets(&self) -> bool {
        self.memory.trusts_first_use()
    }

    /// Judges the journal of a study as it stands in the database.
    pub(crate) fn judge(&self, conn: &mut Conn, study: &StudyId, head: &Frontier) -> Result<Judged, Fault> {
        let identity = Identity::of(conn)?;
        let standing = self.standing(conn, study, head, &identity)?;
        Ok(Judged { standing, identity })
    }

    fn standing(
        &self,
        conn: &mut Conn,
        study: &StudyId,
        head: &Frontier,
        identity: &Identity,
    ) -> Result<Standing, Fault> {
        let remembered = match self.memory.recall(study) {
            Ok(Some(remembered)) => remembered,
            Ok(None) if self.memory.trusts_first_use() => return Ok(Standing::Extends),
            Ok(None) => return Ok(Standing::Unknown),
            Err(error) => {
                tracing::error!(%study, %error, "what was remembered of the journal cannot be read");
                return Ok(Standing::Unknown);
            }
        };
        let standing = compare(conn, study, &remembered, head, identity)?;
        tell(study, &remembered, head, identity, standing);
        let failing = self.failing().contains(study);
        if failing && !self.keep(study, &remembered) {
            return Ok(Standing::Unknown);
        }
        Ok(standing)
    }

    /// Remembers a frontier that was committed and extends what was remembered; whether that could be done.
    ///
    /// A failure does not undo what was committed: the older memory is a prefix still. But the next allocation in
    /// the study waits until something can be remembered of it again.
    pub(crate) fn keep(&self, study: &StudyId, remembered: &Remembered) -> bool {
        let kept = self.memory.keep(study, remembered);
        if let Err(error) = &kept {
            tracing::error!(%study, %error, "the frontier cannot be remembered: allocations are stopped");
        }
        let mut failing = self.failing();
        if kept.is_ok() {
            failing.remove(study)
        } else {
            failing.insert(study.clone())
        };
        kept.is_ok()
    }

    fn failing(&self) -> MutexGuard<'_, BTreeSet<StudyId>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a journal that this instance has just begun. A memory of the same study stands: it is of another
    /// journal, and the new one does not extend it.
    pub(crate) fn begin(&self, study: &StudyId, frontier: Frontier, identity: Identity) {
        if matches!(self.memory.recall(study), Ok(None)) {
            self.keep(study, &Remembered { frontier, identity: Some(identity) });
        }
    }
}

/// Says in the log why nothing is allocated.
fn tell(study: &StudyId, remembered: &Remembered, head: &Frontier, identity: &Identity, standing: Standing) {
    match standing {
        Standing::Extends | Standing::Unknown => {}
        Standing::Moved => tracing::error!(
            %study, remembered = remembered.identity.as_ref().map(tracing::field::display), found = %identity,
            "the database was restored, promoted or moved: allocations are stopped"
        ),
        Standing::Contradicts => tracing::error!(
            %study, remembered = remembered.frontier.size(), found = head.size(),
            "the journal does not extend what this instance remembers: allocations are stopped"
        ),
    }
}

/// Continues what is remembered with the leaves that came after it, and compares.
fn compare(
    conn: &mut Conn,
    study: &StudyId,
    remembered: &Remembered,
    head: &Frontier,
    identity: &Identity,
) -> Result<Standing, Fault> {
    let mut continued = remembered.frontier.clone();
    if continued.size() > head.size() {
        return Ok(Standing::Contradicts);
    }
    if continued.size() < head.size() {
        let after = leaf::hashes_from(conn, &Tree::Study(study.clone()), continued.size())?;
        after.into_iter().for_each(|leaf| continued.append(leaf));
    }
    if continued.head() != head.head() {
        return Ok(Standing::Contradicts);
    }
    let moved = remembered.identity.as_ref().is_some_and(|known| known != identity);
    Ok(if moved { Standing::Moved } else { Standing::Extends })
}

#[cfg(test)]
mod tests {
    use journal::{Frontier, leaf_hash};
    use terms::StudyId;

    use super::{Remembered, Trust};

    #[test]
    fn a_study_that_cannot_be_remembered_stops_itself_alone_and_until_it_can_be() {
        let folder = std::env::temp_dir().join(format!("iwrs-trust-{}", std::process::id()));
        let trust = Trust::in_folder(&folder).expect("a folder");
        let [failing, other] = ["imodals", "other"].map(|id| StudyId::parse(id).expect("an id"));
        let mut frontier = Frontier::empty();
        frontier.append(leaf_hash(b"leaf"));
        let frontier = Remembered { frontier, identity: None };
        // A folder is where the new file would go.
        let obstacle = folder.join("imodals.frontier.new");
        std::fs::create_dir(&obstacle).expect("a folder");
        assert!(!trust.keep(&failing, &frontier));
        assert!(trust.keep(&other, &frontier), "another study can be remembered");
        assert!(trust.failing().contains(&failing), "which says nothing of this one");
        assert!(!trust.failing().contains(&other));
        std::fs::remove_dir(&obstacle).expect("removed");
        assert!(trust.keep(&failing, &frontier));
        assert!(trust.failing().is_empty());
        std::fs::remove_dir_all(folder).expect("the folder was made");
    }
}
