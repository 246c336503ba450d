//! Subjects, and what has become of them.

use chrono::NaiveDateTime;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{KitNumber, Moment, OpeningId, SiteId, StudyId, SubjectId, UserId};
use trial::{Sex, StopReason, SubjectState};

use crate::schema::{kit_allocation as allocation, subject, subject_end as end, subject_state as state};
use crate::stored::{exactly_one, to_id};
use crate::{Conn, Fault, Tx};

/// A subject: the screening number, the site, the year of birth and the sex, and nothing else (PRV-01, PRV-02).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The screening number.
    pub id: SubjectId,
    /// The site.
    pub site: SiteId,
    /// The year of birth.
    pub birth_year: u16,
    /// The sex.
    pub sex: Sex,
    /// The opening of the reason why another of the same year of birth and sex was entered at the site.
    pub duplicate_reason: Option<OpeningId>,
    /// Who entered the subject.
    pub screened_by: UserId,
    /// When.
    pub screened_at: Moment,
    /// What has become of the subject.
    pub state: SubjectState,
}

/// Adds a subject to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Subject) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(subject::table)
        .values((
            subject::study.eq(&study),
            subject::id.eq(new.id.as_str()),
            subject::site.eq(new.site.as_str()),
            subject::birth_year.eq(i64::from(new.birth_year)),
            subject::sex.eq(new.sex.to_string()),
            subject::duplicate_opening.eq(new.duplicate_reason.as_ref().map(OpeningId::as_str)),
            subject::screened_by.eq(new.screened_by.as_str()),
            subject::screened_at.eq(new.screened_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    diesel::insert_into(state::table)
        .values((
            state::study.eq(&study),
            state::subject.eq(new.id.as_str()),
            state::state.eq(new.state.to_string()),
            state::changed_at.eq(new.screened_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Moves a subject from one state to another; a fault when it was in a third.
pub fn change(
    tx: &mut Tx,
    id: &SubjectId,
    from: SubjectState,
    to: SubjectState,
    at: Moment,
) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let met = diesel::update(state::table.find((study, id.as_str())))
        .filter(state::state.eq(from.to_string()))
        .set((state::state.eq(to.to_string()), state::changed_at.eq(at.to_stored())))
        .execute(&mut tx.0)?;
    exactly_one(met, "subject_state")
}

/// A subject's leaving: the screening, the drug, or the study. Each happens at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The subject.
    pub subject: SubjectId,
    /// What became of the subject.
    pub state: SubjectState,
    /// Why the subject stopped the drug or left the study.
    pub reason: Option<StopReason>,
    /// The criteria that were not fulfilled at screening, as one text.
    pub criteria: Option<String>,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a subject's leaving; the state is changed by [`change`].
pub fn add_end(tx: &mut Tx, new: &End) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(end::table)
        .values((
            end::study.eq(study),
            end::subject.eq(new.subject.as_str()),
            end::state.eq(new.state.to_string()),
            end::reason.eq(new.reason.map(|reason| reason.to_string())),
            end::criteria.eq(&new.criteria),
            end::ended_by.eq(new.by.as_str()),
            end::ended_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// What a subject left, in order.
pub fn ends(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<End>, Fault> {
    let rows: Vec<EndRow> = end::table
        .filter(end::study.eq(study.as_str()))
        .filter(end::subject.eq(subject.as_str()))
        .order((end::ended_at, end::state.desc()))
        .select((end::state, end::reason, end::criteria, end::ended_by, end::ended_at))
        .load(&mut conn.0)?;
    let read = |(state, reason, criteria, by, at): EndRow| {
        Ok(End {
            subject: subject.clone(),
            state: state.parse().map_err(|_unknown| Fault::Malformed("subject state"))?,
            reason: reason.map(|code| read_reason(&code)).transpose()?,
            criteria,
            by: to_id(&by, "user id")?,
            at: Moment::from_stored(at),
        })
    };
    rows.into_iter().map(read).collect()
}

/// The subject to whom a kit was ever allocated.
pub fn with_kit(conn: &mut Conn, study: &StudyId, kit: KitNumber) -> Result<Option<SubjectId>, Fault> {
    let row: Option<String> = allocation::table
        .filter(allocation::study.eq(study.as_str()))
        .filter(allocation::kit.eq(kit.to_string()))
        .select(allocation::subject)
        .first(&mut conn.0)
        .optional()?;
    row.map(|id| to_id(&id, "subject id")).transpose()
}

/// One subject.
pub fn find(conn: &mut Conn, study: &StudyId, id: &SubjectId) -> Result<Option<Subject>, Fault> {
    let row: Option<Row> = query()
        .filter(subject::study.eq(study.as_str()))
        .filter(subject::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// The number of the subject that is meant by a number as somebody typed it: the one that is written so, or else the
/// only one that differs from it in capitals alone; the number itself when there is no such subject.
pub fn as_typed(conn: &mut Conn, study: &StudyId, typed: &SubjectId) -> Result<SubjectId, Fault> {
    let rows: Vec<String> = subject::table
        .filter(subject::study.eq(study.as_str()))
        .filter(lower(subject::id).eq(typed.as_str().to_ascii_lowercase()))
        .select(subject::id)
        .load(&mut conn.0)?;
    match rows.as_slice() {
        [only] => to_id(only, "subject id"),
        _ => Ok(typed.clone()),
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// The text in small letters.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}

/// All subjects of a study, in the order of their screening numbers.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Subject>, Fault> {
    let rows: Vec<Row> =
        query().filter(subject::study.eq(study.as_str())).order(subject::id).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// Where a subject is, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The screening number.
    pub id: SubjectId,
    /// The site.
    pub site: SiteId,
    /// What has become of the subject.
    pub state: SubjectState,
}

/// How all subjects of a study stand, in the order of their screening numbers.
pub fn standing(conn: &mut Conn, study: &StudyId) -> Result<Vec<Standing>, Fault> {
    let rows: Vec<StandingRow> =
        states().filter(subject::study.eq(study.as_str())).order(subject::id).load(&mut conn.0)?;
    rows.into_iter().map(read_standing).collect()
}

/// How these subjects stand, in no order.
pub fn standing_of(conn: &mut Conn, study: &StudyId, who: &[&SubjectId]) -> Result<Vec<Standing>, Fault> {
    let rows: Vec<StandingRow> = states()
        .filter(subject::study.eq(study.as_str()))
        .filter(subject::id.eq_any(who.iter().map(|id| id.as_str())))
        .load(&mut conn.0)?;
    rows.into_iter().map(read_standing).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn states() -> _ {
    subject::table
        .inner_join(state::table.on(state::study.eq(subject::study).and(state::subject.eq(subject::id))))
        .select((subject::id, subject::site, state::state))
}

type StandingRow = (String, String, String);

fn read_standing((id, site, state): StandingRow) -> Result<Standing, Fault> {
    let state = state.parse().map_err(|_unknown| Fault::Malformed("subject state"))?;
    Ok(Standing { id: to_id(&id, "subject id")?, site: to_id(&site, "site id")?, state })
}

/// Where and when each subject of a study was entered, in no order.
pub fn entered(conn: &mut Conn, study: &StudyId) -> Result<Vec<(SiteId, Moment)>, Fault> {
    let rows: Vec<(String, NaiveDateTime)> = subject::table
        .filter(subject::study.eq(study.as_str()))
        .select((subject::site, subject::screened_at))
        .load(&mut conn.0)?;
    rows.into_iter().map(|(site, at)| Ok((to_id(&site, "site id")?, Moment::from_stored(at)))).collect()
}

/// The subjects of one site, in the order of their screening numbers.
pub fn at_site(conn: &mut Conn, study: &StudyId, site: &SiteId) -> Result<Vec<Subject>, Fault> {
    let rows: Vec<Row> = query()
        .filter(subject::study.eq(study.as_str()))
        .filter(subject::site.eq(site.as_str()))
        .order(subject::id)
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    subject::table
        .inner_join(state::table.on(state::study.eq(subject::study).and(state::subject.eq(subject::id))))
        .select((
            subject::id,
            subject::site,
            subject::birth_year,
            subject::sex,
            subject::duplicate_opening,
            subject::screened_by,
            subject::screened_at,
            state::state,
        ))
}

type EndRow = (String, Option<String>, Option<String>, String, NaiveDateTime);
type Row = (String, String, i64, String, Option<String>, String, NaiveDateTime, String);

fn read(
    (id, site, birth_year, sex, duplicate, screened_by, screened_at, state): Row,
) -> Result<Subject, Fault> {
    Ok(Subject {
        id: to_id(&id, "subject id")?,
        site: to_id(&site, "site id")?,
        birth_year: u16::try_from(birth_year).map_err(|_range| Fault::Malformed("year of birth"))?,
        sex: sex.parse().map_err(|_unknown| Fault::Malformed("sex"))?,
        duplicate_reason: duplicate.map(|id| to_id(&id, "opening id")).transpose()?,
        screened_by: to_id(&screened_by, "user id")?,
        screened_at: Moment::from_stored(screened_at),
        state: state.parse().map_err(|_unknown| Fault::Malformed("subject state"))?,
    })
}

fn read_reason(code: &str) -> Result<StopReason, Fault> {
    code.parse().map_err(|_unknown| Fault::Malformed("stop reason"))
}
