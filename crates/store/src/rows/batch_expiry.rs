//! Label expiries that came into force after the registration of a batch, and the extensions that were proposed.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use journal::Hash;
use terms::{BatchId, Day, ExpiryExtensionId, Moment, OpeningId, StudyId, UserId};

use crate::schema::{batch_expiry as expiry, expiry_extension as extension};
use crate::stored::{from_bigint, to_array, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A label expiry that came into force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The batch.
    pub batch: BatchId,
    /// The leaf that tells it.
    pub entry: u64,
    /// The label expiry.
    pub label_expiry: Day,
    /// The extension that was confirmed; none for a shortening.
    pub extension: Option<ExpiryExtensionId>,
    /// The opening of the reason of a shortening; that of an extension stands with its proposal.
    pub reason: Option<OpeningId>,
    /// The SHA-256 of what shows it.
    pub evidence: Hash,
    /// Who signed it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// An extension as it was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Its id.
    pub id: ExpiryExtensionId,
    /// The batch.
    pub batch: BatchId,
    /// The label expiry that was in force.
    pub from: Day,
    /// The one that is proposed.
    pub label_expiry: Day,
    /// The opening of the true lots as they are known with it.
    pub lots: OpeningId,
    /// The opening of the reason.
    pub reason: OpeningId,
    /// The leaf that tells it.
    pub entry: u64,
    /// Who proposed it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Puts a label expiry into force.
pub fn add(tx: &mut Tx, new: &InForce) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(expiry::table)
        .values((
            expiry::study.eq(study),
            expiry::batch.eq(new.batch.as_str()),
            expiry::entry.eq(to_bigint(new.entry, "leaf index")?),
            expiry::label_expiry.eq(new.label_expiry),
            expiry::extension.eq(new.extension.as_ref().map(ExpiryExtensionId::as_str)),
            expiry::reason_opening.eq(new.reason.as_ref().map(OpeningId::as_str)),
            expiry::evidence.eq(new.evidence.bytes().as_slice()),
            expiry::set_by.eq(new.by.as_str()),
            expiry::set_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Adds the proposal of an extension.
pub fn propose(tx: &mut Tx, new: &Proposed) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(extension::table)
        .values((
            extension::study.eq(study),
            extension::id.eq(new.id.as_str()),
            extension::batch.eq(new.batch.as_str()),
            extension::from_expiry.eq(new.from),
            extension::label_expiry.eq(new.label_expiry),
            extension::lots_opening.eq(new.lots.as_str()),
            extension::reason_opening.eq(new.reason.as_str()),
            extension::entry.eq(to_bigint(new.entry, "leaf index")?),
            extension::proposed_by.eq(new.by.as_str()),
            extension::proposed_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The label expiry of every batch that has another one in force than it was registered with.
pub fn in_force(conn: &mut Conn, study: &StudyId) -> Result<BTreeMap<String, Day>, Fault> {
    let rows: Vec<(String, Day)> = expiry::table
        .filter(expiry::study.eq(study.as_str()))
        .order(expiry::entry)
        .select((expiry::batch, expiry::label_expiry))
        .load(&mut conn.0)?;
    // The last one of each counts.
    Ok(rows.into_iter().collect())
}

/// The label expiries that came into force for a batch, in order.
pub fn of_batch(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Vec<InForce>, Fault> {
    let rows: Vec<Row> = expiry::table
        .filter(expiry::study.eq(study.as_str()))
        .filter(expiry::batch.eq(batch.as_str()))
        .order(expiry::entry)
        .select((
            (expiry::batch, expiry::entry, expiry::label_expiry, expiry::extension, expiry::reason_opening),
            (expiry::evidence, expiry::set_by, expiry::set_at),
        ))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// The extensions that were proposed for a batch, in order.
pub fn proposed_for(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Vec<Proposed>, Fault> {
    let rows: Vec<ProposedRow> = proposals()
        .filter(extension::study.eq(study.as_str()))
        .filter(extension::batch.eq(batch.as_str()))
        .order(extension::entry)
        .load(&mut conn.0)?;
    rows.into_iter().map(read_proposed).collect()
}

/// One extension.
pub fn find(conn: &mut Conn, study: &StudyId, id: &ExpiryExtensionId) -> Result<Option<Proposed>, Fault> {
    let row: Option<ProposedRow> = proposals()
        .filter(extension::study.eq(study.as_str()))
        .filter(extension::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read_proposed).transpose()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn proposals() -> _ {
    extension::table.select((
        (extension::id, extension::batch, extension::from_expiry, extension::label_expiry),
        (extension::lots_opening, extension::reason_opening),
        (extension::entry, extension::proposed_by, extension::proposed_at),
    ))
}

type Row = ((String, i64, Day, Option<String>, Option<String>), (Vec<u8>, String, NaiveDateTime));
type ProposedRow = ((String, String, Day, Day), (String, String), (i64, String, NaiveDateTime));

fn read(
    ((batch, entry, label_expiry, extension, reason), (evidence, by, at)): Row,
) -> Result<InForce, Fault> {
    Ok(InForce {
        batch: to_id(&batch, "batch id")?,
        entry: from_bigint(entry, "leaf index")?,
        label_expiry,
        extension: extension.map(|id| to_id(&id, "extension id")).transpose()?,
        reason: reason.map(|id| to_id(&id, "opening id")).transpose()?,
        evidence: Hash::new(to_array(&evidence, "evidence")?),
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}

fn read_proposed(
    ((id, batch, from, label_expiry), (lots, reason), (entry, by, at)): ProposedRow,
) -> Result<Proposed, Fault> {
    Ok(Proposed {
        id: to_id(&id, "extension id")?,
        batch: to_id(&batch, "batch id")?,
        from,
        label_expiry,
        lots: to_id(&lots, "opening id")?,
        reason: to_id(&reason, "opening id")?,
        entry: from_bigint(entry, "leaf index")?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
