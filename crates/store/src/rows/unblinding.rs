//! Code breaks: that, by whom, when and why; never what was seen. One to a subject, and append-only.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Moment, OpeningId, StudyId, SubjectId, UnblindingId, UserId};
use trial::{BreakReason, FoundBy};

use crate::schema::{unblinding, unblinding_note as note};
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A code break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unblinding {
    /// Its id.
    pub id: UnblindingId,
    /// The subject.
    pub subject: SubjectId,
    /// The reason category.
    pub reason: BreakReason,
    /// By which number the subject was found.
    pub found_by: FoundBy,
    /// Who broke the code.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a code break to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Unblinding) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(unblinding::table)
        .values((
            unblinding::id.eq(new.id.as_str()),
            unblinding::study.eq(study),
            unblinding::subject.eq(new.subject.as_str()),
            unblinding::reason.eq(new.reason.to_string()),
            unblinding::found_by.eq(new.found_by.to_string()),
            unblinding::broken_by.eq(new.by.as_str()),
            unblinding::broken_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One code break.
pub fn find(conn: &mut Conn, study: &StudyId, id: &UnblindingId) -> Result<Option<Unblinding>, Fault> {
    let row: Option<Row> = query()
        .filter(unblinding::study.eq(study.as_str()))
        .filter(unblinding::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// The break of a subject's code.
pub fn of_subject(
    conn: &mut Conn,
    study: &StudyId,
    subject: &SubjectId,
) -> Result<Option<Unblinding>, Fault> {
    let row: Option<Row> = query()
        .filter(unblinding::study.eq(study.as_str()))
        .filter(unblinding::subject.eq(subject.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// All code breaks of a study, in order.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Unblinding>, Fault> {
    let rows: Vec<Row> = query()
        .filter(unblinding::study.eq(study.as_str()))
        .order((unblinding::broken_at, unblinding::id))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// A note that was added to a code break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The code break.
    pub unblinding: UnblindingId,
    /// The index of its journal leaf.
    pub entry: u64,
    /// The opening of the text.
    pub text: OpeningId,
    /// Who wrote it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a note.
pub fn add_note(tx: &mut Tx, new: &Note) -> Result<(), Fault> {
    diesel::insert_into(note::table)
        .values((
            note::unblinding.eq(new.unblinding.as_str()),
            note::entry.eq(to_bigint(new.entry, "leaf index")?),
            note::opening.eq(new.text.as_str()),
            note::noted_by.eq(new.by.as_str()),
            note::noted_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The notes of a code break, in order.
pub fn notes(conn: &mut Conn, id: &UnblindingId) -> Result<Vec<Note>, Fault> {
    let rows: Vec<(i64, String, String, NaiveDateTime)> = note::table
        .filter(note::unblinding.eq(id.as_str()))
        .order(note::entry)
        .select((note::entry, note::opening, note::noted_by, note::noted_at))
        .load(&mut conn.0)?;
    let read = |(entry, text, by, at): (i64, String, String, NaiveDateTime)| {
        Ok(Note {
            unblinding: id.clone(),
            entry: from_bigint(entry, "leaf index")?,
            text: to_id(&text, "opening id")?,
            by: to_id(&by, "user id")?,
            at: Moment::from_stored(at),
        })
    };
    rows.into_iter().map(read).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    unblinding::table.select((
        (unblinding::id, unblinding::subject, unblinding::reason, unblinding::found_by),
        (unblinding::broken_by, unblinding::broken_at),
    ))
}

type Row = ((String, String, String, String), (String, NaiveDateTime));

fn read(((id, subject, reason, found_by), (by, at)): Row) -> Result<Unblinding, Fault> {
    Ok(Unblinding {
        id: to_id(&id, "unblinding id")?,
        subject: to_id(&subject, "subject id")?,
        reason: reason.parse().map_err(|_unknown| Fault::Malformed("reason of a code break"))?,
        found_by: found_by.parse().map_err(|_unknown| Fault::Malformed("way a subject was found"))?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
