//! Failed log-ins and refused rights, counted until they are written down: a flood of them becomes one record
//! a minute and never takes a lock (USR-07).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use store::{Tree, Tx};
use terms::UserId;
use trial::Action;
use trial::act::Act;

use super::append;
use crate::failure::Failure;
use crate::service::Shared;

/// So many account names are told apart in a minute; more of them count as no further name.
const NAMES: usize = 10_000;

/// The failed log-ins since the last time they were taken.
#[derive(Default)]
pub(crate) struct FailedLogIns(Mutex<Failed>);

#[derive(Clone, Default)]
struct Failed {
    count: u64,
    names: BTreeSet<String>,
}

impl FailedLogIns {
    /// Counts a failed attempt in somebody's name.
    pub(crate) fn note(&self, name: &str) {
        let mut failed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failed.count = failed.count.saturating_add(1);
        if failed.names.len() < NAMES {
            failed.names.insert(name.chars().take(64).collect());
        }
    }

    fn take(&self) -> Failed {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_back(&self, failed: Failed) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.count = now.count.saturating_add(failed.count);
        now.names.extend(failed.names);
    }
}

/// Writes down the denials and failed log-ins counted so far; the service's loop calls it once a minute, and
/// at the end. When it cannot, they stay counted for the next time.
///
/// # Errors
/// Only faults.
pub fn flush(service: &Shared) -> Result<(), Failure> {
    let (denials, failed) = (service.denials.take(), service.failed_log_ins.take());
    if denials.is_empty() && failed.count == 0 {
        return Ok(());
    }
    let (shared, counted) = (Arc::clone(service), (denials.clone(), failed.clone()));
    let written = service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let (denials, failed) = &counted;
        write_down(&shared, tx, denials, failed)
    });
    if written.is_err() {
        service.denials.put_back(denials);
        service.failed_log_ins.put_back(failed);
    }
    written
}

fn write_down(
    service: &Shared,
    tx: &mut Tx,
    denials: &BTreeMap<(UserId, Action), u64>,
    failed: &Failed,
) -> Result<(), Failure> {
    let now = service.clock.now();
    for ((user, action), count) in denials {
        let act = Act::Denied { action: action.to_string(), count: *count };
        append(service, tx, Some(user), None, now, act)?;
    }
    if failed.count > 0 {
        let names = u64::try_from(failed.names.len()).unwrap_or(u64::MAX);
        append(service, tx, None, None, now, Act::LogInsFailed { count: failed.count, names })?;
    }
    Ok(())
}
