//! Entering into the journal what the break file holds, once the database can be written and is trusted.

use std::collections::BTreeMap;
use std::sync::Arc;

use store::rows::{leaf, receipt, role, subject, unblinding};
use store::{Conn, Tree, Tx};
use terms::{SiteId, StudyId, UnblindingId};
use trial::act::Act;
use trial::decide::unblind as decide;
use trial::{Actor, Authority, Reach};

use super::emergency::as_break;
use super::{append, outside};
use crate::break_file::{BreakRecord, State};
use crate::case::{Scene, in_force, under_lock};
use crate::failure::{Failure, instrument};
use crate::journal;
use crate::service::{Service, Shared};
use crate::trust::Standing;
use crate::vault::Vault;

/// So often the database is tried: what is not entered now is entered at the next call.
const ATTEMPTS: u32 = 2;

/// What became of the records in the break file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// They were entered into the journal now.
    pub entered: Vec<UnblindingId>,
    /// They stay where they are.
    pub left: Vec<Left>,
}

/// A record that stays in the break file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Its place in the file, from 0.
    pub place: usize,
    /// Its study and id, where they can be read.
    pub record: Option<(StudyId, UnblindingId)>,
    /// Why.
    pub why: Why,
}

/// Why a record stays in the break file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was altered, or the machine stopped while it was written, and then nothing was shown.
    Damaged,
    /// The database is not trusted with the study.
    Distrusted,
    /// The database does not know the study, the subject as randomized, or the right of the person.
    Unknown,
}

enum Outcome {
    Entered,
    Before,
    Stays(Why),
}

/// Enters every record that the database does not have, in the order in which the codes were broken, each once however
/// many servers do it at the same time. The service's loop calls it once a minute, and the server at its start.
///
/// Records that were entered before are looked at as well: an old backup that was restored gets them again.
///
/// # Errors
/// Faults; what was not entered stays in the file.
pub fn merge(service: &Shared) -> Result<Merged, Failure> {
    let mut merged = Merged::default();
    let (mut held, mut failed) = (Vec::new(), BTreeMap::new());
    for slot in service.breaks.read().map_err(instrument)? {
        match slot.state {
            State::Holds { record, entered } => held.push((slot.index, record, entered)),
            State::Damaged => {
                merged.left.push(Left { place: slot.index, record: None, why: Why::Damaged });
            }
            State::Empty => {}
        }
    }
    held.sort_by_key(|(_, record, _)| record.at);
    for (place, record, is_marked) in held {
        // One study's trouble does not keep another's back, and is waited for once.
        if failed.contains_key(&record.study) {
            continue;
        }
        match enter(service, &record) {
            // It stands in the journal that is trusted, and waits for nothing.
            Ok(Outcome::Stays(Why::Distrusted)) if is_marked => {}
            Ok(Outcome::Stays(why)) => {
                let record = Some((record.study, record.id));
                merged.left.push(Left { place, record, why });
            }
            Ok(done) => {
                if !is_marked {
                    service.breaks.mark_entered(place, &record).map_err(instrument)?;
                }
                merged.entered.extend(matches!(done, Outcome::Entered).then_some(record.id));
            }
            Err(failure) => drop(failed.insert(record.study, failure)),
        }
    }
    failed.into_values().next().map_or(Ok(merged), Err)
}

fn enter(service: &Shared, record: &BreakRecord) -> Result<Outcome, Failure> {
    let tree = Tree::Study(record.study.clone());
    let known = service.store.read(|conn| {
        let head = leaf::frontier(conn, &tree)?;
        let standing = service.trust.judge(conn, &record.study, &head)?.standing;
        judge(conn, record, standing)
    });
    match known {
        Ok(None) => {}
        Ok(Some(outcome)) => return Ok(outcome),
        Err(Failure::Fault(store::Fault::NoTree(_))) => return Ok(Outcome::Stays(Why::Unknown)),
        Err(failure) => return Err(failure),
    }
    let (shared, of) = (Arc::clone(service), record.clone());
    let outcome = under_lock(service, ATTEMPTS, &record.study, move |tx, standing| {
        // Another server may have entered it since: whoever holds the lock decides.
        match judge(tx, &of, standing)? {
            Some(outcome) => Ok(outcome),
            None => enter_new(tx, &shared, &of),
        }
    })?;
    if matches!(outcome, Outcome::Entered) {
        journal::mail_checkpoint(service, &record.study);
    }
    Ok(outcome)
}

/// What is to be said of a record without entering it.
fn judge(conn: &mut Conn, record: &BreakRecord, standing: Standing) -> Result<Option<Outcome>, Failure> {
    if standing != Standing::Extends {
        return Ok(Some(Outcome::Stays(Why::Distrusted)));
    }
    let receipt = receipt::find(conn, &record.study, record.id.as_str())?;
    Ok(receipt.map(|_entered| Outcome::Before))
}

fn enter_new(tx: &mut Tx, service: &Service, record: &BreakRecord) -> Result<Outcome, Failure> {
    let row = subject::find(tx, &record.study, &record.subject)?;
    let Some(row) = row.filter(|row| row.state.is_randomized()) else {
        return Ok(Outcome::Stays(Why::Unknown));
    };
    if !had_right(tx, record, &row.site)? {
        return Ok(Outcome::Stays(Why::Unknown));
    }
    let scene = scene(tx, service, record)?;
    let before = unblinding::of_subject(tx, &record.study, &row.id)?.map(|broken| broken.id);
    let (subject, state) = (row.id.clone(), row.state);
    let facts = decide::Facts { subject, state, before };
    let broken = match decide::decide(&facts, record.reason, record.found_by, record.id.clone())? {
        decide::Break::Before(id) => id,
        decide::Break::New(act) => {
            append(tx, &scene, &row, &as_break(record), Some(record.at), act)?;
            record.id.clone()
        }
    };
    let look = Act::UnblindingViewed { unblinding: broken.clone() };
    scene.append_happened(tx, Some(&row.site), Some(record.at), look)?;
    outside::keep_receipt(tx, &scene, record, &broken)?;
    Ok(Outcome::Entered)
}

/// The person held the role when the code was broken, or holds it now: the replay asks the same.
fn had_right(conn: &mut Conn, record: &BreakRecord, site: &SiteId) -> Result<bool, Failure> {
    let grants = role::of_user(conn, &record.by)?;
    Ok(grants.iter().any(|grant| {
        let held = &grant.held;
        let covers = held.site.as_ref().is_none_or(|of| of == site);
        let of_role = held.role == record.role && held.study.as_ref() == Some(&record.study) && covers;
        let then = grant.granted_at <= record.at && grant.revoked_at.is_some_and(|at| at > record.at);
        of_role && (grant.is_in_force() || (then && (grant.confirmed || !grant.needs_second)))
    }))
}

/// The scene as the person acted in it, but for the time: a leaf is saved now, and never before it happened.
fn scene<'a>(tx: &mut Tx, service: &'a Service, record: &BreakRecord) -> Result<Scene<'a>, Failure> {
    Ok(Scene {
        service,
        actor: Actor { user: record.by.clone(), roles: Vec::new() },
        authority: Authority { role: record.role, reach: Reach::Study },
        study: record.study.clone(),
        in_force: in_force(service, tx, &record.study)?,
        vault: Vault::unlock(service, tx, &Tree::Study(record.study.clone()))?,
        now: service.clock.now().max(record.at),
        standing: Standing::Extends,
    })
}
