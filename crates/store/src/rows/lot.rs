//! True lots that were called back: the statements that were read before, the recalls, and the kits that they named.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{BatchId, KitNumber, LotStatementId, Moment, OpeningId, StudyId, UserId};
use trial::LotRecallReason;

use super::batch_recall;
use super::tally::Tally;
use crate::schema::{lot_recall as recall, lot_recall_kit as named, lot_statement as statement};
use crate::stored::{from_bigint, to_bigint, to_id, to_kit_number};
use crate::{Conn, Fault, Tx};

/// A statement that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: LotStatementId,
    /// The batch.
    pub batch: BatchId,
    /// The opening of the lot.
    pub lot: OpeningId,
    /// The opening of the SHA-256 of its file.
    pub file: OpeningId,
    /// The leaf that tells it.
    pub entry: u64,
    /// Who read it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a statement to the study whose lock is held.
pub fn add_statement(tx: &mut Tx, new: &Statement) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(statement::table)
        .values((
            (statement::study.eq(study), statement::id.eq(new.id.as_str())),
            statement::batch.eq(new.batch.as_str()),
            statement::lot_opening.eq(new.lot.as_str()),
            statement::file_opening.eq(new.file.as_str()),
            statement::entry.eq(to_bigint(new.entry, "leaf index")?),
            statement::read_by.eq(new.by.as_str()),
            statement::read_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

type StatementRow = ((String, String, String), (String, i64, String, NaiveDateTime));

/// A statement.
pub fn find_statement(
    conn: &mut Conn,
    study: &StudyId,
    id: &LotStatementId,
) -> Result<Option<Statement>, Fault> {
    let row: Option<StatementRow> = statement::table
        .filter(statement::study.eq(study.as_str()))
        .filter(statement::id.eq(id.as_str()))
        .select((
            (statement::id, statement::batch, statement::lot_opening),
            (statement::file_opening, statement::entry, statement::read_by, statement::read_at),
        ))
        .first(&mut conn.0)
        .optional()?;
    let read = |((id, batch, lot), (file, entry, by, at)): StatementRow| {
        Ok(Statement {
            id: to_id(&id, "statement id")?,
            batch: to_id(&batch, "batch id")?,
            lot: to_id(&lot, "opening id")?,
            file: to_id(&file, "opening id")?,
            entry: from_bigint(entry, "leaf index")?,
            by: to_id(&by, "user id")?,
            at: Moment::from_stored(at),
        })
    };
    row.map(read).transpose()
}

/// The recall of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recall {
    /// The statement that was read before.
    pub statement: LotStatementId,
    /// The batch.
    pub batch: BatchId,
    /// The leaf that tells it.
    pub entry: u64,
    /// Why.
    pub why: LotRecallReason,
    /// The opening of what was written about it.
    pub reason: OpeningId,
    /// Who signed it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a recall to the study whose lock is held.
pub fn add_recall(tx: &mut Tx, new: &Recall) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(recall::table)
        .values((
            (recall::study.eq(study), recall::statement.eq(new.statement.as_str())),
            recall::batch.eq(new.batch.as_str()),
            recall::entry.eq(to_bigint(new.entry, "leaf index")?),
            recall::why.eq(new.why.to_string()),
            recall::reason_opening.eq(new.reason.as_str()),
            recall::recalled_by.eq(new.by.as_str()),
            recall::recalled_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

type RecallRow = ((String, String, i64, String), (String, String, NaiveDateTime));

/// The recalls of lots of a batch, in order.
pub fn recalls_of(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Vec<Recall>, Fault> {
    let rows: Vec<RecallRow> = recall::table
        .filter(recall::study.eq(study.as_str()))
        .filter(recall::batch.eq(batch.as_str()))
        .select((
            (recall::statement, recall::batch, recall::entry, recall::why),
            (recall::reason_opening, recall::recalled_by, recall::recalled_at),
        ))
        .order(recall::entry)
        .load(&mut conn.0)?;
    let read = |((statement, batch, entry, why), (reason, by, at)): RecallRow| {
        Ok(Recall {
            statement: to_id(&statement, "statement id")?,
            batch: to_id(&batch, "batch id")?,
            entry: from_bigint(entry, "leaf index")?,
            why: why.parse().map_err(|_unknown| Fault::Malformed("reason"))?,
            reason: to_id(&reason, "opening id")?,
            by: to_id(&by, "user id")?,
            at: Moment::from_stored(at),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Adds kits that a leaf of a recall names.
pub fn add_kits(tx: &mut Tx, entry: u64, kits: &[KitNumber]) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    for kit in kits {
        diesel::insert_into(named::table)
            .values((
                named::study.eq(&study),
                named::kit.eq(kit.to_string()),
                named::entry.eq(to_bigint(entry, "leaf index")?),
            ))
            .execute(&mut tx.0)?;
    }
    Ok(())
}

/// When a kit of a batch was recalled with its true lot.
pub fn recalled_at(
    conn: &mut Conn,
    study: &StudyId,
    batch: &BatchId,
    kit: KitNumber,
) -> Result<Option<Moment>, Fault> {
    let named: Option<i64> = named::table
        .find((study.as_str(), kit.to_string()))
        .select(named::entry)
        .first(&mut conn.0)
        .optional()?;
    let Some(entry) = named else { return Ok(None) };
    // The leaves that name the kits follow the one that recalls their lot.
    let at: Option<NaiveDateTime> = recall::table
        .filter(recall::study.eq(study.as_str()))
        .filter(recall::batch.eq(batch.as_str()))
        .filter(recall::entry.lt(entry))
        .select(diesel::dsl::max(recall::recalled_at))
        .first(&mut conn.0)?;
    Ok(at.map(Moment::from_stored))
}

/// What of a study is recalled: whole batches, and the kits of true lots.
#[derive(Clone, Debug, Default)]
pub struct Recalled {
    batches: BTreeSet<BatchId>,
    kits: BTreeSet<KitNumber>,
}

impl Recalled {
    /// Reads it.
    ///
    /// # Errors
    /// Faults of the database.
    pub fn of(conn: &mut Conn, study: &StudyId) -> Result<Self, Fault> {
        let batches = batch_recall::batches(conn, study)?;
        let rows: Vec<String> =
            named::table.filter(named::study.eq(study.as_str())).select(named::kit).load(&mut conn.0)?;
        let kits = rows.iter().map(|kit| to_kit_number(kit)).collect::<Result<_, Fault>>()?;
        Ok(Self { batches, kits })
    }

    /// Whether a kit of this batch is recalled, with its batch or with its lot.
    pub fn has(&self, batch: &BatchId, kit: KitNumber) -> bool {
        self.batches.contains(batch) || self.kits.contains(&kit)
    }

    /// Whether kits that were counted together are recalled.
    pub fn has_all(&self, tally: &Tally) -> bool {
        self.batches.contains(&tally.batch) || tally.with_its_lot
    }

    /// Whether a kit is recalled with its lot.
    pub fn with_its_lot(&self, kit: KitNumber) -> bool {
        self.kits.contains(&kit)
    }
}
