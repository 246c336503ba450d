//! Recording a visit (`POST /studies/{study}/subjects/{subject}/visits`).

use store::rows::{subject, visit};
use store::{Conn, Tx};
use terms::{Day, Moment, StudyId, SubjectId, UserId, VisitId};
use trial::Action;
use trial::act::{Act, VisitRecorded};
use trial::decide::visit as decide;

use super::{day_one, within_reach};
use crate::case::{self, Scene};
use crate::failure::{Failure, instrument, missing};
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::Shared;
use crate::site;

/// A visit as it was recorded: the day on which it took place, and the moment at which it was saved (AUD-07).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedVisit {
    /// The visit.
    pub visit: VisitId,
    /// The day on which it took place, at the site.
    pub day: Day,
    /// Whether that day lies in the visit's window; none before randomization, when no day is planned.
    pub in_window: Option<bool>,
    /// Whether it corrects an earlier record.
    pub corrects: bool,
    /// Who recorded it.
    pub by: UserId,
    /// When it was recorded.
    pub at: Moment,
}

/// Records a visit. A day outside the window is recorded and told, and never refused.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for a subject out of reach, the refusals of [`trial::decide::visit`], of authorization
/// and of the idempotency key.
pub fn record_visit(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    visit: VisitId,
    day: Day,
    correction_reason: Option<String>,
) -> Result<RecordedVisit, Failure> {
    let id = subject.clone();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        effect(tx, scene, &subject, &visit, day, correction_reason.as_deref())
    };
    once(service, envelope, effect, move |tx, scene, entry| answer(tx, scene, &id, entry))
}

/// Whether a visit could be recorded so, and whether its day lies in its window: asked before it is read once more.
/// Nothing is stored, and nothing is promised.
///
/// # Errors
/// As [`record_visit`], but for the key.
pub fn rehearse_visit(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    subject: &SubjectId,
    (visit, day, correction_reason): (&VisitId, Day, Option<&str>),
) -> Result<Option<bool>, Failure> {
    case::read(service, caller, study, Action::RecordVisit, |conn, scene| {
        let row = within_reach(conn, scene, subject)?;
        let facts = facts(conn, scene, &row, visit, correction_reason)?;
        Ok(decide::decide(scene.design(), &facts, visit, day)?)
    })
}

fn facts(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &subject::Subject,
    visit: &VisitId,
    reason: Option<&str>,
) -> Result<decide::Facts, Failure> {
    let before = visit::of_subject(conn, &scene.study, &row.id)?;
    Ok(decide::Facts {
        today: site::today(conn, scene, &row.site)?,
        day_one: day_one(conn, scene, row)?,
        recorded_before: before.iter().any(|record| record.visit == *visit),
        reason_given: reason.is_some(),
    })
}

fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &SubjectId,
    visit: &VisitId,
    day: Day,
    reason: Option<&str>,
) -> Result<String, Failure> {
    let row = within_reach(tx, scene, subject)?;
    let facts = facts(tx, scene, &row, visit, reason)?;
    let in_window = decide::decide(scene.design(), &facts, visit, day)?;
    let reason = reason.filter(|_given| facts.recorded_before);
    let reason = reason.map(|text| scene.vault.seal_text(tx, "correction_reason", text)).transpose()?;
    let correction_reason = reason.as_ref().map(|reason| reason.commitment);
    let (whose, which) = (subject.clone(), visit.clone());
    let act = VisitRecorded { subject: whose, visit: which, day, in_window, correction_reason };
    let entry = scene.append(tx, Some(&row.site), Act::VisitRecorded(act))?;
    let record = visit::Record {
        subject: subject.clone(),
        visit: visit.clone(),
        entry,
        day,
        in_window,
        correction: reason.map(|reason| reason.opening),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    visit::add(tx, &record)?;
    Ok(entry.to_string())
}

fn answer(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &SubjectId,
    entry: &str,
) -> Result<RecordedVisit, Failure> {
    let entry: u64 = entry.parse().map_err(instrument)?;
    within_reach(tx, scene, subject)?;
    let records = visit::of_subject(tx, &scene.study, subject)?;
    let record = records.into_iter().find(|record| record.entry == entry);
    Ok(recorded(record.ok_or_else(|| missing("visit record"))?))
}

pub(super) fn recorded(record: visit::Record) -> RecordedVisit {
    RecordedVisit {
        visit: record.visit,
        day: record.day,
        in_window: record.in_window,
        corrects: record.correction.is_some(),
        by: record.by,
        at: record.at,
    }
}
