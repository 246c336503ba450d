//! Alerts that were raised, with what has become of them.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{AlertId, Moment, OpeningId, StudyId, UserId};
use trial::alerts::{AlertKind, AlertPlace};

use crate::schema::{alert, alert_acknowledgement as acknowledgement, alert_clearing as clearing};
use crate::stored::{to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// What is to be seen to.
    pub kind: AlertKind,
    /// Where.
    pub place: AlertPlace,
    /// The batch, the shipment or the list; else the place.
    pub reference: String,
    /// The how-manieth it is of the same kind, place and reference, from 1.
    pub ordinal: u32,
    /// When it was raised.
    pub raised_at: Moment,
    /// Who acknowledged it.
    pub acknowledged: Option<Acknowledged>,
    /// When it was cleared.
    pub cleared_at: Option<Moment>,
}

/// That an alert was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// The opening of what will be done, where that was said.
    pub text: Option<OpeningId>,
    /// Who did.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds an alert under the leaf with the index `entry` to the study whose lock is held.
pub fn raise(tx: &mut Tx, new: &Alert, entry: u64) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(alert::table)
        .values((
            alert::study.eq(study),
            alert::id.eq(new.id.as_str()),
            alert::kind.eq(new.kind.to_string()),
            alert::place.eq(new.place.to_string()),
            alert::reference.eq(&new.reference),
            alert::ordinal.eq(i64::from(new.ordinal)),
            alert::entry.eq(to_bigint(entry, "leaf index")?),
            alert::raised_at.eq(new.raised_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Records that an alert was acknowledged.
pub fn acknowledge(tx: &mut Tx, id: &AlertId, done: &Acknowledged, entry: u64) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(acknowledgement::table)
        .values((
            acknowledgement::study.eq(study),
            acknowledgement::alert.eq(id.as_str()),
            acknowledgement::entry.eq(to_bigint(entry, "leaf index")?),
            acknowledgement::text_opening.eq(done.text.as_ref().map(OpeningId::as_str)),
            acknowledgement::acknowledged_by.eq(done.by.as_str()),
            acknowledgement::acknowledged_at.eq(done.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Records that what an alert was raised for has ended.
pub fn clear(tx: &mut Tx, id: &AlertId, entry: u64, at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(clearing::table)
        .values((
            clearing::study.eq(study),
            clearing::alert.eq(id.as_str()),
            clearing::entry.eq(to_bigint(entry, "leaf index")?),
            clearing::cleared_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// All alerts of a study, in the order in which they were raised.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Alert>, Fault> {
    let rows: Vec<Row> = alert::table
        .filter(alert::study.eq(study.as_str()))
        .order(alert::entry)
        .select((
            (alert::id, alert::kind, alert::place),
            (alert::reference, alert::ordinal, alert::raised_at),
        ))
        .load(&mut conn.0)?;
    let (mut acknowledged, mut cleared) = (all_acknowledged(conn, study)?, all_cleared(conn, study)?);
    let read = |((id, kind, place), (reference, ordinal, raised_at)): Row| {
        Ok(Alert {
            kind: kind.parse().map_err(|_unknown| Fault::Malformed("kind of an alert"))?,
            place: place.parse().map_err(|_unknown| Fault::Malformed("place of an alert"))?,
            reference,
            ordinal: u32::try_from(ordinal).map_err(|_range| Fault::Malformed("ordinal of an alert"))?,
            raised_at: Moment::from_stored(raised_at),
            acknowledged: acknowledged.remove(&id),
            cleared_at: cleared.remove(&id),
            id: to_id(&id, "alert id")?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// One alert.
pub fn find(conn: &mut Conn, study: &StudyId, id: &AlertId) -> Result<Option<Alert>, Fault> {
    Ok(all(conn, study)?.into_iter().find(|alert| alert.id == *id))
}

type Row = ((String, String, String), (String, i64, NaiveDateTime));

fn all_acknowledged(conn: &mut Conn, study: &StudyId) -> Result<BTreeMap<String, Acknowledged>, Fault> {
    let rows: Vec<(String, Option<String>, String, NaiveDateTime)> = acknowledgement::table
        .filter(acknowledgement::study.eq(study.as_str()))
        .select((
            acknowledgement::alert,
            acknowledgement::text_opening,
            acknowledgement::acknowledged_by,
            acknowledgement::acknowledged_at,
        ))
        .load(&mut conn.0)?;
    let read = |(alert, text, by, at): (String, Option<String>, String, NaiveDateTime)| {
        let text = text.map(|id| to_id(&id, "opening id")).transpose()?;
        Ok((alert, Acknowledged { text, by: to_id(&by, "user id")?, at: Moment::from_stored(at) }))
    };
    rows.into_iter().map(read).collect()
}

fn all_cleared(conn: &mut Conn, study: &StudyId) -> Result<BTreeMap<String, Moment>, Fault> {
    let rows: Vec<(String, NaiveDateTime)> = clearing::table
        .filter(clearing::study.eq(study.as_str()))
        .select((clearing::alert, clearing::cleared_at))
        .load(&mut conn.0)?;
    Ok(rows.into_iter().map(|(alert, at)| (alert, Moment::from_stored(at))).collect())
}
