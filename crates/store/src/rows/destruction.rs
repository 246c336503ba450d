//! Destructions of reconciled kits: what was proposed, and the sponsor's signature.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use journal::Hash;
use ledger::Place;
use terms::{DestructionId, KitNumber, Moment, StudyId, UserId};

use super::kit::{columns, read_place};
use crate::schema::{
    destruction as proposed, destruction_authorization as authorization, destruction_kit as of_it,
};
use crate::stored::{from_bigint, to_array, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// A destruction as it was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Its id.
    pub id: DestructionId,
    /// The site or the depot.
    pub place: Place,
    /// The leaf that tells it.
    pub entry: u64,
    /// Who proposed it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// The second signature, with which the kits count as destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorized {
    /// The leaf that tells it.
    pub entry: u64,
    /// The SHA-256 of the certificate.
    pub certificate: Hash,
    /// Who authorized it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// Adds a destruction with its kits.
pub fn propose(tx: &mut Tx, new: &Proposed, kits: &[KitNumber]) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    let (site, depot, _) = columns(&new.place);
    diesel::insert_into(proposed::table)
        .values((
            proposed::study.eq(&study),
            proposed::id.eq(new.id.as_str()),
            proposed::site.eq(site),
            proposed::depot.eq(depot),
            proposed::entry.eq(to_bigint(new.entry, "leaf index")?),
            proposed::proposed_by.eq(new.by.as_str()),
            proposed::proposed_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    for kit in kits {
        diesel::insert_into(of_it::table)
            .values((
                of_it::study.eq(&study),
                of_it::destruction.eq(new.id.as_str()),
                of_it::kit.eq(kit.to_string()),
            ))
            .execute(&mut tx.0)?;
    }
    Ok(())
}

/// Adds the second signature.
pub fn authorize(tx: &mut Tx, id: &DestructionId, new: &Authorized) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(authorization::table)
        .values((
            authorization::study.eq(study),
            authorization::destruction.eq(id.as_str()),
            authorization::entry.eq(to_bigint(new.entry, "leaf index")?),
            authorization::certificate.eq(new.certificate.bytes().as_slice()),
            authorization::authorized_by.eq(new.by.as_str()),
            authorization::authorized_at.eq(new.at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One destruction.
pub fn find(conn: &mut Conn, study: &StudyId, id: &DestructionId) -> Result<Option<Proposed>, Fault> {
    let row: Option<Row> = query()
        .filter(proposed::study.eq(study.as_str()))
        .filter(proposed::id.eq(id.as_str()))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// All destructions of a study, in order.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Proposed>, Fault> {
    let rows: Vec<Row> =
        query().filter(proposed::study.eq(study.as_str())).order(proposed::entry).load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// The kits of a destruction, in the order of their numbers.
pub fn kits(conn: &mut Conn, study: &StudyId, id: &DestructionId) -> Result<Vec<KitNumber>, Fault> {
    let rows: Vec<String> = of_it::table
        .filter(of_it::study.eq(study.as_str()))
        .filter(of_it::destruction.eq(id.as_str()))
        .order(of_it::kit)
        .select(of_it::kit)
        .load(&mut conn.0)?;
    let number = |kit: &String| KitNumber::parse(kit).map_err(|_malformed| Fault::Malformed("kit number"));
    rows.iter().map(number).collect()
}

/// The second signature of a destruction.
pub fn authorized(conn: &mut Conn, study: &StudyId, id: &DestructionId) -> Result<Option<Authorized>, Fault> {
    let row: Option<(i64, Vec<u8>, String, NaiveDateTime)> = authorization::table
        .find((study.as_str(), id.as_str()))
        .select((
            authorization::entry,
            authorization::certificate,
            authorization::authorized_by,
            authorization::authorized_at,
        ))
        .first(&mut conn.0)
        .optional()?;
    row.map(|(entry, certificate, by, at)| {
        Ok(Authorized {
            entry: from_bigint(entry, "leaf index")?,
            certificate: Hash::new(to_array(&certificate, "certificate")?),
            by: to_id(&by, "user id")?,
            at: Moment::from_stored(at),
        })
    })
    .transpose()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn query() -> _ {
    proposed::table.select((
        (proposed::id, proposed::site, proposed::depot),
        (proposed::entry, proposed::proposed_by, proposed::proposed_at),
    ))
}

type Row = ((String, Option<String>, Option<String>), (i64, String, NaiveDateTime));

fn read(((id, site, depot), (entry, by, at)): Row) -> Result<Proposed, Fault> {
    Ok(Proposed {
        id: to_id(&id, "destruction id")?,
        place: read_place((site, depot, None))?,
        entry: from_bigint(entry, "leaf index")?,
        by: to_id(&by, "user id")?,
        at: Moment::from_stored(at),
    })
}
