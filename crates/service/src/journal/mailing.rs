//! Mailing checkpoints to addresses outside the operator's hands: daily, and soon after every code break. (That of a
//! list's release goes with its own notice.) Signing must not stand in the way of a break, so it comes after it.

use std::sync::Arc;

use store::rows::{notice, study, unblinding};
use store::{Conn, Tree, Tx};
use terms::{Moment, StudyId};

use super::checkpoint::sign_head;
use crate::failure::Failure;
use crate::notices;
use crate::service::Shared;

const DAY: i64 = 24 * 60 * 60;

/// Signs and queues the checkpoints that are due; the service's loop calls it once a minute. One study's trouble does
/// not keep another's back: it is logged, and tried again at the next call.
///
/// # Errors
/// Faults of reading which studies there are.
pub fn mail_checkpoints(service: &Shared) -> Result<(), Failure> {
    let studies = service.store.read(|conn| Ok::<_, Failure>(study::all(conn)?))?;
    for (study, _) in studies {
        let is_due = service.store.read(|conn| is_due(conn, &study, service.clock.now()));
        if is_due.as_ref().is_ok_and(|is_due| !is_due) {
            continue;
        }
        if let Err(failure) = is_due.and_then(|_| mail(service, &study, self::is_due)) {
            tracing::warn!(%study, ?failure, "a checkpoint could not be mailed; it is tried again");
        }
    }
    Ok(())
}

/// The same of one study, due or not: of a code break that was entered long after it was made. When it cannot be
/// mailed, the daily one comes all the same.
pub(crate) fn mail_checkpoint(service: &Shared, study: &StudyId) {
    if let Err(failure) = mail(service, study, |_conn, _study, _now| Ok(true)) {
        tracing::warn!(%study, ?failure, "a checkpoint could not be mailed; the next one comes within a day");
    }
}

fn mail(
    service: &Shared,
    study: &StudyId,
    is_due: fn(&mut Conn, &StudyId, Moment) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let now = service.clock.now();
    let (shared, of) = (Arc::clone(service), study.clone());
    service.store.write(Tree::Study(study.clone()), move |tx: &mut Tx| {
        // Another instance may have mailed it since: whoever holds the lock decides.
        if !is_due(tx, &of, now)? {
            return Ok(());
        }
        let head = tx.frontier().clone();
        let standing = shared.trust.judge(tx, &of, &head)?.standing;
        let note = sign_head(tx, &shared, &of, standing, now)?;
        notices::tell_checkpoint(tx, &shared, &of, now, &note)
    })
}

/// Whether a day has passed since the last one, or a code was broken since.
fn is_due(conn: &mut Conn, study: &StudyId, now: Moment) -> Result<bool, Failure> {
    let tree = Tree::Study(study.clone());
    let Some(last) = notice::last_queued(conn, &tree, "checkpoint")? else { return Ok(true) };
    let broken = unblinding::all(conn, study)?.iter().any(|broken| broken.at > last);
    Ok(broken || last.plus_seconds(DAY) <= now)
}
