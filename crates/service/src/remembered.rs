//! What was read last and follows from the acts of a study: while its journal stands as it stood, it is the same, and a
//! page need not count all kits again to show it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::Frontier;
use store::rows::leaf;
use store::{Conn, Tree};
use terms::StudyId;

use crate::failure::Failure;

/// What is known of each study, with the journal out of which it follows.
pub(crate) struct Remembered<T>(Mutex<BTreeMap<StudyId, (Frontier, Arc<T>)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Remembered<T> {
    /// What was read when the journal stood as it stands now, while it holds besides; else it is read anew. Only for a
    /// transaction that reads: one that writes has rows already that its journal does not tell of.
    pub(crate) fn read(
        &self,
        conn: &mut Conn,
        study: &StudyId,
        holds: impl FnOnce(&T) -> bool,
        anew: impl FnOnce(&mut Conn) -> Result<T, Failure>,
    ) -> Result<Arc<T>, Failure> {
        let journal = leaf::frontier(conn, &Tree::Study(study.clone()))?;
        let known = self.lock().get(study).cloned();
        if let Some((_, known)) = known.filter(|(of, known)| *of == journal && holds(known)) {
            return Ok(known);
        }
        let read = Arc::new(anew(conn)?);
        self.lock().insert(study.clone(), (journal, Arc::clone(&read)));
        Ok(read)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StudyId, (Frontier, Arc<T>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
