//! Counts of what came back of kits; the last one of a kit counts.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{KitNumber, Moment, OpeningId, StudyId, UserId};

use crate::schema::kit_count;
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// What was counted of a kit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitCount {
    /// The leaf that tells it.
    pub entry: u64,
    /// The kit.
    pub kit: KitNumber,
    /// Vials that were used.
    pub used: u32,
    /// Vials that came back as they were handed over.
    pub unused: u32,
    /// Vials of which nobody knows.
    pub missing: u32,
    /// The opening of the reason, when one was needed.
    pub reason: Option<OpeningId>,
    /// Who counted.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a count.
pub fn add(tx: &mut Tx, new: &KitCount) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(kit_count::table)
        .values((
            kit_count::study.eq(study),
            kit_count::entry.eq(to_bigint(new.entry, "leaf index")?),
            kit_count::kit.eq(new.kit.to_string()),
            kit_count::used.eq(i64::from(new.used)),
            kit_count::unused.eq(i64::from(new.unused)),
            kit_count::missing.eq(i64::from(new.missing)),
            kit_count::reason_opening.eq(new.reason.as_ref().map(OpeningId::as_str)),
            kit_count::counted_by.eq(new.by.as_str()),
            kit_count::counted_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The counts of one kit, in order.
pub fn of_kit(conn: &mut Conn, study: &StudyId, kit: KitNumber) -> Result<Vec<KitCount>, Fault> {
    let rows: Vec<Row> = query()
        .filter(kit_count::study.eq(study.as_str()))
        .filter(kit_count::kit.eq(kit.to_string()))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// All counts of a study, in order.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<KitCount>, Fault> {
    let rows: Vec<Row> = query().filter(kit_count::study.eq(study.as_str())).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    kit_count::table.order(kit_count::entry).select((
        (kit_count::entry, kit_count::kit),
        (kit_count::used, kit_count::unused, kit_count::missing),
        (kit_count::reason_opening, kit_count::counted_by, kit_count::counted_at),
    ))
}

type Row = ((i64, String), (i64, i64, i64), (Option<String>, String, NaiveDateTime));

fn read(((entry, kit), (used, unused, missing), (reason, by, at)): Row) -> Result<KitCount, Fault> {
    let vials = |stored| u32::try_from(stored).map_err(|_range| Fault::Malformed("vials"));
    Ok(KitCount {
        entry: from_bigint(entry, "leaf index")?,
        kit: KitNumber::parse(&kit).map_err(|_malformed| Fault::Malformed("kit number"))?,
        used: vials(used)?,
        unused: vials(unused)?,
        missing: vials(missing)?,
        reason: reason.map(|id| to_id(&id, "opening id")).transpose()?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
