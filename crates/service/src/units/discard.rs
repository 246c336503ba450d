//! Throwing a unit away (`POST /studies/{study}/subjects/{subject}/units/{unit}/disposal`).

use store::Tx;
use store::rows::unit;
use terms::{SubjectId, UnitNumber};
use trial::act::{Act, UnitDiscarded};
use trial::decide::units::discard as decide;
use trial::{Refusal, UnitEnd};

use super::{Unit, shown, within_reach};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;

/// Throws a unit away, with a reason; what is past its limit, too.
///
/// # Errors
/// [`Refusal::NotFound`] for a subject out of reach and for no unit of the subject, [`Refusal::UnitState`] for one that
/// was given or thrown away, [`Refusal::Field`] for an empty or too long reason; the refusals of authorization and of
/// the idempotency key.
pub fn discard(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    number: UnitNumber,
    reason: String,
) -> Result<Unit, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &subject, number, &reason);
    once(service, envelope, effect, answer)
}

fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &SubjectId,
    number: UnitNumber,
    reason: &str,
) -> Result<String, Failure> {
    let row = within_reach(tx, scene, subject)?;
    let mut of_kit = unit::of_kit(tx, &scene.study, number.kit)?;
    of_kit.retain(|unit| unit.number == number && unit.subject == row.id);
    let unit = of_kit.pop().ok_or(Refusal::NotFound)?;
    decide(unit.number, unit.end.map(|end| end.became))?;
    let text = scene.vault.seal_text(tx, "reason", reason)?;
    let act = UnitDiscarded { subject: row.id.clone(), unit: number, reason: text.commitment };
    let entry = scene.append(tx, Some(&row.site), Act::UnitDiscarded(act))?;
    let end = unit::End { became: UnitEnd::Discarded, by: scene.actor.user.clone(), at: scene.now };
    unit::end(tx, number, &end, Some(&text.opening), entry)?;
    Ok(number.to_string())
}

/// Nothing more becomes of it, so its rows answer.
fn answer(tx: &mut Tx, scene: &Scene<'_>, number: &str) -> Result<Unit, Failure> {
    let number: UnitNumber = number.parse().map_err(instrument)?;
    let mut rows = unit::of_kit(tx, &scene.study, number.kit)?;
    rows.retain(|row| row.number == number);
    for row in &rows {
        // Whoever asks again may have moved to another site since.
        within_reach(tx, scene, &row.subject)?;
    }
    shown(tx, scene, rows)?.pop().ok_or_else(|| missing("unit"))
}
