//! Randomizations: which subject has which position. Append-only; there is one to a subject and one to a position.

use chrono::NaiveDateTime;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{
    Day, ListId, Moment, Position, RandomizationNumber, SiteId, Stratum, StudyId, SubjectId, UserId,
};

use trial::SubjectState;

use crate::rows::opening::Opening;
use crate::schema::{list_position as position, opening, randomization, subject_state as state};
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A randomization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Randomization {
    /// The subject.
    pub subject: SubjectId,
    /// The site.
    pub site: SiteId,
    /// What the site writes down.
    pub number: RandomizationNumber,
    /// The list.
    pub list: ListId,
    /// The stratum.
    pub stratum: Stratum,
    /// The position in it.
    pub position: Position,
    /// The day of consent.
    pub consent: Day,
    /// The version of the design under which it was decided.
    pub design_version: u64,
    /// Who randomized.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a randomization to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Randomization) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(randomization::table)
        .values((
            randomization::study.eq(study),
            randomization::subject.eq(new.subject.as_str()),
            randomization::site.eq(new.site.as_str()),
            randomization::number.eq(i64::from(new.number.ordinal())),
            randomization::list.eq(new.list.as_str()),
            randomization::stratum.eq(i64::from(new.stratum.index())),
            randomization::position.eq(i64::from(new.position.index())),
            randomization::consent.eq(new.consent),
            randomization::design_version.eq(to_bigint(new.design_version, "design version")?),
            randomization::randomized_by.eq(new.by.as_str()),
            randomization::randomized_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// How many subjects of the study have been randomized. Their numbers begin with 1 and leave none out, so the highest
/// says it, however many there are.
pub fn count(conn: &mut Conn, study: &StudyId) -> Result<u32, Fault> {
    let highest: Option<i64> = randomization::table
        .filter(randomization::study.eq(study.as_str()))
        .select(diesel::dsl::max(randomization::number))
        .first(&mut conn.0)?;
    u32::try_from(highest.unwrap_or(0)).map_err(|_range| Fault::Malformed("number of randomizations"))
}

/// How many positions of a stratum have been given. They are given in order, so it is the next position, too.
pub fn given(conn: &mut Conn, list: &ListId, stratum: Stratum) -> Result<u32, Fault> {
    let count: i64 = randomization::table
        .filter(randomization::list.eq(list.as_str()))
        .filter(randomization::stratum.eq(i64::from(stratum.index())))
        .count()
        .get_result(&mut conn.0)?;
    u32::try_from(count).map_err(|_range| Fault::Malformed("number of randomizations"))
}

/// How many positions of a list have been given in the stratum in which most have been.
pub fn most_given(conn: &mut Conn, list: &ListId) -> Result<u32, Fault> {
    let given: Vec<i64> = randomization::table
        .filter(randomization::list.eq(list.as_str()))
        .group_by(randomization::stratum)
        .select(diesel::dsl::count_star())
        .load(&mut conn.0)?;
    let most = given.into_iter().max().unwrap_or(0);
    u32::try_from(most).map_err(|_range| Fault::Malformed("number of randomizations"))
}

/// The randomization of a subject.
pub fn of_subject(
    conn: &mut Conn,
    study: &StudyId,
    subject: &SubjectId,
) -> Result<Option<Randomization>, Fault> {
    let row: Option<Row> = query()
        .filter(randomization::study.eq(study.as_str()))
        .filter(randomization::subject.eq(subject.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// The randomization with this number.
pub fn with_number(
    conn: &mut Conn,
    study: &StudyId,
    number: RandomizationNumber,
) -> Result<Option<Randomization>, Fault> {
    let row: Option<Row> = query()
        .filter(randomization::study.eq(study.as_str()))
        .filter(randomization::number.eq(i64::from(number.ordinal())))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// All randomizations of a study, in order.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Randomization>, Fault> {
    let rows: Vec<Row> = query()
        .filter(randomization::study.eq(study.as_str()))
        .order(randomization::number)
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// When a subject was randomized, and with which number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The subject.
    pub subject: SubjectId,
    /// The site.
    pub site: SiteId,
    /// What the site writes down.
    pub number: RandomizationNumber,
    /// When.
    pub at: Moment,
}

/// All subjects of a study who were randomized, in order.
pub fn numbered(conn: &mut Conn, study: &StudyId) -> Result<Vec<Numbered>, Fault> {
    let rows: Vec<(String, String, i64, NaiveDateTime)> = randomization::table
        .filter(randomization::study.eq(study.as_str()))
        .order(randomization::number)
        .select((
            randomization::subject,
            randomization::site,
            randomization::number,
            randomization::randomized_at,
        ))
        .load(&mut conn.0)?;
    let read = |(subject, site, number, at): (String, String, i64, NaiveDateTime)| {
        Ok(Numbered {
            subject: to_id(&subject, "subject id")?,
            site: to_id(&site, "site id")?,
            number: RandomizationNumber::new(small(number, "randomization number")?),
            at: Moment::from_stored(at),
        })
    };
    rows.into_iter().map(read).collect()
}

/// When each subject in treatment was randomized, and where, at a site or in the whole study, in the order of their
/// screening numbers.
pub fn moments(
    conn: &mut Conn,
    study: &StudyId,
    site: Option<&SiteId>,
) -> Result<Vec<(SubjectId, SiteId, Moment)>, Fault> {
    let mut query = randomization::table
        .inner_join(
            state::table
                .on(state::study.eq(randomization::study).and(state::subject.eq(randomization::subject))),
        )
        .filter(randomization::study.eq(study.as_str()))
        .filter(state::state.eq(SubjectState::InTreatment.to_string()))
        .order(randomization::subject)
        .select((randomization::subject, randomization::site, randomization::randomized_at))
        .into_boxed();
    if let Some(site) = site {
        query = query.filter(randomization::site.eq(site.as_str()));
    }
    let rows: Vec<(String, String, NaiveDateTime)> = query.load(&mut conn.0)?;
    let read = |(subject, site, at): (String, String, NaiveDateTime)| {
        Ok((to_id(&subject, "subject id")?, to_id(&site, "site id")?, Moment::from_stored(at)))
    };
    rows.into_iter().map(read).collect()
}

/// A subject in treatment, with the opening of the arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InTreatment {
    /// The subject.
    pub subject: SubjectId,
    /// When the subject was randomized.
    pub randomized_at: Moment,
    /// The opening of the arm.
    pub arm: Opening,
}

/// The subjects of a site who are in treatment, in the order of their screening numbers.
pub fn in_treatment(conn: &mut Conn, study: &StudyId, site: &SiteId) -> Result<Vec<InTreatment>, Fault> {
    let rows: Vec<TreatmentRow> = randomization::table
        .inner_join(
            state::table
                .on(state::study.eq(randomization::study).and(state::subject.eq(randomization::subject))),
        )
        .inner_join(
            position::table.on(position::list
                .eq(randomization::list)
                .and(position::stratum.eq(randomization::stratum))
                .and(position::position.eq(randomization::position))),
        )
        .inner_join(opening::table.on(opening::id.eq(position::opening)))
        .filter(randomization::study.eq(study.as_str()))
        .filter(randomization::site.eq(site.as_str()))
        .filter(state::state.eq(SubjectState::InTreatment.to_string()))
        .order(randomization::subject)
        .select((
            (randomization::subject, randomization::randomized_at),
            (opening::id, opening::kind, opening::key_version, opening::ciphertext),
        ))
        .load(&mut conn.0)?;
    rows.into_iter()
        .map(|((subject, at), (id, kind, key_version, ciphertext))| {
            let key_version = from_bigint(key_version, "key version")?;
            let arm = Opening { id: to_id(&id, "opening id")?, kind, key_version, ciphertext };
            let subject = to_id(&subject, "subject id")?;
            Ok(InTreatment { subject, randomized_at: Moment::from_stored(at), arm })
        })
        .collect()
}

type TreatmentRow = ((String, NaiveDateTime), (String, String, i64, Vec<u8>));

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    randomization::table.select((
        (randomization::subject, randomization::site, randomization::number),
        (randomization::list, randomization::stratum, randomization::position),
        (randomization::consent, randomization::design_version),
        (randomization::randomized_by, randomization::randomized_at),
    ))
}

type Row = ((String, String, i64), (String, i64, i64), (Day, i64), (String, NaiveDateTime));

fn read((who, at_place, (consent, version), (by, at)): Row) -> Result<Randomization, Fault> {
    let (subject, site, number) = who;
    let (list, stratum, position) = at_place;
    Ok(Randomization {
        subject: to_id(&subject, "subject id")?,
        site: to_id(&site, "site id")?,
        number: RandomizationNumber::new(small(number, "randomization number")?),
        list: to_id(&list, "list id")?,
        stratum: Stratum::new(small(stratum, "stratum")?),
        position: Position::new(small(position, "position")?),
        consent,
        design_version: from_bigint(version, "design version")?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}

fn small(stored: i64, what: &'static str) -> Result<u32, Fault> {
    u32::try_from(stored).map_err(|_range| Fault::Malformed(what))
}
