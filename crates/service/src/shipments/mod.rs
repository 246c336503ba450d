//! Shipments from a stock to a depot or a site, kits that are set aside, and what the quality role decides about them.

pub mod dispatch;
mod gate;
pub mod incident;
pub mod places;
pub mod quarantine;
pub mod read;
pub mod receive;
pub mod request;
pub mod resupply;

use ledger::Place;
use store::Conn;
use store::rows::{depot, shipment, site};
use terms::{Country, DepotId, ShipmentId, SiteId};
use trial::{Refusal, Role};

use crate::case::Scene;
use crate::failure::Failure;

/// A place of kits that somebody may act at: a site of one's own, or a depot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A site.
    Site(SiteId),
    /// A depot.
    Depot(DepotId),
}

impl At {
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Site(site) => Place::Site(site.clone()),
            Self::Depot(depot) => Place::Depot(depot.clone()),
        }
    }

    /// What its leaves name.
    pub(crate) fn site(&self) -> Option<&SiteId> {
        match self {
            Self::Site(site) => Some(site),
            Self::Depot(_) => None,
        }
    }

    pub(crate) fn depot(&self) -> Option<&DepotId> {
        match self {
            Self::Depot(depot) => Some(depot),
            Self::Site(_) => None,
        }
    }

    pub(crate) fn of(place: &Place) -> Option<Self> {
        match place {
            Place::Site(site) => Some(Self::Site(site.clone())),
            Place::Depot(depot) => Some(Self::Depot(depot.clone())),
            Place::Store | Place::Shipment(_) => None,
        }
    }
}

/// The country of a place that is there.
pub(crate) fn country(conn: &mut Conn, scene: &Scene<'_>, at: &At) -> Result<Country, Failure> {
    let found = match at {
        At::Site(id) => site::find(conn, &scene.study, id)?.map(|site| site.country),
        At::Depot(id) => depot::find(conn, &scene.study, id)?.map(|depot| depot.country),
    };
    Ok(found.ok_or(Refusal::NotFound)?)
}

/// A pharmacist acts at sites within reach, and anything else is as if it were not there; a depot acts at depots alone,
/// and is told so; the quality role acts everywhere.
pub(crate) fn acts_at(
    scene: &Scene<'_>,
    at: &At,
    at_a_site: impl FnOnce() -> Refusal,
) -> Result<(), Refusal> {
    match (scene.authority.role, at) {
        (Role::Quality, _) | (Role::Depot, At::Depot(_)) => Ok(()),
        (Role::Depot, At::Site(_)) => Err(at_a_site()),
        (_, At::Site(site)) => scene.authority.reaches(site),
        (_, At::Depot(_)) => Err(Refusal::NotFound),
    }
}

/// A shipment that is there.
fn found(conn: &mut Conn, scene: &Scene<'_>, id: &ShipmentId) -> Result<shipment::Shipment, Failure> {
    Ok(shipment::find(conn, &scene.study, id)?.ok_or(Refusal::NotFound)?)
}

/// Whether the shipment took this step.
fn has_taken(
    conn: &mut Conn,
    scene: &Scene<'_>,
    id: &ShipmentId,
    kind: shipment::StepKind,
) -> Result<bool, Failure> {
    Ok(shipment::steps_of(conn, &scene.study, id)?.iter().any(|step| step.kind == kind))
}
