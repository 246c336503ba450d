//! A subject's leaving: the screening, the drug, or the study.

use std::collections::BTreeSet;

use store::Tx;
use store::rows::subject;
use terms::{Moment, SubjectId, UserId};
use trial::act::Act;
use trial::decide::screen as decide;
use trial::{Refusal, StopReason, Stops, SubjectState};

use super::within_reach;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// What a subject left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The subject.
    pub subject: SubjectId,
    /// What became of the subject by it.
    pub state: SubjectState,
    /// Why the subject stopped; none for a screen failure.
    pub reason: Option<StopReason>,
    /// The criteria that were not fulfilled, of a screen failure.
    pub criteria: Vec<String>,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Records a screen failure, with the criteria that were not fulfilled; none when the subject did not want to go on.
///
/// # Errors
/// [`Refusal::NotFound`] for a subject out of reach, [`Refusal::SubjectState`], [`Refusal::Field`] for a criterion
/// that is not of the design; the refusals of authorization and of the idempotency key.
pub fn fail_screening(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    criteria: BTreeSet<String>,
) -> Result<Left, Failure> {
    let id = subject.clone();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = within_reach(tx, scene, &subject)?;
        let state = decide::fail(row.state)?;
        check_criteria(scene, &criteria)?;
        let criteria: Vec<String> = criteria.iter().cloned().collect();
        let text = Some(criteria.join(", "));
        let act = Act::ScreeningFailed { subject: subject.clone(), criteria };
        end(tx, scene, &row, act, subject::End { criteria: text, ..ending(scene, &row, state) })
    };
    once(service, envelope, effect, move |tx, scene, state| answer(tx, scene, &id, state))
}

/// Records that a subject stops the drug or leaves the study: the one is not the other.
///
/// # Errors
/// [`Refusal::NotFound`] for a subject out of reach, the refusals of [`trial::decide::screen::stop`], of authorization
/// and of the idempotency key.
pub fn withdraw(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    stops: Stops,
    reason: StopReason,
) -> Result<Left, Failure> {
    let id = subject.clone();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = within_reach(tx, scene, &subject)?;
        let state = decide::stop(row.state, stops)?;
        let act = Act::SubjectStopped { subject: subject.clone(), stops, reason };
        end(tx, scene, &row, act, subject::End { reason: Some(reason), ..ending(scene, &row, state) })
    };
    once(service, envelope, effect, move |tx, scene, state| answer(tx, scene, &id, state))
}

fn check_criteria(scene: &Scene<'_>, criteria: &BTreeSet<String>) -> Result<(), Refusal> {
    match criteria.iter().find(|id| scene.design().criterion(id).is_none()) {
        Some(_unknown) => Err(Refusal::field("criteria", "holds an id that is no criterion of the design")),
        None => Ok(()),
    }
}

/// A subject's ending now, in this person's name, without its reasons.
fn ending(scene: &Scene<'_>, row: &subject::Subject, state: SubjectState) -> subject::End {
    subject::End {
        subject: row.id.clone(),
        state,
        reason: None,
        criteria: None,
        by: scene.actor.user.clone(),
        at: scene.now,
    }
}

/// Writes an ending: the leaf, the row, and the state.
fn end(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    act: Act,
    ended: subject::End,
) -> Result<String, Failure> {
    scene.append(tx, Some(&row.site), act)?;
    subject::add_end(tx, &ended)?;
    subject::change(tx, &row.id, row.state, ended.state, scene.now)?;
    Ok(ended.state.to_string())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, subject: &SubjectId, state: &str) -> Result<Left, Failure> {
    within_reach(tx, scene, subject)?;
    let ends = subject::ends(tx, &scene.study, subject)?;
    let ended = ends.into_iter().find(|ended| ended.state.to_string() == state);
    let ended = ended.ok_or_else(|| missing("end of a subject"))?;
    Ok(ended.into())
}

impl From<subject::End> for Left {
    fn from(ended: subject::End) -> Self {
        let subject::End { subject, state, reason, criteria, by, at } = ended;
        let criteria = criteria.unwrap_or_default();
        let criteria = criteria.split(", ").filter(|id| !id.is_empty()).map(str::to_owned).collect();
        Self { subject, state, reason, criteria, by, at }
    }
}
