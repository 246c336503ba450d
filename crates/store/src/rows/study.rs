//! Studies.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{Moment, StudyId};

use crate::schema::study;
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// Adds the study whose lock is held.
pub fn add(tx: &mut Tx, created_at: Moment) -> Result<(), Fault> {
    let id = tx.study()?.to_string();
    diesel::insert_into(study::table)
        .values((study::id.eq(id), study::created_at.eq(created_at.to_stored())))
        .execute(&mut tx.0)?;
    Ok(())
}

/// All studies and when they were created, in the order of their ids.
pub fn all(conn: &mut Conn) -> Result<Vec<(StudyId, Moment)>, Fault> {
    let rows: Vec<(String, NaiveDateTime)> = study::table.order(study::id).load(&mut conn.0)?;
    rows.into_iter()
        .map(|(id, created_at)| Ok((to_id(&id, "study id")?, Moment::from_stored(created_at))))
        .collect()
}
