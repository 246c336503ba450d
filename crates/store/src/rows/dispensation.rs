//! Dispensations: the pharmacist was told which kits to hand over, and what was handed over.

use chrono::NaiveDateTime;
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Day, DispensationId, KitNumber, Moment, OpeningId, SiteId, StudyId, SubjectId, UserId, VisitId};

use crate::schema::{dispensation, handover, kit_check, subject, wrong_scan};
use crate::stored::{to_bigint, to_id, to_kit_number};
use crate::{Conn, Fault, Tx};

/// A dispensation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispensation {
    /// Its id.
    pub id: DispensationId,
    /// The subject.
    pub subject: SubjectId,
    /// The visit.
    pub visit: VisitId,
    /// Which allocation for this visit it reveals, from 1.
    pub attempt: u32,
    /// The day at the site.
    pub day: Day,
    /// Whether that day lies in the visit's window.
    pub in_window: bool,
    /// The opening of the reason, when it does not.
    pub reason: Option<OpeningId>,
    /// Who asked.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a dispensation to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Dispensation) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(dispensation::table)
        .values((
            dispensation::id.eq(new.id.as_str()),
            dispensation::study.eq(study),
            dispensation::subject.eq(new.subject.as_str()),
            dispensation::visit.eq(new.visit.as_str()),
            dispensation::attempt.eq(i64::from(new.attempt)),
            dispensation::day.eq(new.day),
            dispensation::in_window.eq(new.in_window),
            dispensation::reason_opening.eq(new.reason.as_ref().map(OpeningId::as_str)),
            dispensation::dispensed_by.eq(new.by.as_str()),
            dispensation::dispensed_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One dispensation.
pub fn find(conn: &mut Conn, study: &StudyId, id: &DispensationId) -> Result<Option<Dispensation>, Fault> {
    let row: Option<Row> = query()
        .filter(dispensation::study.eq(study.as_str()))
        .filter(dispensation::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// The dispensations to a subject, in order.
pub fn of_subject(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<Dispensation>, Fault> {
    let rows: Vec<Row> = query()
        .filter(dispensation::study.eq(study.as_str()))
        .filter(dispensation::subject.eq(subject.as_str()))
        .order((dispensation::dispensed_at, dispensation::id))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// All dispensations of a study, in order.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Dispensation>, Fault> {
    let rows: Vec<Row> = query()
        .filter(dispensation::study.eq(study.as_str()))
        .order((dispensation::dispensed_at, dispensation::id))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// What was told at a dispensation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The dispensation.
    pub id: DispensationId,
    /// The subject.
    pub subject: SubjectId,
    /// The visit.
    pub visit: VisitId,
    /// Which allocation for this visit it reveals, from 1.
    pub attempt: u32,
    /// The day at the site.
    pub day: Day,
}

/// What was told at the dispensations to these subjects, in no order.
pub fn told_to(conn: &mut Conn, study: &StudyId, who: &[&SubjectId]) -> Result<Vec<Told>, Fault> {
    let rows: Vec<(String, String, String, i64, Day)> = dispensation::table
        .filter(dispensation::study.eq(study.as_str()))
        .filter(dispensation::subject.eq_any(who.iter().map(|id| id.as_str())))
        .select((
            dispensation::id,
            dispensation::subject,
            dispensation::visit,
            dispensation::attempt,
            dispensation::day,
        ))
        .load(&mut conn.0)?;
    let read = |(id, subject, visit, attempt, day): (String, String, String, i64, Day)| {
        Ok(Told {
            id: to_id(&id, "dispensation id")?,
            subject: to_id(&subject, "subject id")?,
            visit: to_id(&visit, "visit id")?,
            attempt: u32::try_from(attempt).map_err(|_range| Fault::Malformed("attempt"))?,
            day,
        })
    };
    rows.into_iter().map(read).collect()
}

/// At which visits, and on which days at the site, something was dispensed to each subject, in no order.
pub fn days(conn: &mut Conn, study: &StudyId) -> Result<Vec<(SubjectId, VisitId, Day)>, Fault> {
    let rows: Vec<(String, String, Day)> = dispensation::table
        .filter(dispensation::study.eq(study.as_str()))
        .select((dispensation::subject, dispensation::visit, dispensation::day))
        .load(&mut conn.0)?;
    let read = |(subject, visit, day): (String, String, Day)| {
        Ok((to_id(&subject, "subject id")?, to_id(&visit, "visit id")?, day))
    };
    rows.into_iter().map(read).collect()
}

/// The day of the first dispensation to each subject of a site.
pub fn first_days(conn: &mut Conn, study: &StudyId, site: &SiteId) -> Result<Vec<(SubjectId, Day)>, Fault> {
    let rows: Vec<(String, Option<Day>)> = dispensation::table
        .inner_join(
            subject::table
                .on(subject::study.eq(dispensation::study).and(subject::id.eq(dispensation::subject))),
        )
        .filter(dispensation::study.eq(study.as_str()))
        .filter(subject::site.eq(site.as_str()))
        .group_by(dispensation::subject)
        .select((dispensation::subject, diesel::dsl::min(dispensation::day)))
        .load(&mut conn.0)?;
    read_first_days(rows)
}

/// The same of all subjects of a study.
pub fn all_first_days(conn: &mut Conn, study: &StudyId) -> Result<Vec<(SubjectId, Day)>, Fault> {
    let rows: Vec<(String, Option<Day>)> = dispensation::table
        .filter(dispensation::study.eq(study.as_str()))
        .group_by(dispensation::subject)
        .select((dispensation::subject, diesel::dsl::min(dispensation::day)))
        .load(&mut conn.0)?;
    read_first_days(rows)
}

fn read_first_days(rows: Vec<(String, Option<Day>)>) -> Result<Vec<(SubjectId, Day)>, Fault> {
    rows.into_iter()
        .map(|(subject, day)| {
            let day = day.ok_or(Fault::Malformed("day of a dispensation"))?;
            Ok((to_id(&subject, "subject id")?, day))
        })
        .collect()
}

/// When kits were dispensed the last time to a subject of each site.
pub fn last_at_sites(conn: &mut Conn, study: &StudyId) -> Result<Vec<(SiteId, Moment)>, Fault> {
    let rows: Vec<(String, Option<NaiveDateTime>)> = dispensation::table
        .inner_join(
            subject::table
                .on(subject::study.eq(dispensation::study).and(subject::id.eq(dispensation::subject))),
        )
        .filter(dispensation::study.eq(study.as_str()))
        .group_by(subject::site)
        .select((subject::site, diesel::dsl::max(dispensation::dispensed_at)))
        .load(&mut conn.0)?;
    let read = |(site, at): (String, Option<NaiveDateTime>)| {
        let at = at.ok_or(Fault::Malformed("moment of a dispensation"))?;
        Ok((to_id(&site, "site id")?, Moment::from_stored(at)))
    };
    rows.into_iter().map(read).collect()
}

/// A kit that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The kit.
    pub kit: KitNumber,
    /// The dispensation.
    pub dispensation: DispensationId,
    /// Who confirmed it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a handover to the study whose lock is held; a kit is handed over once.
pub fn hand_over(tx: &mut Tx, new: &Handover) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(handover::table)
        .values((
            handover::study.eq(study),
            handover::kit.eq(new.kit.to_string()),
            handover::dispensation.eq(new.dispensation.as_str()),
            handover::handed_by.eq(new.by.as_str()),
            handover::handed_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// All handovers of a study, in order.
pub fn handovers(conn: &mut Conn, study: &StudyId) -> Result<Vec<Handover>, Fault> {
    let rows: Vec<HandoverRow> = handover::table
        .filter(handover::study.eq(study.as_str()))
        .order((handover::handed_at, handover::kit))
        .select((handover::kit, handover::dispensation, handover::handed_by, handover::handed_at))
        .load(&mut conn.0)?;
    read_handovers(rows)
}

/// The handovers to one subject, in order.
pub fn handovers_to(conn: &mut Conn, study: &StudyId, subject: &SubjectId) -> Result<Vec<Handover>, Fault> {
    let rows: Vec<HandoverRow> = handover::table
        .inner_join(dispensation::table.on(dispensation::id.eq(handover::dispensation)))
        .filter(dispensation::study.eq(study.as_str()))
        .filter(dispensation::subject.eq(subject.as_str()))
        .order((handover::handed_at, handover::kit))
        .select((handover::kit, handover::dispensation, handover::handed_by, handover::handed_at))
        .load(&mut conn.0)?;
    read_handovers(rows)
}

type HandoverRow = (String, String, String, NaiveDateTime);

fn read_handovers(rows: Vec<HandoverRow>) -> Result<Vec<Handover>, Fault> {
    rows.into_iter()
        .map(|(kit, dispensation, by, at)| {
            Ok(Handover {
                kit: KitNumber::parse(&kit).map_err(|_malformed| Fault::Malformed("kit number"))?,
                dispensation: to_id(&dispensation, "dispensation id")?,
                by: to_id(&by, "user id")?,
                at: Moment::from_stored(at),
            })
        })
        .collect()
}

/// Adds the check of a kit before its handover; `entry` is the index of its journal leaf.
pub fn check(
    tx: &mut Tx,
    dispensation: &DispensationId,
    entry: u64,
    kit: KitNumber,
    by: &UserId,
    at: Moment,
) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(kit_check::table)
        .values((
            kit_check::study.eq(study),
            kit_check::entry.eq(to_bigint(entry, "leaf index")?),
            kit_check::dispensation.eq(dispensation.as_str()),
            kit_check::kit.eq(kit.to_string()),
            kit_check::checked_by.eq(by.as_str()),
            kit_check::checked_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Who has checked a kit, and when, in order.
pub fn checks(conn: &mut Conn, study: &StudyId, kit: KitNumber) -> Result<Vec<(UserId, Moment)>, Fault> {
    let rows: Vec<(String, NaiveDateTime)> = kit_check::table
        .filter(kit_check::study.eq(study.as_str()))
        .filter(kit_check::kit.eq(kit.to_string()))
        .order(kit_check::entry)
        .select((kit_check::checked_by, kit_check::checked_at))
        .load(&mut conn.0)?;
    rows.into_iter().map(|(by, at)| Ok((to_id(&by, "user id")?, Moment::from_stored(at)))).collect()
}

/// Every check of a kit since a moment, in order.
pub fn checks_since(
    conn: &mut Conn,
    study: &StudyId,
    since: Moment,
) -> Result<Vec<(KitNumber, UserId, Moment)>, Fault> {
    let rows: Vec<(String, String, NaiveDateTime)> = kit_check::table
        .filter(kit_check::study.eq(study.as_str()))
        .filter(kit_check::checked_at.ge(since.to_stored()))
        .order(kit_check::entry)
        .select((kit_check::kit, kit_check::checked_by, kit_check::checked_at))
        .load(&mut conn.0)?;
    let read = |(kit, by, at): (String, String, NaiveDateTime)| {
        Ok((to_kit_number(&kit)?, to_id(&by, "user id")?, Moment::from_stored(at)))
    };
    rows.into_iter().map(read).collect()
}

/// Adds the scan of a wrong kit; `entry` is the index of its journal leaf.
pub fn add_wrong_scan(
    tx: &mut Tx,
    dispensation: &DispensationId,
    entry: u64,
    scanned: &OpeningId,
    by: &UserId,
    at: Moment,
) -> Result<(), Fault> {
    diesel::insert_into(wrong_scan::table)
        .values((
            wrong_scan::dispensation.eq(dispensation.as_str()),
            wrong_scan::entry.eq(to_bigint(entry, "leaf index")?),
            wrong_scan::opening.eq(scanned.as_str()),
            wrong_scan::scanned_by.eq(by.as_str()),
            wrong_scan::scanned_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    dispensation::table.select((
        (dispensation::id, dispensation::subject, dispensation::visit, dispensation::attempt),
        (dispensation::day, dispensation::in_window, dispensation::reason_opening),
        (dispensation::dispensed_by, dispensation::dispensed_at),
    ))
}

type Row = ((String, String, String, i64), (Day, bool, Option<String>), (String, NaiveDateTime));

fn read(
    ((id, subject, visit, attempt), (day, in_window, reason), (by, at)): Row,
) -> Result<Dispensation, Fault> {
    Ok(Dispensation {
        id: to_id(&id, "dispensation id")?,
        subject: to_id(&subject, "subject id")?,
        visit: to_id(&visit, "visit id")?,
        attempt: u32::try_from(attempt).map_err(|_range| Fault::Malformed("attempt"))?,
        day,
        in_window,
        reason: reason.map(|id| to_id(&id, "opening id")).transpose()?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
