//! Labels of batches that were printed.

use diesel::dsl::exists;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, select};
use journal::Hash;
use terms::{BatchId, Day, Moment, OpeningId, StudyId, UserId};

use crate::schema::label_print as print;
use crate::stored::to_bigint;
use crate::{Conn, Fault, Tx};

/// A printing of the labels of a whole batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelPrint {
    /// The batch.
    pub batch: BatchId,
    /// The leaf that tells it.
    pub entry: u64,
    /// The language, as the journal spells it.
    pub language: String,
    /// The label expiry on the labels.
    pub label_expiry: Day,
    /// How many labels.
    pub labels: u64,
    /// The SHA-256 of the file.
    pub file: Hash,
    /// The opening of the reason of a second printing.
    pub reason: Option<OpeningId>,
    /// Who had them printed.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a printing to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &LabelPrint) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(print::table)
        .values((
            (print::study.eq(study), print::batch.eq(new.batch.as_str())),
            print::entry.eq(to_bigint(new.entry, "leaf index")?),
            print::language.eq(&new.language),
            print::label_expiry.eq(new.label_expiry),
            print::labels.eq(to_bigint(new.labels, "count of labels")?),
            print::file_hash.eq(new.file.bytes().as_slice()),
            print::reason_opening.eq(new.reason.as_ref().map(OpeningId::as_str)),
            print::printed_by.eq(new.by.as_str()),
            print::printed_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Whether labels of a batch were printed.
pub fn was_printed(conn: &mut Conn, study: &StudyId, batch: &BatchId) -> Result<bool, Fault> {
    let of_it = print::table.filter(print::study.eq(study.as_str())).filter(print::batch.eq(batch.as_str()));
    Ok(select(exists(of_it)).get_result(&mut conn.0)?)
}
