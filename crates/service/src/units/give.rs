//! Giving a unit, by the scanned number (`POST /studies/{study}/subjects/{subject}/administrations`).

use store::rows::{subject, unit};
use store::{Conn, Tx};
use terms::{Moment, SubjectId, UnitNumber, UserId};
use trial::UnitEnd;
use trial::act::{Act, UnitGiven};
use trial::decide::units::{self as decide, Scan};

use super::{Stopped, append_stop, is_withdrawn, kit_of, shown, treatment_at, within_reach};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::kits::leaf_at;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// What became of a scan. All are recorded, so all commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The unit is given.
    Given(Given),
    /// The unit is past its limit.
    Late(UnitNumber),
    /// It is no unit of this subject.
    Wrong,
}

/// A unit that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// To whom.
    pub subject: SubjectId,
    /// The unit.
    pub unit: UnitNumber,
    /// When.
    pub at: Moment,
    /// Who wrote it down.
    pub by: UserId,
}

/// Gives a unit, or stops because it is past its limit or none of the subject, which is recorded. The limit is decided
/// at the moment of use, by the label expiry that is in force.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for a subject out of reach, the refusals of [`trial::decide::units::give`], of
/// authorization and of the idempotency key.
pub fn give(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    scanned: String,
    at: Option<Moment>,
) -> Result<Outcome, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &subject, &scanned, at);
    once(service, envelope, effect, answer)
}

fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    id: &SubjectId,
    scanned: &str,
    at: Option<Moment>,
) -> Result<String, Failure> {
    let row = within_reach(tx, scene, id)?;
    let at = at.unwrap_or(scene.now);
    let (then, units) = (treatment_at(tx, scene, &row, at)?, units(tx, scene, &row, at)?);
    let entry = match decide::give(scene.design(), then, &units, scanned, at, scene.now)? {
        Scan::Right(number) => append_given(tx, scene, &row, number, at)?,
        Scan::Late(number) => append_stop(tx, scene, &row, &Stopped::Late(number), at)?,
        Scan::Wrong => append_stop(tx, scene, &row, &Stopped::Wrong(scanned), at)?,
    };
    Ok(entry.to_string())
}

/// The units of the subject, as they stood at that moment.
fn units(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &subject::Subject,
    at: Moment,
) -> Result<Vec<decide::Unit>, Failure> {
    let rows = unit::of_subject(conn, &scene.study, &row.id)?;
    let mut units = Vec::new();
    for unit in shown(conn, scene, rows)? {
        let kit = kit_of(conn, scene, unit.number.kit)?;
        units.push(decide::Unit {
            number: unit.number,
            prepared_at: unit.at,
            use_by: unit.use_by,
            end: unit.end.map(|(became, ..)| became),
            is_withdrawn: is_withdrawn(conn, scene, &kit, at)?,
        });
    }
    Ok(units)
}

fn append_given(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    number: UnitNumber,
    at: Moment,
) -> Result<u64, Failure> {
    let act = Act::UnitGiven(UnitGiven { subject: row.id.clone(), unit: number });
    let entry = scene.append_happened(tx, Some(&row.site), Some(at), act)?;
    let end = unit::End { became: UnitEnd::Given, by: scene.actor.user.clone(), at };
    unit::end(tx, number, &end, None, entry)?;
    Ok(entry)
}

/// The outcome is read back from its leaf, which nothing can change.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Outcome, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    // Whoever asks again may have moved to another site since.
    scene.authority.reaches(leaf.site.as_ref().ok_or_else(|| missing("site"))?)?;
    match (leaf.act, leaf.actor) {
        (Act::UnitGiven(UnitGiven { subject, unit }), Some(by)) => {
            let at = leaf.happened.unwrap_or(leaf.saved);
            Ok(Outcome::Given(Given { subject, unit, at, by }))
        }
        (Act::UnitStopped(stopped), _) => Ok(stopped.unit.map_or(Outcome::Wrong, Outcome::Late)),
        _ => Err(missing("administration")),
    }
}
