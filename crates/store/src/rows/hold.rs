//! Holds on randomization and dispensing.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{HoldId, Moment, OpeningId, SiteId, StudyId, UserId};
use trial::HoldOn;

use crate::schema::{hold, hold_release as release};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A hold with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The site; the whole study when none.
    pub site: Option<SiteId>,
    /// What it stops.
    pub on: HoldOn,
    /// The opening of the reason.
    pub reason: OpeningId,
    /// Who placed it.
    pub placed_by: UserId,
    /// When.
    pub placed_at: Moment,
    /// When it was released.
    pub released_at: Option<Moment>,
}

/// Adds a hold to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Hold) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(hold::table)
        .values((
            hold::id.eq(new.id.as_str()),
            hold::study.eq(study),
            hold::site.eq(new.site.as_ref().map(SiteId::as_str)),
            hold::hold_on.eq(new.on.to_string()),
            hold::reason_opening.eq(new.reason.as_str()),
            hold::placed_by.eq(new.placed_by.as_str()),
            hold::placed_at.eq(new.placed_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Records that a hold was released.
pub fn release(tx: &mut Tx, id: &HoldId, reason: &OpeningId, by: &UserId, at: Moment) -> Result<(), Fault> {
    diesel::insert_into(release::table)
        .values((
            release::hold.eq(id.as_str()),
            release::reason_opening.eq(reason.as_str()),
            release::released_by.eq(by.as_str()),
            release::released_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// All holds of a study, released ones too, in the order of placing.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Hold>, Fault> {
    let rows: Vec<Row> = hold::table
        .left_join(release::table.on(release::hold.eq(hold::id)))
        .filter(hold::study.eq(study.as_str()))
        .order((hold::placed_at, hold::id))
        .select((
            hold::id,
            hold::site,
            hold::hold_on,
            hold::reason_opening,
            hold::placed_by,
            hold::placed_at,
            release::released_at.nullable(),
        ))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// One hold.
pub fn find(conn: &mut Conn, study: &StudyId, id: &HoldId) -> Result<Option<Hold>, Fault> {
    Ok(all(conn, study)?.into_iter().find(|hold| hold.id == *id))
}

/// Whether something is on hold at a site, there or in the whole study.
pub fn is_on_hold(conn: &mut Conn, study: &StudyId, site: &SiteId, on: HoldOn) -> Result<bool, Fault> {
    let in_force = |hold: &Hold| {
        hold.released_at.is_none() && hold.on == on && hold.site.as_ref().is_none_or(|held| held == site)
    };
    Ok(all(conn, study)?.iter().any(in_force))
}

type Row = (String, Option<String>, String, String, String, NaiveDateTime, Option<NaiveDateTime>);

fn read((id, site, on, reason, placed_by, placed_at, released_at): Row) -> Result<Hold, Fault> {
    Ok(Hold {
        id: to_id(&id, "hold id")?,
        site: site.map(|site| to_id(&site, "site id")).transpose()?,
        on: on.parse().map_err(|_unknown| Fault::Malformed("hold"))?,
        reason: to_id(&reason, "opening id")?,
        placed_by: to_id(&placed_by, "user id")?,
        placed_at: Moment::from_stored(placed_at),
        released_at: released_at.map(Moment::from_stored),
    })
}
