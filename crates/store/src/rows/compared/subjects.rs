//! Subjects: entered, randomized, seen at visits, gone; and their code breaks.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl};
use terms::{Day, StudyId};
use trial::rebuild::{Cell, Rows};

use super::moment;
use crate::schema::{
    randomization, subject, subject_end as end, subject_state as state, unblinding, unblinding_note as note,
    visit_record as visit,
};
use crate::{Conn, Fault};

pub(super) fn read(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    subjects(conn, of, rows)?;
    ends(conn, of, rows)?;
    visits(conn, of, rows)?;
    randomizations(conn, of, rows)?;
    breaks(conn, of, rows)
}

fn subjects(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let subjects: Vec<SubjectRow> =
        subject::table.filter(subject::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, site, birth_year, sex, duplicate, by, at) in subjects {
        let columns = [
            ("site", Cell::of(site)),
            ("birth_year", Cell::of(birth_year)),
            ("sex", Cell::of(sex)),
            ("duplicate_opening", Cell::maybe_sealed("duplicate_reason", duplicate)),
            ("screened_by", Cell::of(by)),
            ("screened_at", moment(at)),
        ];
        rows.add("subject", [&id], columns);
    }
    let states: Vec<(String, String, String, NaiveDateTime)> =
        state::table.filter(state::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, state, at) in states {
        rows.add("subject_state", [&id], [("state", Cell::of(state)), ("changed_at", moment(at))]);
    }
    Ok(())
}

fn ends(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let ends: Vec<EndRow> = end::table.filter(end::study.eq(of.as_str())).load(&mut conn.0)?;
    for (_, id, state, reason, criteria, by, at) in ends {
        let columns = [
            ("reason", Cell::maybe(reason)),
            ("criteria", Cell::maybe(criteria)),
            ("ended_by", Cell::of(by)),
            ("ended_at", moment(at)),
        ];
        rows.add("subject_end", [&id, &state], columns);
    }
    Ok(())
}

fn visits(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let visits: Vec<VisitRow> = visit::table
        .filter(visit::study.eq(of.as_str()))
        .select((
            (visit::subject, visit::visit, visit::entry),
            (visit::day, visit::in_window, visit::correction_opening),
            (visit::recorded_by, visit::recorded_at),
        ))
        .load(&mut conn.0)?;
    for ((id, visit, entry), (day, in_window, correction), (by, at)) in visits {
        let columns = [
            ("day", Cell::of(day)),
            ("in_window", Cell::maybe(in_window)),
            ("correction_opening", Cell::maybe_sealed("correction_reason", correction)),
            ("recorded_by", Cell::of(by)),
            ("recorded_at", moment(at)),
        ];
        rows.add("visit_record", [&id, &visit, &entry], columns);
    }
    Ok(())
}

fn randomizations(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let given: Vec<RandomizationRow> = randomization::table
        .filter(randomization::study.eq(of.as_str()))
        .select((
            (randomization::subject, randomization::site, randomization::number),
            (randomization::list, randomization::stratum, randomization::position),
            (randomization::consent, randomization::design_version),
            (randomization::randomized_by, randomization::randomized_at),
        ))
        .load(&mut conn.0)?;
    for ((id, site, number), (list, stratum, position), (consent, version), (by, at)) in given {
        let columns = [
            ("site", Cell::of(site)),
            ("number", Cell::of(number)),
            ("list", Cell::of(list)),
            ("stratum", Cell::of(stratum)),
            ("position", Cell::of(position)),
            ("consent", Cell::of(consent)),
            ("design_version", Cell::of(version)),
            ("randomized_by", Cell::of(by)),
            ("randomized_at", moment(at)),
        ];
        rows.add("randomization", [&id], columns);
    }
    Ok(())
}

fn breaks(conn: &mut Conn, of: &StudyId, rows: &mut Rows) -> Result<(), Fault> {
    let breaks: Vec<(String, String, String, String, String, String, NaiveDateTime)> =
        unblinding::table.filter(unblinding::study.eq(of.as_str())).load(&mut conn.0)?;
    for (id, _, subject, reason, found_by, by, at) in breaks {
        let columns = [
            ("subject", Cell::of(subject)),
            ("reason", Cell::of(reason)),
            ("found_by", Cell::of(found_by)),
            ("broken_by", Cell::of(by)),
            ("broken_at", moment(at)),
        ];
        rows.add("unblinding", [&id], columns);
    }
    let notes: Vec<(String, i64, String, String, NaiveDateTime)> = note::table
        .inner_join(unblinding::table.on(unblinding::id.eq(note::unblinding)))
        .filter(unblinding::study.eq(of.as_str()))
        .select((note::unblinding, note::entry, note::opening, note::noted_by, note::noted_at))
        .load(&mut conn.0)?;
    for (id, entry, text, by, at) in notes {
        let columns =
            [("opening", Cell::sealed("text", text)), ("noted_by", Cell::of(by)), ("noted_at", moment(at))];
        rows.add("unblinding_note", [&id, &entry], columns);
    }
    Ok(())
}

type VisitRow = ((String, String, i64), (Day, Option<bool>, Option<String>), (String, NaiveDateTime));
type RandomizationRow = ((String, String, i64), (String, i64, i64), (Day, i64), (String, NaiveDateTime));
type SubjectRow = (String, String, String, i64, String, Option<String>, String, NaiveDateTime);
type EndRow = (String, String, String, Option<String>, Option<String>, String, NaiveDateTime);
