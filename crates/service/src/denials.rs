//! Refused rights, counted until they are written down: repeats by one person become one record a minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use terms::UserId;
use trial::Action;

/// The denials since the last time they were taken.
#[derive(Default)]
pub(crate) struct Denials(Mutex<BTreeMap<(UserId, Action), u64>>);

impl Denials {
    /// Counts a denial.
    pub(crate) fn note(&self, user: &UserId, action: Action) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((user.clone(), action)).or_insert(0);
        *count = count.saturating_add(1);
    }

    /// Takes the denials counted so far.
    pub(crate) fn take(&self) -> BTreeMap<(UserId, Action), u64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts again what was taken and could not be written down.
    pub(crate) fn put_back(&self, taken: BTreeMap<(UserId, Action), u64>) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (denial, before) in taken {
            let count = counts.entry(denial).or_insert(0);
            *count = count.saturating_add(before);
        }
    }
}
