//! Recording units that were prepared (`POST /studies/{study}/subjects/{subject}/units`).

use store::rows::{dispensation, kit, subject, unit};
use store::{Conn, Tx};
use terms::{Moment, PreparationId, SubjectId};
use trial::act::{Act, UnitsPrepared};
use trial::decide::units::{self as decide, Parent, Prepared, Preparing};

use super::{Stopped, Unit, append_stop, is_withdrawn, kit_of, shown, treatment_at, within_reach};
use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::kits::leaf_at;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;
use crate::site;

/// What was prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The kit, as it was scanned.
    pub kit: String,
    /// How, as the design names it.
    pub preparation: String,
    /// How many units.
    pub units: u32,
    /// When; now when none.
    pub at: Option<Moment>,
}

/// What became of a preparation. Both are recorded, so both commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These units may be used.
    Prepared(Vec<Unit>),
    /// The kit is none of this subject.
    WrongKit,
}

/// Records units that were prepared for a subject, or stops because the kit is none of the subject.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for a subject out of reach, the refusals of [`trial::decide::units::prepare`], of
/// authorization and of the idempotency key.
pub fn prepare(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    command: Command,
) -> Result<Outcome, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &subject, &command);
    once(service, envelope, effect, answer)
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, id: &SubjectId, command: &Command) -> Result<String, Failure> {
    let row = within_reach(tx, scene, id)?;
    let at = command.at.unwrap_or(scene.now);
    let wanted = Preparing {
        scanned: command.kit.clone(),
        preparation: command.preparation.clone(),
        units: command.units,
        at: (at, site::day_at(tx, scene, &row.site, at)?),
    };
    let (now, kits) = (treatment_at(tx, scene, &row, scene.now)?, parents(tx, scene, &row)?);
    let entry = match decide::prepare(scene.design(), now, &kits, &wanted, scene.now)? {
        Prepared::Wrong => append_stop(tx, scene, &row, &Stopped::Wrong(&command.kit), at)?,
        Prepared::Units(kit, hours, units) => {
            let preparation = PreparationId::parse(&command.preparation).map_err(instrument)?;
            let subject = row.id.clone();
            append(tx, scene, &row, UnitsPrepared { subject, kit, preparation, hours, units }, at)?
        }
    };
    Ok(entry.to_string())
}

/// The kits that were ever allocated to the subject: whatever else is scanned is a wrong one.
fn parents(conn: &mut Conn, scene: &Scene<'_>, row: &subject::Subject) -> Result<Vec<Parent>, Failure> {
    let handovers = dispensation::handovers_to(conn, &scene.study, &row.id)?;
    let handed = |kit| handovers.iter().find(|handover| handover.kit == kit).map(|handover| handover.at);
    let mut parents = Vec::new();
    for allocated in kit::allocated_to(conn, &scene.study, &row.id)? {
        let kit = kit_of(conn, scene, allocated.kit)?;
        let prepared = unit::of_kit(conn, &scene.study, kit.number)?.len();
        parents.push(Parent {
            is_withdrawn: is_withdrawn(conn, scene, &kit, scene.now)?,
            number: kit.number,
            state: kit.state,
            label_expiry: kit.label_expiry,
            handed_over: handed(kit.number),
            prepared: u32::try_from(prepared).unwrap_or(u32::MAX),
        });
    }
    Ok(parents)
}

fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    act: UnitsPrepared,
    at: Moment,
) -> Result<u64, Failure> {
    let UnitsPrepared { preparation, hours, units, .. } = act.clone();
    let entry = scene.append_happened(tx, Some(&row.site), Some(at), Act::UnitsPrepared(act))?;
    for number in units {
        let new = unit::Unit {
            number,
            subject: row.id.clone(),
            preparation: preparation.clone(),
            hours,
            by: scene.actor.user.clone(),
            at,
            end: None,
        };
        unit::prepare(tx, &new, entry)?;
    }
    Ok(entry)
}

/// The outcome is read back from its leaf; what has become of the units since does not change it.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Outcome, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    // Whoever asks again may have moved to another site since.
    scene.authority.reaches(leaf.site.as_ref().ok_or_else(|| missing("site"))?)?;
    match leaf.act {
        Act::UnitsPrepared(UnitsPrepared { kit, units, .. }) => {
            let mut rows = unit::of_kit(tx, &scene.study, kit)?;
            rows.retain(|row| units.contains(&row.number));
            let as_prepared = |row| unit::Unit { end: None, ..row };
            let units = shown(tx, scene, rows.into_iter().map(as_prepared).collect())?;
            Ok(Outcome::Prepared(units))
        }
        Act::UnitStopped(_) => Ok(Outcome::WrongKit),
        _ => Err(missing("preparation")),
    }
}
