//! Sites and recipients of notices.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl};
use terms::{Country, Moment, SiteId, StudyId};

use crate::schema::{recipient, site};
use crate::stored::to_id;
use crate::{Conn, Fault, Tx};

/// A site of a study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// Its country.
    pub country: Country,
}

/// Adds a site to the study whose lock is held.
pub fn add(tx: &mut Tx, new: &Site, at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(site::table)
        .values((
            site::study.eq(study),
            site::id.eq(new.id.as_str()),
            site::name.eq(&new.name),
            site::time_zone.eq(&new.time_zone),
            site::added_at.eq(at.to_stored()),
            site::country.eq(new.country.to_string()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// One site.
pub fn find(conn: &mut Conn, study: &StudyId, id: &SiteId) -> Result<Option<Site>, Fault> {
    let row: Option<Row> = site::table
        .find((study.as_str(), id.as_str()))
        .select((site::id, site::name, site::time_zone, site::country))
        .first(&mut conn.0)
        .optional()?;
    row.map(read).transpose()
}

/// All sites of a study, in the order of their ids.
pub fn all(conn: &mut Conn, study: &StudyId) -> Result<Vec<Site>, Fault> {
    let rows: Vec<Row> = site::table
        .filter(site::study.eq(study.as_str()))
        .order(site::id)
        .select((site::id, site::name, site::time_zone, site::country))
        .load(&mut conn.0)?;
    rows.into_iter().map(read).collect()
}

type Row = (String, String, String, String);

fn read((id, name, time_zone, country): Row) -> Result<Site, Fault> {
    let country = country.parse().map_err(|_malformed| Fault::Malformed("country"))?;
    Ok(Site { id: to_id(&id, "site id")?, name, time_zone, country })
}

/// Somebody who is sent notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// An id of its own.
    pub id: String,
    /// The site whose notices alone are sent; all when none.
    pub site: Option<SiteId>,
    /// The address.
    pub email: String,
    /// Whether the recipient is unblinded.
    pub unblinded: bool,
}

/// Adds a recipient to the study whose lock is held.
pub fn add_recipient(tx: &mut Tx, new: &Recipient, at: Moment) -> Result<(), Fault> {
    let study = tx.study()?.to_string();
    diesel::insert_into(recipient::table)
        .values((
            recipient::id.eq(&new.id),
            recipient::study.eq(study),
            recipient::site.eq(new.site.as_ref().map(SiteId::as_str)),
            recipient::email.eq(&new.email),
            recipient::unblinded.eq(new.unblinded),
            recipient::added_at.eq(at.to_stored()),
        ))
        .execute(&mut tx.0)?;
    Ok(())
}

/// The recipients of a study, in the order of their addresses.
pub fn recipients(conn: &mut Conn, study: &StudyId) -> Result<Vec<Recipient>, Fault> {
    let rows: Vec<(String, Option<String>, String, bool)> = recipient::table
        .filter(recipient::study.eq(study.as_str()))
        .order((recipient::email, recipient::id))
        .select((recipient::id, recipient::site, recipient::email, recipient::unblinded))
        .load(&mut conn.0)?;
    rows.into_iter()
        .map(|(id, site, email, unblinded)| {
            let site = site.map(|site| to_id(&site, "site id")).transpose()?;
            Ok(Recipient { id, site, email, unblinded })
        })
        .collect()
}
