//! Depots, from which sites are supplied.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Country, DepotId, Moment, StudyId};

use crate::schema::depot;
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A depot of a study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Depot {
    /// Its id.
    pub id: DepotId,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: Country,
}

/// Adds a depot to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Depot, at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(depot::table)
        .values((
            depot::study.eq(study),
            depot::id.eq(new.id.as_str()),
            depot::name.eq(&new.name),
            depot::country.eq(new.country.to_string()),
            depot::added_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One depot.
pub fn find(conn: &mut Conn, study: &StudyId, id: &DepotId) -> Result<Option<Depot>, Fault> {
    let row: Option<Row> = depot::table
        .find((study.as_str(), id.as_str()))
        .select((depot::id, depot::name, depot::country))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// All depots of a study, in the order of their ids.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Depot>, Fault> {
    let rows: Vec<Row> = depot::table
        .filter(depot::study.eq(study.as_str()))
        .order(depot::id)
        .select((depot::id, depot::name, depot::country))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

type Row = (String, String, String);

fn read((id, name, country): Row) -> Result<Depot, Fault> {
    let country = country.parse().map_err(|_malformed| Fault::Malformed("country"))?;
    Ok(Depot { id: to_id(&id, "depot id")?, name, country })
}
