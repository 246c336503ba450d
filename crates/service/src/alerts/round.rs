//! Raising and clearing alerts, and telling again of those that nobody acknowledges, which the service does by itself.

use std::sync::Arc;

use store::rows::{alert, notice, study, tally};
use store::{ATTEMPTS, Conn, Tree, Tx};
use terms::{AlertId, Moment, StudyId};
use trial::Role;
use trial::act::{Act, AlertCleared, AlertRaised};
use trial::alerts::{self, owner, standing};

use super::facts;
use super::read::is_of;
use crate::case::{self, InForce};
use crate::failure::Failure;
use crate::mail::{BlindedEvent, RaisedAlert};
use crate::notices;
use crate::service::{Service, Shared};
use crate::study::operator::Operator;
use crate::trust::Standing;

/// Seconds until an alert that nobody has acknowledged is told again.
const A_DAY: i64 = 24 * 60 * 60;

/// Raises the alerts that stand, each once, tells again once a day of those that nobody has acknowledged, and
/// clears those that do not stand any more; the service's loop calls it once a minute. One study's trouble does not
/// keep another's alerts back: it is logged, and tried again at the next call.
///
/// # Errors
/// Faults of reading which studies there are.
pub fn round(service: &Shared) -> Result<(), Failure> {
    let studies = service.store.read(|conn| Ok::<_, Failure>(study::all(conn)?))?;
    for (study, _) in studies {
        if let Err(failure) = of_study(service, &study) {
            tracing::warn!(%study, ?failure, "the alerts could not be looked after; it is tried again");
        }
    }
    Ok(())
}

/// What is to be done.
struct Changes {
    ended: Vec<alert::Alert>,
    new: Vec<(alerts::Alert, u32)>,
    unheard: Vec<(AlertId, alerts::Alert)>,
}

impl Changes {
    fn are_none(&self) -> bool {
        self.ended.is_empty() && self.new.is_empty() && self.unheard.is_empty()
    }
}

/// The lock is taken only when something changes. Nothing is written into a database that is not trusted with the
/// study.
fn of_study(service: &Shared, study: &StudyId) -> Result<(), Failure> {
    let found = service.store.read(|conn| {
        let in_force = case::in_force(service, conn, study)?;
        changes(conn, service, study, &in_force)
    })?;
    if found.are_none() {
        return Ok(());
    }
    let (shared, of) = (Arc::clone(service), study.clone());
    case::under_lock(service, ATTEMPTS, study, move |tx, trusted| {
        if trusted != Standing::Extends {
            return Ok(());
        }
        // Another server may have done it since: whoever holds the lock decides anew.
        let in_force = case::in_force(&shared, tx, &of)?;
        let Changes { ended, new, unheard } = changes(tx, &shared, &of, &in_force)?;
        let service = Operator::of(&shared, tx, &of, Some(in_force.version))?;
        ended.iter().try_for_each(|row| clear(tx, &service, row))?;
        unheard.into_iter().try_for_each(|(id, stands)| remind(tx, &service, &of, &id, stands))?;
        new.into_iter().try_for_each(|(new, ordinal)| raise(tx, &service, &of, new, ordinal))
    })
}

fn changes(
    conn: &mut Conn,
    service: &Service,
    study: &StudyId,
    in_force: &InForce,
) -> Result<Changes, Failure> {
    let now = service.clock.now();
    let tallies = tally::of_study(conn, study)?;
    let facts = facts::load(conn, study, &in_force.design, now, &tallies)?;
    let standing = standing(&in_force.design.alerts, &facts);
    let rows = alert::all(conn, study)?;
    let (cleared, open): (Vec<alert::Alert>, Vec<_>) =
        rows.into_iter().partition(|row| row.cleared_at.is_some());
    let ordinal = |new: &alerts::Alert| {
        let before = cleared.iter().filter(|row| is_of(row, new)).map(|row| row.ordinal);
        before.max().unwrap_or(0).saturating_add(1)
    };
    let is_new = |stands: &&alerts::Alert| !open.iter().any(|row| is_of(row, stands));
    let new = standing.iter().filter(is_new).map(|new| (new.clone(), ordinal(new))).collect();
    let has_ended = |row: &alert::Alert| !standing.iter().any(|stands| is_of(row, stands));
    let mut unheard = Vec::new();
    for stands in &standing {
        if let Some(row) = open.iter().find(|row| is_of(row, stands))
            && is_unheard(conn, study, row, now)?
        {
            unheard.push((row.id.clone(), stands.clone()));
        }
    }
    Ok(Changes { ended: open.iter().filter(|row| has_ended(row)).cloned().collect(), new, unheard })
}

/// Whether somebody is to be told of an alert again: a day after the last time, until its owner takes note.
fn is_unheard(conn: &mut Conn, study: &StudyId, row: &alert::Alert, now: Moment) -> Result<bool, Failure> {
    let (tree, about) = (Tree::Study(study.clone()), row.id.as_str());
    let raised = notice::last_queued_about(conn, &tree, "alert_raised", about)?;
    let reminded = notice::last_queued_about(conn, &tree, "alert_reminded", about)?;
    let last = raised.max(reminded).unwrap_or(row.raised_at);
    if row.acknowledged.is_some() || now < last.plus_seconds(A_DAY) {
        return Ok(false);
    }
    let names_kits = !alerts::sees(Role::SupplyManager, row.kind, &row.place);
    // Where nobody is to be told, no lock is taken for it every minute.
    Ok(!notices::told_of_alert(conn, study, &row.place, names_kits)?.is_empty())
}

fn clear(tx: &mut Tx, service: &Operator<'_>, row: &alert::Alert) -> Result<(), Failure> {
    let act = Act::AlertCleared(AlertCleared { alert: row.id.clone() });
    let entry = service.append(tx, row.place.site(), act)?;
    Ok(alert::clear(tx, &row.id, entry, service.now)?)
}

fn raise(
    tx: &mut Tx,
    service: &Operator<'_>,
    study: &StudyId,
    new: alerts::Alert,
    ordinal: u32,
) -> Result<(), Failure> {
    let id: AlertId = service.service.entropy.id()?;
    let alerts::Alert { kind, place, reference, says } = new;
    let act = AlertRaised { alert: id.clone(), kind, place: place.clone(), reference: reference.clone() };
    let entry = service.append(tx, place.site(), Act::AlertRaised(act))?;
    let row = alert::Alert {
        id: id.clone(),
        kind,
        place: place.clone(),
        reference: reference.clone(),
        ordinal,
        raised_at: service.now,
        acknowledged: None,
        cleared_at: None,
    };
    alert::raise(tx, &row, entry)?;
    let (at, told) = (place.clone(), told(alerts::Alert { kind, place, reference, says }));
    notices::tell_alert(tx, service.service, study, service.now, (&id, &at, BlindedEvent::AlertRaised(told)))
}

/// A mail is no act, so no leaf tells of it.
fn remind(
    tx: &mut Tx,
    service: &Operator<'_>,
    study: &StudyId,
    id: &AlertId,
    stands: alerts::Alert,
) -> Result<(), Failure> {
    let (at, told) = (stands.place.clone(), told(stands));
    notices::tell_alert(tx, service.service, study, service.now, (id, &at, BlindedEvent::AlertReminded(told)))
}

fn told(alert: alerts::Alert) -> RaisedAlert {
    let alerts::Alert { kind, place, reference, says } = alert;
    RaisedAlert { owner: owner(kind, &place), kind, place, reference, says: says.to_string() }
}
