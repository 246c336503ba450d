//! Units that were prepared on site out of a kit, what became of each, and scans that were stopped.

use chrono::NaiveDateTime;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl,
};
use terms::{KitNumber, Moment, OpeningId, PreparationId, StudyId, SubjectId, UnitNumber, UserId};
use trial::UnitEnd;

use crate::schema::{prepared_unit as prepared, unit_end as end, unit_stop as stop};
use crate::stored::{to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its number.
    pub number: UnitNumber,
    /// For whom it was prepared.
    pub subject: SubjectId,
    /// How.
    pub preparation: PreparationId,
    /// Within how many hours it is to be used.
    pub hours: u32,
    /// Who prepared it.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// What became of it.
    pub end: Option<End>,
}

/// What became of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What.
    pub became: UnitEnd,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a unit to the study whose lock is held; `entry` is the index of its journal leaf. Nothing has become of it.
pub fn prepare(tx: &mut Tx, new: &Unit, entry: u64) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(prepared::table)
        .values((
            prepared::study.eq(study),
            prepared::number.eq(new.number.to_string()),
            prepared::kit.eq(new.number.kit.to_string()),
            prepared::subject.eq(new.subject.as_str()),
            prepared::preparation.eq(new.preparation.as_str()),
            prepared::hours.eq(i64::from(new.hours)),
            prepared::entry.eq(to_bigint(entry, "leaf index")?),
            prepared::prepared_by.eq(new.by.as_str()),
            prepared::prepared_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Adds what became of a unit, once.
pub fn end(
    tx: &mut Tx,
    unit: UnitNumber,
    new: &End,
    reason: Option<&OpeningId>,
    entry: u64,
) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(end::table)
        .values((
            end::study.eq(study),
            end::unit.eq(unit.to_string()),
            end::became.eq(new.became.to_string()),
            end::entry.eq(to_bigint(entry, "leaf index")?),
            end::reason_opening.eq(reason.map(OpeningId::as_str)),
            end::ended_by.eq(new.by.as_str()),
            end::ended_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// A scan that was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// For whom.
    pub subject: SubjectId,
    /// The unit that was past its limit.
    pub unit: Option<UnitNumber>,
    /// Else the opening of what was scanned.
    pub scanned: Option<OpeningId>,
    /// Who scanned.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a scan that was stopped; `entry` is the index of its journal leaf.
pub fn stop(tx: &mut Tx, new: &Stop, entry: u64) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(stop::table)
        .values((
            stop::study.eq(study),
            stop::entry.eq(to_bigint(entry, "leaf index")?),
            stop::subject.eq(new.subject.as_str()),
            stop::unit.eq(new.unit.map(|unit| unit.to_string())),
            stop::opening.eq(new.scanned.as_ref().map(OpeningId::as_str)),
            stop::stopped_by.eq(new.by.as_str()),
            stop::stopped_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The units of a subject, in the order of kits and numbers.
pub fn of_subject(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<Unit>, Fault> {
    let rows: Vec<Row> = query()
        .filter(prepared::study.eq(study.as_str()))
        .filter(prepared::subject.eq(subject.as_str()))
        .load(&mut conn.0)?;
    read_all(rows)
}

/// The units of a kit, in the order of their numbers.
pub fn of_kit(conn: &mut Conn, study: &StudyId, kit: KitNumber) -> Result<Vec<Unit>, Fault> {
    let rows: Vec<Row> = query()
        .filter(prepared::study.eq(study.as_str()))
        .filter(prepared::kit.eq(kit.to_string()))
        .load(&mut conn.0)?;
    read_all(rows)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    prepared::table
        .left_join(end::table.on(end::study.eq(prepared::study).and(end::unit.eq(prepared::number))))
        .select((
            (prepared::number, prepared::subject, prepared::preparation),
            (prepared::hours, prepared::prepared_by, prepared::prepared_at),
            (end::became, end::ended_by, end::ended_at).nullable(),
        ))
}

type EndRow = Option<(String, String, NaiveDateTime)>;
type Row = ((String, String, String), (i64, String, NaiveDateTime), EndRow);

/// In the order of kits and numbers, which is not that of their texts.
fn read_all(rows: Vec<Row>) -> Result<Vec<Unit>, Fault> {
    let mut units: Vec<Unit> = rows.into_iter().map(read).collect::<Result<_, _>>()?;
    units.sort_by_key(|unit| unit.number);
    Ok(units)
}

fn read(((number, subject, preparation), (hours, by, at), end): Row) -> Result<Unit, Fault> {
    let end = end.map(|(became, by, at)| {
        Ok::<_, Fault>(End {
            became: became.parse().map_err(|_unknown| Fault::Malformed("end of a unit"))?,
            by: to_id(&by, "user id")?,
            at: Moment::from_stored(at),
        })
    });
    Ok(Unit {
        number: number.parse().map_err(|_malformed| Fault::Malformed("unit number"))?,
        subject: to_id(&subject, "subject id")?,
        preparation: to_id(&preparation, "preparation id")?,
        hours: u32::try_from(hours).map_err(|_range| Fault::Malformed("hours"))?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
        end: end.transpose()?,
    })
}
