//! Kits of a dispensation that were replaced, each by another one.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{DispensationId, KitNumber, Moment, OpeningId, StudyId, SubjectId, UserId};
use trial::ReplaceReason;

use crate::schema::{dispensation, kit_replacement as replacement};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The kit that was replaced.
    pub kit: KitNumber,
    /// The dispensation that it was of.
    pub dispensation: DispensationId,
    /// The allocation of the new kit for the visit.
    pub attempt: u32,
    /// The kit that takes its place.
    pub new_kit: KitNumber,
    /// Why.
    pub why: ReplaceReason,
    /// Whether it was one more than the design expects of a subject.
    pub over_limit: bool,
    /// The opening of the explanation.
    pub reason: Option<OpeningId>,
    /// Who asked for it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a replacement to the study whose lock is held; a kit is replaced once.
pub fn add(tx: &mut Tx, new: &Replacement) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(replacement::table)
        .values((
            replacement::study.eq(study),
            replacement::kit.eq(new.kit.to_string()),
            replacement::dispensation.eq(new.dispensation.as_str()),
            replacement::attempt.eq(i64::from(new.attempt)),
            replacement::new_kit.eq(new.new_kit.to_string()),
            replacement::why.eq(new.why.to_string()),
            replacement::over_limit.eq(new.over_limit),
            replacement::reason_opening.eq(new.reason.as_ref().map(OpeningId::as_str)),
            replacement::replaced_by.eq(new.by.as_str()),
            replacement::replaced_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// What replaced a kit, if anything did.
pub fn of_kit(conn: &mut Conn, study: &StudyId, kit: KitNumber) -> Result<Option<Replacement>, Fault> {
    let row: Option<Row> = query()
        .filter(replacement::study.eq(study.as_str()))
        .filter(replacement::kit.eq(kit.to_string()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// The replacements of the kits of a subject, in an order in which a kit that was replaced again comes before what
/// replaced it.
pub fn of_subject(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<Replacement>, Fault> {
    let rows: Vec<Row> = query()
        .filter(dispensation::study.eq(study.as_str()))
        .filter(dispensation::subject.eq(subject.as_str()))
        .order((replacement::dispensation, replacement::attempt))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// All replacements of a study.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Replacement>, Fault> {
    let rows: Vec<Row> = query().filter(dispensation::study.eq(study.as_str())).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    replacement::table
        .inner_join(dispensation::table.on(dispensation::id.eq(replacement::dispensation)))
        .select((
            (replacement::kit, replacement::dispensation, replacement::attempt, replacement::new_kit),
            (replacement::why, replacement::over_limit, replacement::reason_opening),
            (replacement::replaced_by, replacement::replaced_at),
        ))
}

type Row = ((String, String, i64, String), (String, bool, Option<String>), (String, NaiveDateTime));

fn read(
    ((kit, dispensation, attempt, new_kit), (why, over_limit, reason), (by, at)): Row,
) -> Result<Replacement, Fault> {
    let number = |text: &str| KitNumber::parse(text).map_err(|_malformed| Fault::Malformed("kit number"));
    Ok(Replacement {
        kit: number(&kit)?,
        dispensation: to_id(&dispensation, "dispensation id")?,
        attempt: u32::try_from(attempt).map_err(|_range| Fault::Malformed("attempt"))?,
        new_kit: number(&new_kit)?,
        why: why.parse().map_err(|_unknown| Fault::Malformed("reason of a replacement"))?,
        over_limit,
        reason: reason.map(|id| to_id(&id, "opening id")).transpose()?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
