//! Reconciliations of the kits of a place: what was signed for, and the second signature.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use ledger::Place;
use terms::{KitNumber, KitReconciliationId, Moment, OpeningId, StudyId, UserId};

use super::kit::{columns, read_place};
use crate::schema::{
    kit_reconciliation as signed, kit_reconciliation_confirmation as confirmation,
    kit_reconciliation_kit as of_it,
};
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A reconciliation as it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its id.
    pub id: KitReconciliationId,
    /// The site or the depot.
    pub place: Place,
    /// Whether the place is closed.
    pub closing: bool,
    /// The leaf that tells it.
    pub entry: u64,
    /// Who signed.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// A kit of a reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// The kit.
    pub number: KitNumber,
    /// The opening of the reason why it will not come back, where it does not.
    pub reason: Option<OpeningId>,
}

/// Adds a reconciliation with its kits.
pub fn sign(tx: &mut Tx, new: &Signed, kits: &[Kit]) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let (site, depot, _) = columns(&new.place);
    diesel::insert_into(signed::table)
        .values((
            signed::study.eq(&study),
            signed::id.eq(new.id.as_str()),
            signed::site.eq(site),
            signed::depot.eq(depot),
            signed::closing.eq(new.closing),
            signed::entry.eq(to_bigint(new.entry, "leaf index")?),
            signed::signed_by.eq(new.by.as_str()),
            signed::signed_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    for kit in kits {
        diesel::insert_into(of_it::table)
            .values((
                of_it::study.eq(&study),
                of_it::reconciliation.eq(new.id.as_str()),
                of_it::kit.eq(kit.number.to_string()),
                of_it::reason_opening.eq(kit.reason.as_ref().map(OpeningId::as_str)),
            ))
            .execute(&mut tx.0)?;
    }
    Ok(())
}

/// Adds the second signature.
pub fn confirm(
    tx: &mut Tx,
    id: &KitReconciliationId,
    entry: u64,
    by: &UserId,
    at: Moment,
) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(confirmation::table)
        .values((
            confirmation::study.eq(study),
            confirmation::reconciliation.eq(id.as_str()),
            confirmation::entry.eq(to_bigint(entry, "leaf index")?),
            confirmation::confirmed_by.eq(by.as_str()),
            confirmation::confirmed_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One reconciliation.
pub fn find(conn: &mut Conn, study: &StudyId, id: &KitReconciliationId) -> Result<Option<Signed>, Fault> {
    let row: Option<Row> = query()
        .filter(signed::study.eq(study.as_str()))
        .filter(signed::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// All reconciliations of a study, in order.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Signed>, Fault> {
    let rows: Vec<Row> =
        query().filter(signed::study.eq(study.as_str())).order(signed::entry).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// The kits of a reconciliation, in the order of their numbers.
pub fn kits(conn: &mut Conn, study: &StudyId, id: &KitReconciliationId) -> Result<Vec<Kit>, Fault> {
    let rows: Vec<(String, Option<String>)> = of_it::table
        .filter(of_it::study.eq(study.as_str()))
        .filter(of_it::reconciliation.eq(id.as_str()))
        .order(of_it::kit)
        .select((of_it::kit, of_it::reason_opening))
        .load(&mut conn.0)?;
    rows.into_iter()
        .map(|(kit, reason)| {
            Ok(Kit {
                number: KitNumber::parse(&kit).map_err(|_malformed| Fault::Malformed("kit number"))?,
                reason: reason.map(|id| to_id(&id, "opening id")).transpose()?,
            })
        })
        .collect()
}

/// Who signed a reconciliation second, and when.
pub fn confirmed(
    conn: &mut Conn,
    study: &StudyId,
    id: &KitReconciliationId,
) -> Result<Option<(UserId, Moment)>, Fault> {
    let row: Option<(String, NaiveDateTime)> = confirmation::table
        .find((study.as_str(), id.as_str()))
        .select((confirmation::confirmed_by, confirmation::confirmed_at))
        .first(&mut conn.0)
        .optional()?;
    row.map(|(by, at)| Ok((to_id(&by, "user id")?, Moment::from_stored(at)))).transpose()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    signed::table.select((
        (signed::id, signed::site, signed::depot),
        (signed::closing, signed::entry),
        (signed::signed_by, signed::signed_at),
    ))
}

type Row = ((String, Option<String>, Option<String>), (bool, i64), (String, NaiveDateTime));

fn read(((id, site, depot), (closing, entry), (by, at)): Row) -> Result<Signed, Fault> {
    Ok(Signed {
        id: to_id(&id, "reconciliation id")?,
        place: read_place((site, depot, None))?,
        closing,
        entry: from_bigint(entry, "leaf index")?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
