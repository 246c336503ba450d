//! The units of a subject (`GET /studies/{study}/subjects/{subject}/units`).

use store::rows::unit;
use terms::{StudyId, SubjectId};
use trial::Action;

use super::{Unit, shown, within_reach};
use crate::case;
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// The units that were prepared for a subject, in the order of kits and numbers.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for a subject out of reach, and the refusals of authorization.
pub fn of_subject(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    subject: &SubjectId,
) -> Result<Vec<Unit>, Failure> {
    case::read(service, caller, study, Action::ReadDispensations, |conn, scene| {
        within_reach(conn, scene, subject)?;
        let rows = unit::of_subject(conn, study, subject)?;
        shown(conn, scene, rows)
    })
}
