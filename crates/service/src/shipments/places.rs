//! Where kits can be sent from and to: the sites and the depots of a study.

use store::rows::{depot, site};
use terms::{Country, StudyId};
use trial::Action;

use super::At;
use crate::case;
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// A site or a depot, as everybody of the study knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Which one.
    pub at: At,
    /// Its name.
    pub name: String,
    /// The country in which batches must be released to be used there.
    pub country: Country,
}

/// The sites within reach and the depots, each in the order of their ids.
///
/// # Errors
/// The refusals of authorization.
pub fn places(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Located>, Failure> {
    case::read(service, caller, study, Action::ReadShipments, |conn, scene| {
        let sites = site::all(conn, study)?.into_iter();
        let sites = sites.filter(|row| scene.authority.reaches(&row.id).is_ok());
        let site = |row: site::Site| Located { at: At::Site(row.id), name: row.name, country: row.country };
        let depots = depot::all(conn, study)?.into_iter();
        let depot =
            |row: depot::Depot| Located { at: At::Depot(row.id), name: row.name, country: row.country };
        Ok(sites.map(site).chain(depots.map(depot)).collect())
    })
}
