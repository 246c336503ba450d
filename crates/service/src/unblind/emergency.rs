//! A code break in one request, with no log-in before it (`POST /studies/{study}/emergency-unblindings`): for the night
//! in which the database cannot be written, so that nobody can log in or sign (UNB-01, UNB-08).

use std::sync::Arc;

use sha2::{Digest, Sha256};
use store::Conn;
use store::rows::unblinding;
use terms::StudyId;
use trial::decide::unblind as decide;
use trial::{Action, BreakReason};

use super::{Look, Lookup, Recorded, Revealed, effect, named, outside, reveal};
use crate::break_file::{BreakFileError, BreakRecord, State};
use crate::case::{Scene, under_lock, unknown_tree_is_not_found};
use crate::failure::{Failure, instrument};
use crate::once::{Keyed, settled};
use crate::people::{Attempt, Proved, prove};
use crate::request::IdempotencyKey;
use crate::service::{Service, Shared};
use crate::subjects::within_reach;
use crate::throttle::Door;
use crate::trust::Standing;

/// So often the database is tried before the break file is taken: a clinician waits.
const ATTEMPTS: u32 = 2;

/// What is asked for.
#[derive(Clone)]
pub struct Emergency {
    /// In which study.
    pub study: StudyId,
    /// Under which idempotency key.
    pub key: IdempotencyKey,
    /// The log-in name of whoever asks.
    pub login: String,
    /// Of whom.
    pub lookup: Lookup,
    /// The reason category.
    pub reason: BreakReason,
}

impl Emergency {
    /// What was asked, exactly, but for the password: a hash of that which is fast to compute would help a guesser.
    fn digest(&self) -> [u8; 32] {
        let Self { study, login, lookup, reason, .. } = self;
        Sha256::digest(format!("emergency\n{study}\n{login}\n{lookup:?}\n{reason}")).into()
    }
}

/// Breaks a subject's code, by a password that is given with the request: in the journal, or in the break file when
/// the machine fails there. What is shown is recorded in one of the two (UNB-04).
///
/// # Errors
/// [`trial::Refusal::WrongCredentials`], [`trial::Refusal::TooManyAttempts`], [`trial::Refusal::Busy`]; the refusals
/// of [`unblind`](super::unblind). A fault only when it can be recorded nowhere, or not be read.
pub fn emergency(service: &Shared, asked: Emergency, attempt: &Attempt) -> Result<Revealed, Failure> {
    let proved = prove(service, Door::Emergency, &asked.login.trim().to_lowercase(), attempt)?;
    let revealed = match in_journal(service, &asked, &proved) {
        Err(Failure::Fault(fault)) => {
            let source = std::error::Error::source(&fault);
            tracing::error!(%fault, ?source, "a code break cannot be entered into the journal");
            in_break_file(service, &asked, &proved)
        }
        outcome => outcome,
    };
    service.noting(&proved.user, Action::Unblind, revealed)
}

fn in_journal(service: &Shared, asked: &Emergency, proved: &Proved) -> Result<Revealed, Failure> {
    let (shared, asked, proved) = (Arc::clone(service), asked.clone(), proved.clone());
    let study = asked.study.clone();
    let looked = under_lock(service, ATTEMPTS, &study, move |tx, standing| {
        let actor = proved.admit(tx)?;
        let scene = Scene::set_for(&shared, tx, actor, &asked.study, Action::Unblind, standing)?;
        let keyed = Keyed { key: &asked.key, action: Action::Unblind, digest: asked.digest() };
        let id = settled(tx, &scene, keyed, |tx| effect(tx, &scene, &asked.lookup, asked.reason))?;
        Look::record(tx, &scene, &named(&id)?, asked.reason, asked.lookup.found_by())
    });
    outside::keep(service, unknown_tree_is_not_found(looked)?)
}

/// Nobody is answered before the record is on the disk. When the commit has failed with an unknown outcome, the journal
/// may hold one look more than was shown, and never one fewer.
fn in_break_file(service: &Service, asked: &Emergency, proved: &Proved) -> Result<Revealed, Failure> {
    let (mut revealed, record) = service.store.read(|conn| {
        let actor = proved.admit(conn)?;
        let scene = Scene::set_for(service, conn, actor, &asked.study, Action::Unblind, Standing::Unknown)?;
        look(conn, &scene, asked)
    })?;
    service.breaks.write(&record).map_err(instrument)?;
    tracing::error!(study = %record.study, record = %record.id, "a code break is in the break file alone");
    revealed.recorded = Recorded::BreakFile;
    Ok(revealed)
}

/// What is to be shown, and the record that comes before it. A break that was made before stays the break.
fn look(conn: &mut Conn, scene: &Scene<'_>, asked: &Emergency) -> Result<(Revealed, BreakRecord), Failure> {
    let row = {
        let subject = asked.lookup.subject(conn, scene)?;
        within_reach(conn, scene, &subject)?
    };
    let record = outside::record(scene, row.id.clone(), asked.reason, asked.lookup.found_by())?;
    let before = match unblinding::of_subject(conn, &scene.study, &row.id)? {
        Some(broken) => Some(broken),
        None => first_in_file(scene.service, &record).map_err(instrument)?,
    };
    let (subject, state) = (row.id.clone(), row.state);
    let facts = decide::Facts { subject, state, before: before.as_ref().map(|broken| broken.id.clone()) };
    decide::decide(&facts, record.reason, record.found_by, record.id.clone())?;
    let broken = before.unwrap_or_else(|| as_break(&record));
    let (_entered_later, grant) = decide::look(broken.id.clone());
    Ok((reveal::look(conn, scene, broken, &row, &grant)?, record))
}

/// The break of the record's subject that waits in the file already.
fn first_in_file(
    service: &Service,
    of: &BreakRecord,
) -> Result<Option<unblinding::Unblinding>, BreakFileError> {
    let same = |state| match state {
        State::Holds { record, .. } if record.study == of.study && record.subject == of.subject => {
            Some(record)
        }
        _ => None,
    };
    let waiting = service.breaks.read()?.into_iter().filter_map(|slot| same(slot.state));
    Ok(waiting.min_by_key(|record| record.at).as_ref().map(as_break))
}

/// The break that a record makes when it is the first of its subject.
pub(super) fn as_break(record: &BreakRecord) -> unblinding::Unblinding {
    let BreakRecord { id, subject, by, reason, found_by, at, .. } = record.clone();
    unblinding::Unblinding { id, subject, reason, found_by, by, at }
}
