//! The alerts that stand (`GET /studies/{study}/alerts`).

use store::Conn;
use store::rows::alert;
use terms::StudyId;
use trial::Action;
use trial::alerts::{self, owner, standing};

use super::{Alert, is_seen, known, said};
use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// The alerts that stand at this moment and that the caller may see, in the order of kind, place and reference.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn alerts(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Alert>, Failure> {
    case::read(service, caller, study, Action::ReadAlerts, |conn, scene| {
        let seen = seen_by(conn, scene)?.into_iter();
        let rows = alert::all(conn, study)?;
        seen.map(|alert| shown(conn, scene, alert, &rows)).collect()
    })
}

/// The alerts that stand and that the one who asks may see.
pub(crate) fn seen_by(conn: &mut Conn, scene: &Scene<'_>) -> Result<Vec<alerts::Alert>, Failure> {
    let facts = known::facts(conn, scene)?;
    let standing = standing(&scene.design().alerts, facts.facts()).into_iter();
    Ok(standing.filter(|alert| is_seen(scene, alert.kind, &alert.place)).collect())
}

fn shown(
    conn: &mut Conn,
    scene: &Scene<'_>,
    standing: alerts::Alert,
    rows: &[alert::Alert],
) -> Result<Alert, Failure> {
    let row = rows.iter().find(|row| row.cleared_at.is_none() && is_of(row, &standing));
    let done = row.and_then(|row| row.acknowledged.as_ref());
    Ok(Alert {
        owner: owner(standing.kind, &standing.place),
        raised: row.map(|row| (row.id.clone(), row.raised_at)),
        acknowledged: done.map(|done| (done.by.clone(), done.at)),
        text: said(conn, scene, done)?,
        kind: standing.kind,
        place: standing.place,
        reference: standing.reference,
        says: Some(standing.says.to_string()),
        known: Some(standing.says),
    })
}

/// Whether a row was raised for this.
pub(super) fn is_of(row: &alert::Alert, standing: &alerts::Alert) -> bool {
    (row.kind, &row.place, &row.reference) == (standing.kind, &standing.place, &standing.reference)
}
