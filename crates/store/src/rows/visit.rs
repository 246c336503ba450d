//! Visits as they were recorded. Append-only: a correction is another record of the same visit, and the last one
//! counts.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{Day, Moment, OpeningId, StudyId, SubjectId, UserId, VisitId};

use crate::schema::visit_record as record;
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A record of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The subject.
    pub subject: SubjectId,
    /// The visit.
    pub visit: VisitId,
    /// The index of its journal leaf.
    pub entry: u64,
    /// The day on which it took place, at the site.
    pub day: Day,
    /// Whether that day lies in the visit's window; none before randomization, when no day is planned.
    pub in_window: Option<bool>,
    /// The opening of the reason why an earlier record is corrected.
    pub correction: Option<OpeningId>,
    /// Who recorded it.
    pub by: UserId,
    /// When it was recorded.
    pub at: Moment,
}

/// Adds a record to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Record) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(record::table)
        .values((
            record::study.eq(study),
            record::subject.eq(new.subject.as_str()),
            record::visit.eq(new.visit.as_str()),
            record::entry.eq(to_bigint(new.entry, "leaf index")?),
            record::day.eq(new.day),
            record::in_window.eq(new.in_window),
            record::correction_opening.eq(new.correction.as_ref().map(OpeningId::as_str)),
            record::recorded_by.eq(new.by.as_str()),
            record::recorded_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

type Columns = (
    (record::visit, record::entry, record::day, record::in_window),
    (record::correction_opening, record::recorded_by, record::recorded_at),
);

const COLUMNS: Columns = (
    (record::visit, record::entry, record::day, record::in_window),
    (record::correction_opening, record::recorded_by, record::recorded_at),
);

/// All records of a subject's visits, in the order of recording.
pub fn of_subject(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<Record>, Fault> {
    let rows: Vec<Row> = record::table
        .filter(record::study.eq(study.as_str()))
        .filter(record::subject.eq(subject.as_str()))
        .order(record::entry)
        .select(COLUMNS)
        .load(&mut conn.0)?;
    rows.into_iter().map(|row| read(subject, row)).collect()
}

/// All records of a study's visits, in the order of recording.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Record>, Fault> {
    let rows: Vec<(String, Row)> = record::table
        .filter(record::study.eq(study.as_str()))
        .order(record::entry)
        .select((record::subject, COLUMNS))
        .load(&mut conn.0)?;
    rows.into_iter().map(|(subject, row)| read(&to_id(&subject, "subject id")?, row)).collect()
}

type Row = ((String, i64, Day, Option<bool>), (Option<String>, String, NaiveDateTime));

fn read(
    subject: &SubjectId,
    ((visit, entry, day, in_window), (correction, by, at)): Row,
) -> Result<Record, Fault> {
    Ok(Record {
        subject: subject.clone(),
        visit: to_id(&visit, "visit id")?,
        entry: from_bigint(entry, "leaf index")?,
        day,
        in_window,
        correction: correction.map(|id| to_id(&id, "opening id")).transpose()?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
