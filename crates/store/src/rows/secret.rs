//! The openings of a study's own seeds.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{OpeningId, StudyId};

use crate::schema::study_secret as secret;
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// Where the seeds of a study lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// The opening of the seed of the kit numbers.
    pub kit_numbers: OpeningId,
    /// The opening of the seed of the picks.
    pub picks: OpeningId,
}

/// Adds the seeds to the study whose lock is held.
pub fn add(tx: &mut Tx, seeds: &Seeds) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(secret::table)
        .values((
            secret::study.eq(study),
            secret::kit_number_opening.eq(seeds.kit_numbers.as_str()),
            secret::pick_opening.eq(seeds.picks.as_str()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// Where the seeds of a study lie.
pub fn find(conn: &mut Conn, study: &StudyId) -> Result<Option<Seeds>, Fault> {
    let row: Option<(String, String)> = secret::table
        .find(study.as_str())
        .select((secret::kit_number_opening, secret::pick_opening))
        .first(&mut conn.0)
        .optional()?;
    row.map(|(kit_numbers, picks)| {
        Ok(Seeds { kit_numbers: to_id(&kit_numbers, "opening id")?, picks: to_id(&picks, "opening id")? })
    })
    .transpose()
}
