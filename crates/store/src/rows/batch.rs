//! Batches: kits under one label and one label expiry. The true lots stand behind an opening.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{BatchId, Day, Moment, OpeningId, StudyId, UserId};
use trial::decide::batch::Taken;
use trial::study::Visible;

use crate::schema::{batch, batch_attribute as attribute, batch_step};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A batch as it was registered.
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
}

/// A step that was taken towards the use of a batch in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The batch.
    pub batch: BatchId,
    /// The country and the step.
    pub taken: Taken,
    /// Who took it.
    pub by: UserId,
    /// When.
    pub at: Moment,
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

/// Adds what can be seen of a batch's kits from outside.
pub fn add_attributes(tx: &mut Tx, batch: &BatchId, visible: &Visible) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    for (name, value) in visible {
        diesel::insert_into(attribute::table)
            .values((
                attribute::study.eq(&study),
                attribute::batch.eq(batch.as_str()),
                attribute::name.eq(name),
                attribute::value.eq(value),
            ))
            .execute(&mut tx.0)?;
    }
    Ok(())
}

/// What can be seen of the kits of all batches of a study from outside.
pub fn attributes(conn: &mut Conn, study: &StudyId) -> Result<BTreeMap<BatchId, Visible>, Fault> {
    let rows: Vec<(String, String, String)> = attribute::table
        .filter(attribute::study.eq(study.as_str()))
        .select((attribute::batch, attribute::name, attribute::value))
        .load(&mut conn.0)?;
    let mut all: BTreeMap<BatchId, Visible> = BTreeMap::new();
    for (batch, name, value) in rows {
        all.entry(to_id(&batch, "batch id")?).or_default().insert(name, value);
    }
    Ok(all)
}

/// Records a step, which is taken once for a country.
pub fn take_step(tx: &mut Tx, new: &Step) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(batch_step::table)
        .values((
            batch_step::study.eq(study),
            batch_step::batch.eq(new.batch.as_str()),
            batch_step::country.eq(new.taken.country.to_string()),
            batch_step::step.eq(new.taken.step.to_string()),
            batch_step::taken_by.eq(new.by.as_str()),
            batch_step::taken_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The steps that were taken for all batches of a study, in the order of batch, country and step.
pub fn steps(conn: &mut Conn, study: &StudyId) -> Result<Vec<Step>, Fault> {
    let rows: Vec<StepRow> = step_query().filter(batch_step::study.eq(study.as_str())).load(&mut conn.0)?;
    rows.into_iter().map(read_step).collect()
}

/// The steps that were taken for one batch.
pub fn steps_of(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Vec<Taken>, Fault> {
    let rows: Vec<StepRow> = step_query()
        .filter(batch_step::study.eq(study.as_str()))
        .filter(batch_step::batch.eq(batch.as_str()))
        .load(&mut conn.0)?;
    rows.into_iter().map(|row| Ok(read_step(row)?.taken)).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn step_query() -> _ {
    batch_step::table.order((batch_step::batch, batch_step::country, batch_step::step)).select((
        batch_step::batch,
        batch_step::country,
        batch_step::step,
        batch_step::taken_by,
        batch_step::taken_at,
    ))
}

type StepRow = (String, String, String, String, NaiveDateTime);

fn read_step((batch, country, step, by, at): StepRow) -> Result<Step, Fault> {
    let country = country.parse().map_err(|_malformed| Fault::Malformed("country"))?;
    let step = step.parse().map_err(|_malformed| Fault::Malformed("release step"))?;
    Ok(Step {
        batch: to_id(&batch, "batch id")?,
        taken: Taken { country, step },
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
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
    batch::table.select((
        batch::id,
        batch::label_expiry,
        batch::lots_opening,
        batch::registered_by,
        batch::registered_at,
    ))
}

type Row = (String, Day, String, String, NaiveDateTime);

fn read((id, label_expiry, lots, by, at): Row) -> Result<Batch, Fault> {
    Ok(Batch {
        id: to_id(&id, "batch id")?,
        label_expiry,
        lots: to_id(&lots, "opening id")?,
        registered_by: to_id(&by, "user id")?,
        registered_at: Moment::from_stored(at),
    })
}
