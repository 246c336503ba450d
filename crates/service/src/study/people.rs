//! Sites and recipients of notices: rows, which may be added at any time.

use chrono_tz::Tz;
use lettre::Address;
use store::Fault;
use store::rows::{depot, site};
use terms::{Country, DepotId, SiteId, StudyId};
use trial::Refusal;
use trial::act::Act;

use super::operator::act;
use crate::failure::Failure;
use crate::service::Shared;

/// A site to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSite {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
    /// Its country: kits are used there once their batch is released in it.
    pub country: Country,
}

/// A depot to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDepot {
    /// Its id.
    pub id: DepotId,
    /// Its name.
    pub name: String,
    /// Its country: kits go there once their batch is released in it.
    pub country: Country,
}

/// Somebody to send notices to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecipient {
    /// The site whose notices alone are sent; all when none.
    pub site: Option<SiteId>,
    /// The address.
    pub email: String,
    /// Whether the recipient is unblinded.
    pub unblinded: bool,
}

/// Adds a site to a study.
///
/// # Errors
/// [`Refusal::Field`] for an empty name or an unknown time zone, [`Refusal::NotFound`] for an unknown study,
/// [`Refusal::Exists`]; faults.
pub fn add_site(service: &Shared, study: &StudyId, new: NewSite) -> Result<(), Failure> {
    if new.name.trim().is_empty() {
        return Err(Refusal::field("name", "must not be empty").into());
    }
    if new.time_zone.parse::<Tz>().is_err() {
        return Err(Refusal::field("time_zone", "is no IANA time zone").into());
    }
    act(service, study, move |operator, tx| {
        let NewSite { id, name, time_zone, country } = new.clone();
        let row = site::Site { id, name, time_zone, country };
        site::add(tx, &row, operator.now).map_err(exists)?;
        let act = Act::SiteAdded { name: row.name, time_zone: row.time_zone, country };
        operator.append(tx, Some(&new.id), act)?;
        Ok(())
    })
}

/// Adds a depot to a study.
///
/// # Errors
/// [`Refusal::Field`] for an empty name, [`Refusal::NotFound`] for an unknown study, [`Refusal::Exists`]; faults.
pub fn add_depot(service: &Shared, study: &StudyId, new: NewDepot) -> Result<(), Failure> {
    if new.name.trim().is_empty() {
        return Err(Refusal::field("name", "must not be empty").into());
    }
    act(service, study, move |operator, tx| {
        let NewDepot { id, name, country } = new.clone();
        let row = depot::Depot { id, name, country };
        depot::add(tx, &row, operator.now).map_err(exists)?;
        operator.append(tx, None, Act::DepotAdded { depot: row.id, name: row.name, country })?;
        Ok(())
    })
}

/// Adds a recipient of notices. The address stands in its row and not in the journal (PRV-01).
///
/// # Errors
/// [`Refusal::Field`] for what is no address, [`Refusal::NotFound`] for an unknown study or site, [`Refusal::Exists`];
/// faults.
pub fn add_recipient(service: &Shared, study: &StudyId, new: NewRecipient) -> Result<(), Failure> {
    if new.email.parse::<Address>().is_err() {
        return Err(Refusal::field("email", "is no mail address").into());
    }
    let of = study.clone();
    act(service, study, move |operator, tx| {
        if let Some(site) = &new.site {
            site::find(tx, &of, site)?.ok_or(Refusal::NotFound)?;
        }
        let same = |row: &site::Recipient| {
            row.email == new.email && row.site == new.site && row.unblinded == new.unblinded
        };
        if site::recipients(tx, &of)?.iter().any(same) {
            return Err(Refusal::Exists("recipient").into());
        }
        let row = site::Recipient {
            id: operator.service.entropy.text::<26>()?,
            site: new.site.clone(),
            email: new.email.clone(),
            unblinded: new.unblinded,
        };
        site::add_recipient(tx, &row, operator.now)?;
        operator.append(tx, new.site.as_ref(), Act::RecipientAdded { unblinded: new.unblinded })?;
        Ok(())
    })
}

fn exists(fault: Fault) -> Failure {
    match fault {
        Fault::Conflict("site_pkey") => Refusal::Exists("site").into(),
        Fault::Conflict("depot_pkey") => Refusal::Exists("depot").into(),
        fault => fault.into(),
    }
}
