//! Batches that were called back, each once.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use journal::Hash;
use terms::{BatchId, Moment, OpeningId, StudyId, UserId};

use crate::schema::batch_recall as recall;
use crate::stored::{from_bigint, to_array, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A recall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recall {
    /// The batch.
    pub batch: BatchId,
    /// The leaf that tells it.
    pub entry: u64,
    /// The opening of the reason.
    pub reason: OpeningId,
    /// The SHA-256 of what shows it.
    pub evidence: Hash,
    /// Who signed it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a recall to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Recall) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(recall::table)
        .values((
            recall::study.eq(study),
            recall::batch.eq(new.batch.as_str()),
            recall::entry.eq(to_bigint(new.entry, "leaf index")?),
            recall::reason_opening.eq(new.reason.as_str()),
            recall::evidence.eq(new.evidence.bytes().as_slice()),
            recall::recalled_by.eq(new.by.as_str()),
            recall::recalled_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The recall of a batch, if it was recalled.
pub fn find(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Option<Recall>, Fault> {
    let row: Option<Row> = query()
        .filter(recall::study.eq(study.as_str()))
        .filter(recall::batch.eq(batch.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// The recalls of a study, in the order of their batches.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Recall>, Fault> {
    let rows: Vec<Row> =
        query().filter(recall::study.eq(study.as_str())).order(recall::batch).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// The batches of a study that were recalled.
pub fn batches(conn: &mut Conn, study: &StudyId) -> Result<BTreeSet<BatchId>, Fault> {
    Ok(all(conn, study)?.into_iter().map(|recall| recall.batch).collect())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    recall::table.select((
        (recall::batch, recall::entry, recall::reason_opening),
        (recall::evidence, recall::recalled_by, recall::recalled_at),
    ))
}

type Row = ((String, i64, String), (Vec<u8>, String, NaiveDateTime));

fn read(((batch, entry, reason), (evidence, by, at)): Row) -> Result<Recall, Fault> {
    Ok(Recall {
        batch: to_id(&batch, "batch id")?,
        entry: from_bigint(entry, "leaf index")?,
        reason: to_id(&reason, "opening id")?,
        evidence: Hash::new(to_array(&evidence, "evidence")?),
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
