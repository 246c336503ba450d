//! Many subjects at once, on a throw-away database: a study of a size that takes years to reach, to be measured.
//!
//! Everything is decided, appended and written by the code of the acts themselves. They are only bundled, a site's in
//! one transaction, each without the request around it: no signature, no idempotency key. So it is refused by a service
//! that remembers its journals outside the database, which every server does.

use std::sync::Arc;

use store::Tx;
use store::rows::dispensation;
use terms::{DispensationId, KitNumber, StudyId, SubjectId, VisitId};
use trial::decide::randomize::Command;
use trial::{Action, Refusal};

use crate::case::{self, Scene};
use crate::failure::{Failure, instrument, missing};
use crate::request::Caller;
use crate::service::Shared;
use crate::subjects::{NewSubject, enter};
use crate::{dispense, hand_over, randomize};

/// Enters subjects and randomizes them, all in one transaction.
///
/// # Errors
/// [`Refusal::AllocationsStopped`] on a database that is not thrown away; the refusals of [`crate::subjects::screen`]
/// and of [`mod@crate::randomize`].
pub fn randomize(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    subjects: Arc<[NewSubject]>,
    command: Command,
) -> Result<(), Failure> {
    assert_thrown_away(service)?;
    case::write(service, caller, study, Action::Randomize, move |tx, scene| {
        subjects.iter().try_for_each(|new| {
            enter(tx, scene, new)?;
            randomize::effect(tx, scene, &new.id, &command).map(drop)
        })
    })
}

/// Hands the kits of a visit over to subjects, all in one transaction.
///
/// # Errors
/// [`Refusal::AllocationsStopped`] on a database that is not thrown away; the refusals of [`mod@crate::dispense`] and
/// of [`mod@crate::hand_over`].
pub fn hand_out(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    subjects: Arc<[SubjectId]>,
    visit: VisitId,
) -> Result<(), Failure> {
    assert_thrown_away(service)?;
    case::write(service, caller, study, Action::Dispense, move |tx, scene| {
        subjects.iter().try_for_each(|subject| hand_out_to(tx, scene, subject, &visit))
    })
}

fn hand_out_to(tx: &mut Tx, scene: &Scene<'_>, subject: &SubjectId, visit: &VisitId) -> Result<(), Failure> {
    let command = dispense::Command { visit: visit.clone(), reason: None };
    let id = dispense::effect(tx, scene, subject, &command)?;
    let id = DispensationId::parse(&id).map_err(instrument)?;
    let row = dispensation::find(tx, &scene.study, &id)?.ok_or_else(|| missing("dispensation"))?;
    let kits: Vec<KitNumber> = dispense::kits_of(tx, scene, &row)?;
    kits.iter().try_for_each(|kit| hand_over::effect(tx, scene, &id, &kit.to_string()).map(drop))
}

fn assert_thrown_away(service: &Shared) -> Result<(), Failure> {
    if service.trust.forgets() { Ok(()) } else { Err(Refusal::AllocationsStopped.into()) }
}
