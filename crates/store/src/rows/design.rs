//! The versions of a study's design. Which version is in force is decided by acts, not here.

use chrono::NaiveDateTime;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use terms::{Moment, OpeningId, StudyId};

use crate::schema::study_design as design;
use crate::stored::{from_bigint, to_bigint, to_id};
use crate::{Conn, Fault, Tx};

/// One version of a study's design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Design {
    /// The version, from 1.
    pub version: u64,
    /// The public design as it was loaded.
    pub text: String,
    /// The fingerprint of the public design.
    pub fingerprint: String,
    /// The opening that holds the sealed design.
    pub sealed: OpeningId,
    /// When it was loaded.
    pub loaded_at: Moment,
}

/// Adds a version to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Design) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(design::table)
        .values((
            design::study.eq(study),
            design::version.eq(to_bigint(new.version, "design version")?),
            design::design.eq(&new.text),
            design::fingerprint.eq(&new.fingerprint),
            design::sealed_opening.eq(new.sealed.as_str()),
            design::loaded_at.eq(new.loaded_at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// All versions, the oldest first.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Design>, Fault> {
    let rows: Vec<Row> = design::table
        .filter(design::study.eq(study.as_str()))
        .order(design::version)
        .select((
            design::version,
            design::design,
            design::fingerprint,
            design::sealed_opening,
            design::loaded_at,
        ))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

/// The studies that have a design, in the order of their ids.
pub fn studies(conn: &mut Conn) -> Result<Vec<StudyId>, Fault> {
    let ids: Vec<String> =
        design::table.select(design::study).distinct().order(design::study).load(&mut conn.0)?;
    ids.iter().map(|id| to_id(id, "study id")).collect()
}

/// The latest version, which is the one in force.
pub fn latest(conn: &mut Conn, study: &StudyId) -> Result<Option<Design>, Fault> {
    Ok(all(conn, study)?.pop())
}

type Row = (i64, String, String, String, NaiveDateTime);

fn read((version, text, fingerprint, sealed, loaded_at): Row) -> Result<Design, Fault> {
    Ok(Design {
        version: from_bigint(version, "design version")?,
        text,
        fingerprint,
        sealed: to_id(&sealed, "opening id")?,
        loaded_at: Moment::from_stored(loaded_at),
    })
}
