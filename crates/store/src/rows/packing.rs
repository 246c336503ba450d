//! How the kits of a batch come to exist: packaging lists that left, packings that came back, and checks of samples.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{BatchId, Moment, OpeningId, StudyId, UserId};

use crate::schema::{packaging_list as list, packing, sample_check as check};
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A packaging list that left the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The batch.
    pub batch: BatchId,
    /// The leaf that tells it.
    pub entry: u64,
    /// The opening of the recipient's name.
    pub recipient: OpeningId,
    /// The key that it was encrypted to.
    pub recipient_key: String,
    /// Who exported it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// A packing that was reconciled with what was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packing {
    /// The batch.
    pub batch: BatchId,
    /// Which packing of the batch it is, from 1.
    pub attempt: u32,
    /// How many kits were packed.
    pub kits: u32,
    /// The opening of the SHA-256 of the file.
    pub file: OpeningId,
    /// Who recorded it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// The check of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The batch.
    pub batch: BatchId,
    /// The packing.
    pub attempt: u32,
    /// The leaf that tells which kits were checked.
    pub entry: u64,
    /// Whether every kit of it held what was registered.
    pub passed: bool,
    /// The opening of what was found.
    pub found: OpeningId,
    /// Who checked it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a packaging list to the study whose lock is held.
pub fn export(tx: &mut Tx, new: &Exported) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(list::table)
        .values((
            list::study.eq(study),
            list::batch.eq(new.batch.as_str()),
            list::entry.eq(to_bigint(new.entry, "leaf index")?),
            list::recipient_opening.eq(new.recipient.as_str()),
            list::recipient_key.eq(&new.recipient_key),
            list::exported_by.eq(new.by.as_str()),
            list::exported_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Adds a packing, each number once.
pub fn record(tx: &mut Tx, new: &Packing) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(packing::table)
        .values((
            packing::study.eq(study),
            packing::batch.eq(new.batch.as_str()),
            packing::attempt.eq(i64::from(new.attempt)),
            packing::kits.eq(i64::from(new.kits)),
            packing::file_opening.eq(new.file.as_str()),
            packing::recorded_by.eq(new.by.as_str()),
            packing::recorded_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Adds the check of a packing's sample, once.
pub fn check(tx: &mut Tx, new: &Check) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(check::table)
        .values((
            check::study.eq(study),
            check::batch.eq(new.batch.as_str()),
            check::attempt.eq(i64::from(new.attempt)),
            check::entry.eq(to_bigint(new.entry, "leaf index")?),
            check::passed.eq(new.passed),
            check::found_opening.eq(new.found.as_str()),
            check::checked_by.eq(new.by.as_str()),
            check::checked_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The packaging lists of a batch that left, in order.
pub fn lists_of(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<Vec<Exported>, Fault> {
    let rows: Vec<ListRow> = list::table
        .filter(list::study.eq(study.as_str()))
        .filter(list::batch.eq(batch.as_str()))
        .order(list::entry)
        .load(&mut conn.0)?;
    rows.into_iter().map(read_list).collect()
}

/// The packings of a study, in the order of batch and number.
pub fn packings(conn: &mut Conn, study: &StudyId) -> Result<Vec<Packing>, Fault> {
    let rows: Vec<PackingRow> = packing::table
        .filter(packing::study.eq(study.as_str()))
        .order((packing::batch, packing::attempt))
        .load(&mut conn.0)?;
    rows.into_iter().map(read_packing).collect()
}

/// The checks of a study, in the order of batch and packing.
pub fn checks(conn: &mut Conn, study: &StudyId) -> Result<Vec<Check>, Fault> {
    let rows: Vec<CheckRow> = check::table
        .filter(check::study.eq(study.as_str()))
        .order((check::batch, check::attempt))
        .load(&mut conn.0)?;
    rows.into_iter().map(read_check).collect()
}

type ListRow = (String, String, i64, String, String, String, NaiveDateTime);
type PackingRow = (String, String, i64, i64, String, String, NaiveDateTime);
type CheckRow = (String, String, i64, i64, bool, String, String, NaiveDateTime);

fn read_list((_, batch, entry, recipient, recipient_key, by, at): ListRow) -> Result<Exported, Fault> {
    Ok(Exported {
        batch: to_id(&batch, "batch id")?,
        entry: from_bigint(entry, "leaf index")?,
        recipient: to_id(&recipient, "opening id")?,
        recipient_key,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}

fn read_packing((_, batch, attempt, kits, file, by, at): PackingRow) -> Result<Packing, Fault> {
    Ok(Packing {
        batch: to_id(&batch, "batch id")?,
        attempt: small(attempt, "attempt")?,
        kits: small(kits, "number of kits")?,
        file: to_id(&file, "opening id")?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}

fn read_check((_, batch, attempt, entry, passed, found, by, at): CheckRow) -> Result<Check, Fault> {
    Ok(Check {
        batch: to_id(&batch, "batch id")?,
        attempt: small(attempt, "attempt")?,
        entry: from_bigint(entry, "leaf index")?,
        passed,
        found: to_id(&found, "opening id")?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}

fn small(stored: i64, what: &'static str) -> Result<u32, Fault> {
    u32::try_from(stored).map_err(|_range| Fault::Malformed(what))
}
