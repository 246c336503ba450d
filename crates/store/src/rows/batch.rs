//! Batches: kits under one label and one label expiry. The true lots stand behind an opening.

use chrono::NaiveDateTime;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension,
    QueryDsl, RunQueryDsl,
};
use terms::{BatchId, Day, Moment, OpeningId, StudyId, UserId};

use crate::schema::{batch, batch_release as release};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A batch with what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: BatchId,
    /// The last day of use on the label of all its kits.
    pub label_expiry: Day,
    /// The opening of the true lots and expiries.
    pub lots: OpeningId,
    /// Who registered it.
    pub registered_by: UserId,
    /// When.
    pub registered_at: Moment,
    /// Who released it, and when.
    pub released: Option<(UserId, Moment)>,
}

/// Adds a batch to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Batch) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(batch::table)
        .values((
            batch::study.eq(study),
            batch::id.eq(new.id.as_str()),
            batch::label_expiry.eq(new.label_expiry),
            batch::lots_opening.eq(new.lots.as_str()),
            batch::registered_by.eq(new.registered_by.as_str()),
            batch::registered_at.eq(new.registered_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Records that a batch was released, which happens once.
pub fn release(tx: &mut Tx, id: &BatchId, by: &UserId, at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(release::table)
        .values((
            release::study.eq(study),
            release::batch.eq(id.as_str()),
            release::released_by.eq(by.as_str()),
            release::released_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One batch.
pub fn find(conn: &mut Conn, study: &StudyId, id: &BatchId) -> Result<Option<Batch>, Fault> {
    let row: Option<Row> = query()
        .filter(batch::study.eq(study.as_str()))
        .filter(batch::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// All batches of a study, in the order of their ids.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Batch>, Fault> {
    let rows: Vec<Row> =
        query().filter(batch::study.eq(study.as_str())).order(batch::id).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    batch::table
        .left_join(release::table.on(release::study.eq(batch::study).and(release::batch.eq(batch::id))))
        .select((
            (batch::id, batch::label_expiry, batch::lots_opening, batch::registered_by, batch::registered_at),
            (release::released_by.nullable(), release::released_at.nullable()),
        ))
}

type Row = ((String, Day, String, String, NaiveDateTime), (Option<String>, Option<NaiveDateTime>));

fn read(((id, label_expiry, lots, by, at), (released_by, released_at)): Row) -> Result<Batch, Fault> {
    let released = match released_by.zip(released_at) {
        Some((by, at)) => Some((to_id(&by, "user id")?, Moment::from_stored(at))),
        None => None,
    };
    Ok(Batch {
        id: to_id(&id, "batch id")?,
        label_expiry,
        lots: to_id(&lots, "opening id")?,
        registered_by: to_id(&by, "user id")?,
        registered_at: Moment::from_stored(at),
        released,
    })
}
