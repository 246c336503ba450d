//! Units that are prepared on site out of a kit, given and thrown away (KIT-24).

pub mod discard;
pub mod give;
pub mod prepare;
pub mod read;

use store::rows::unit::Stop;
use store::rows::{batch_recall, hold, kit, lot, replacement, subject, unblinding, unit};
use store::{Conn, Tx};
use terms::{KitNumber, Moment, PreparationId, SubjectId, UnitNumber, UserId};
use trial::act::{Act, UnitStopped};
use trial::decide::units::{self as decide, Treatment};
use trial::{HoldOn, SubjectState, UnitEnd};

use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::mail::BlindedEvent;
use crate::subjects::within_reach;
use crate::{notices, site};

/// A unit as everybody who may know of the kit may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its number.
    pub number: UnitNumber,
    /// For whom it was prepared.
    pub subject: SubjectId,
    /// How.
    pub preparation: PreparationId,
    /// Who prepared it.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Until when it may be used, by the label expiry of its kit that is in force now.
    pub use_by: Moment,
    /// Whether that is past now.
    pub is_late: bool,
    /// What became of it, by whom and when.
    pub end: Option<(UnitEnd, UserId, Moment)>,
}

/// What was known of the subject's treatment at a moment: what came later does not count.
fn treatment_at(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &subject::Subject,
    at: Moment,
) -> Result<Treatment, Failure> {
    let study = &scene.study;
    let ended = subject::ends(conn, study, &row.id)?;
    let was_treated = !ended.is_empty() && ended.iter().all(|end| end.at > at);
    let broken = unblinding::of_subject(conn, study, &row.id)?;
    let held = hold::all(conn, study)?.into_iter().any(|hold| {
        let is_here = hold.site.as_ref().is_none_or(|site| *site == row.site);
        let is_past = hold.released_at.is_some_and(|released| released <= at);
        hold.on == HoldOn::Dispensing && is_here && hold.placed_at <= at && !is_past
    });
    Ok(Treatment {
        state: if was_treated { SubjectState::InTreatment } else { row.state },
        code_broken: broken.is_some_and(|broken| broken.at <= at),
        on_hold: held,
    })
}

/// Whether a kit had been called back by then, with its batch or its lot, or another kit had taken its place.
fn is_withdrawn(conn: &mut Conn, scene: &Scene<'_>, row: &kit::Kit, at: Moment) -> Result<bool, Failure> {
    let with_its_batch = batch_recall::find(conn, &scene.study, &row.batch)?.map(|recall| recall.at);
    let with_its_lot = lot::recalled_at(conn, &scene.study, &row.batch, row.number)?;
    let replaced = replacement::of_kit(conn, &scene.study, row.number)?.map(|replaced| replaced.at);
    Ok([with_its_batch, with_its_lot, replaced].into_iter().flatten().any(|since| since <= at))
}

fn kit_of(conn: &mut Conn, scene: &Scene<'_>, number: KitNumber) -> Result<kit::Kit, Failure> {
    kit::find(conn, &scene.study, number)?.ok_or_else(|| missing("kit"))
}

/// Units with their limits, by the label expiries that are in force now.
fn shown(conn: &mut Conn, scene: &Scene<'_>, rows: Vec<unit::Unit>) -> Result<Vec<Unit>, Failure> {
    let mut units = Vec::new();
    for row in rows {
        let kit = kit_of(conn, scene, row.number.kit)?;
        let whose = subject::find(conn, &scene.study, &row.subject)?.ok_or_else(|| missing("subject"))?;
        let zone = site::zone(conn, scene, &whose.site)?;
        let use_by = decide::use_by(row.at, row.hours, kit.label_expiry, zone);
        units.push(Unit {
            number: row.number,
            subject: row.subject,
            preparation: row.preparation,
            by: row.by,
            at: row.at,
            use_by,
            is_late: scene.now > use_by,
            end: row.end.map(|end| (end.became, end.by, end.at)),
        });
    }
    Ok(units)
}

/// The units of a kit, with their limits.
pub(crate) fn of_kit(conn: &mut Conn, scene: &Scene<'_>, kit: KitNumber) -> Result<Vec<Unit>, Failure> {
    let rows = unit::of_kit(conn, &scene.study, kit)?;
    shown(conn, scene, rows)
}

/// What was scanned for a subject, and stopped.
enum Stopped<'a> {
    /// A unit past its limit.
    Late(UnitNumber),
    /// What may be anything, so it is free text: sealed and committed to.
    Wrong(&'a str),
}

/// Records a scan that was stopped, and tells of it as of a wrong kit at the counter.
fn append_stop(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    what: &Stopped<'_>,
    at: Moment,
) -> Result<u64, Failure> {
    let (unit, text) = match what {
        Stopped::Late(unit) => (Some(*unit), None),
        Stopped::Wrong(scanned) => (None, Some(scene.vault.seal_text(tx, "scanned", scanned)?)),
    };
    let (scanned, opening) = text.map(|text| (text.commitment, text.opening)).unzip();
    let act = UnitStopped { subject: row.id.clone(), unit, scanned };
    let entry = scene.append_happened(tx, Some(&row.site), Some(at), Act::UnitStopped(act))?;
    let (subject, by) = (row.id.clone(), scene.actor.user.clone());
    unit::stop(tx, &Stop { subject, unit, scanned: opening, by, at }, entry)?;
    let event = BlindedEvent::UnitStopped { subject: row.id.clone() };
    notices::tell(tx, scene, Some(&row.site), event)?;
    Ok(entry)
}
