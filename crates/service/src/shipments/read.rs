//! Shipments as everybody may see them (`GET /studies/{study}/shipments`, `.../shipments/{shipment}`).

use journal::Hash;
use ledger::Place;
use store::Conn;
use store::rows::shipment::{self, StepKind};
use terms::{KitNumber, Moment, ShipmentId, StudyId, UserId};
use trial::act::Act;
use trial::{Action, Reach, Refusal};

use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::kits::leaf_at;
use crate::request::Caller;
use crate::service::Shared;

/// A shipment. It has no field for what is in its kits: there are as many of every type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Its id.
    pub id: ShipmentId,
    /// Out of which stock.
    pub from: Place,
    /// To which depot or site.
    pub to: Place,
    /// How many whole groups.
    pub groups: u32,
    /// The kits, in the order of their numbers.
    pub kits: Vec<KitNumber>,
    /// Who had it picked, and when.
    pub picked: (UserId, Moment),
    /// Who dispatched it, and when.
    pub dispatched: Option<(UserId, Moment)>,
    /// Who gave it up before it left, and when.
    pub cancelled: Option<(UserId, Moment)>,
    /// What came out of it.
    pub received: Option<Received>,
}

/// What came out of a shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Kits in good order.
    pub received: Vec<KitNumber>,
    /// Kits that were not in it.
    pub missing: Vec<KitNumber>,
    /// Damaged kits.
    pub damaged: Vec<KitNumber>,
    /// Whether it was too warm or too cold on the way, so that the kits were set aside.
    pub excursion: bool,
    /// The SHA-256 of the temperature record.
    pub temperature_record: Option<Hash>,
    /// Who received it, and when.
    pub recorded: (UserId, Moment),
}

/// The shipments within reach, in the order in which they were picked.
///
/// # Errors
/// The refusals of authorization.
pub fn shipments(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Shipment>, Failure> {
    case::read(service, caller, study, Action::ReadShipments, |conn, scene| {
        let steps = shipment::steps(conn, study)?;
        let mut all = Vec::new();
        for row in shipment::all(conn, study)? {
            if reaches(scene, &row.to) {
                let of_it: Vec<_> = steps.iter().filter(|step| step.shipment == row.id).cloned().collect();
                all.push(shown(conn, scene, row, &of_it)?);
            }
        }
        Ok(all)
    })
}

/// One shipment within reach.
///
/// # Errors
/// [`Refusal::NotFound`] and the refusals of authorization.
pub fn shipment(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: &ShipmentId,
) -> Result<Shipment, Failure> {
    case::read(service, caller, study, Action::ReadShipments, |conn, scene| within_reach(conn, scene, id))
}

/// The shipment, for a reader whom it concerns.
pub(crate) fn within_reach(conn: &mut Conn, scene: &Scene<'_>, id: &ShipmentId) -> Result<Shipment, Failure> {
    let row = shipment::find(conn, &scene.study, id)?.filter(|row| reaches(scene, &row.to));
    let steps = shipment::steps_of(conn, &scene.study, id)?;
    shown(conn, scene, row.ok_or(Refusal::NotFound)?, &steps)
}

/// A role of a site sees what goes to its sites.
pub(crate) fn reaches(scene: &Scene<'_>, to: &Place) -> bool {
    match &scene.authority.reach {
        Reach::Study => true,
        Reach::Sites(sites) => to.site().is_some_and(|site| sites.contains(site)),
    }
}

/// The shipment with these of its steps.
pub(super) fn shown(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: shipment::Shipment,
    steps: &[shipment::Step],
) -> Result<Shipment, Failure> {
    let step = |kind| steps.iter().find(|step| step.kind == kind);
    let received = step(StepKind::Received).map(|step| received(conn, scene, step)).transpose()?;
    Ok(Shipment {
        kits: shipment::kits(conn, &scene.study, &row.id)?.into_iter().collect(),
        dispatched: step(StepKind::Dispatched).map(|step| (step.by.clone(), step.at)),
        cancelled: step(StepKind::Cancelled).map(|step| (step.by.clone(), step.at)),
        received,
        id: row.id,
        from: row.from,
        to: row.to,
        groups: row.groups,
        picked: (row.by, row.at),
    })
}

/// The receipt is read back from its leaf, which nothing can change.
fn received(conn: &mut Conn, scene: &Scene<'_>, step: &shipment::Step) -> Result<Received, Failure> {
    let leaf = leaf_at(conn, scene, step.entry)?;
    let Act::ShipmentReceived { received, missing: lost, damaged, excursion, temperature_record, .. } =
        leaf.act
    else {
        return Err(missing("receipt of a shipment"));
    };
    let recorded = (step.by.clone(), step.at);
    Ok(Received { received, missing: lost, damaged, excursion, temperature_record, recorded })
}
