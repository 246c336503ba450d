//! Subjects: entering them, their visits, and their leaving. Nothing here knows an arm.

mod due;
mod leave;
mod record;
mod screen;
mod view;

use store::Conn;
use store::rows::{dispensation, randomization, subject};
use terms::{Day, SubjectId};
use trial::Refusal;

use crate::case::Scene;
use crate::failure::Failure;
use crate::site;

pub use due::{Due, Listed, Timing, due, listed};
pub use leave::{Left, fail_screening, withdraw};
pub use record::{RecordedVisit, record_visit, rehearse_visit};
pub(crate) use screen::enter;
pub use screen::{NewSubject, screen};
pub(crate) use view::placed;
pub use view::{Broken, Placed, PlannedVisit, Summary, View, list, one};

/// A subject of a site within reach; any other is as if it did not exist.
pub(crate) fn within_reach(
    conn: &mut Conn,
    scene: &Scene<'_>,
    id: &SubjectId,
) -> Result<subject::Subject, Failure> {
    let row = subject::find(conn, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    scene.authority.reaches(&row.site)?;
    Ok(row)
}

/// Day 1 of a subject: the day of the first dispensation or, before it, of the randomization; none before either.
pub(crate) fn day_one(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &subject::Subject,
) -> Result<Option<Day>, Failure> {
    let dispensed = dispensation::of_subject(conn, &scene.study, &row.id)?;
    if let Some(day) = dispensed.iter().map(|done| done.day).min() {
        return Ok(Some(day));
    }
    let randomized = randomization::of_subject(conn, &scene.study, &row.id)?;
    randomized.map(|randomized| site::day_at(conn, scene, &row.site, randomized.at)).transpose()
}
