//! `GET, POST /studies/{study}/shipments`, `GET .../shipments/{shipment}`, `POST .../dispatch`, `.../cancellation`,
//! `.../receipt`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::kits::read::Place;
use service::shipments::request::Command;
use service::shipments::{At, dispatch, read, receive, request};
use terms::{KitNumber, Moment, ShipmentId, UserId};
use trial::decide::batch::Arrival;
use trial::{Action, Refusal};
use utoipa::ToSchema;

use super::batches::listed;
use super::field;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// A shipment to be picked: whole groups, each with as many kits of every type.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// The depot that it leaves; the sponsor's stock when absent.
    from_depot: Option<String>,
    /// The site that it goes to, or `to_depot`.
    to_site: Option<String>,
    /// The depot that it goes to, or `to_site`.
    to_depot: Option<String>,
    /// How many groups.
    groups: u32,
}

/// The kits that were packed, each as it was scanned.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dispatch {
    kits: Vec<String>,
}

/// Why a shipment is given up before it leaves.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cancel {
    pub(crate) reason: String,
}

/// What came out of the box: every kit of the shipment in one of three lists.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receive {
    /// The numbers of the kits in good order.
    #[serde(default)]
    received: Vec<String>,
    /// The numbers of the kits that were not in it.
    #[serde(default)]
    missing: Vec<String>,
    /// The numbers of the kits that are damaged.
    #[serde(default)]
    damaged: Vec<String>,
    /// Whether the record shows that it was too warm or too cold on the way: then all its kits are set aside.
    excursion: bool,
    /// The SHA-256 of the temperature record, in hexadecimal.
    temperature_record_sha256: Option<String>,
}

/// A shipment. There is no field for what is in its kits.
#[derive(Serialize, ToSchema)]
struct Shipment {
    id: String,
    /// The depot that it leaves; the sponsor's stock when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_depot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_depot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_site: Option<String>,
    groups: u32,
    /// The numbers of the kits, in order.
    kits: Vec<String>,
    picked_by: String,
    picked_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatched_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispatched_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ShipmentReceipt>,
}

/// What came out of a shipment.
#[derive(Serialize, ToSchema)]
struct ShipmentReceipt {
    received: Vec<String>,
    missing: Vec<String>,
    damaged: Vec<String>,
    excursion: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature_record_sha256: Option<String>,
    recorded_by: String,
    recorded_at: String,
}

#[derive(Serialize, ToSchema)]
struct ShipmentsBody {
    shipments: Vec<Shipment>,
}

#[derive(Serialize, ToSchema)]
struct ShipmentBody {
    shipment: Shipment,
}

/// Lists the shipments that you may see, in the order in which they were picked.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The shipments.", body = ShipmentsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/shipments")]
pub(super) async fn list(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let shipments = run(move || read::shipments(&service, &caller, &study)).await?;
    ok(ShipmentsBody { shipments: shipments.into_iter().map(Shipment::from).collect() })
}

/// Shows a shipment with its kits.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The shipment.", body = ShipmentBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/shipments/{shipment}")]
pub(super) async fn one(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, id) = (named(&path.0)?, named(&path.1)?);
    let shipment = run(move || read::shipment(&service, &caller, &study, &id)).await?;
    ok(ShipmentBody { shipment: shipment.into() })
}

/// Has the kits of a shipment picked: out of the batches that expire first, and as many of every type.
#[utoipa::path(
    tag = "kits",
    request_body = Request,
    responses(
        (status = 201, description = "The kits are picked.", body = ShipmentBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/shipments")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Request>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::RequestShipment)?;
    let command = body.into_command()?;
    let shipment = run(move || request::request(&service, envelope, command)).await?;
    created(ShipmentBody { shipment: shipment.into() })
}

/// Records that a shipment left, with exactly the kits that were picked for it.
#[utoipa::path(
    tag = "kits",
    request_body = Dispatch,
    responses(
        (status = 201, description = "The shipment is on its way.", body = ShipmentBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/shipments/{shipment}/dispatch")]
pub(super) async fn dispatched(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Dispatch>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::DispatchShipment)?;
    let scanned = body.scanned()?;
    let shipment = run(move || dispatch::dispatch(&service, envelope, id, scanned)).await?;
    created(ShipmentBody { shipment: shipment.into() })
}

/// Gives up a shipment that has not left: what was promised to it is free again.
#[utoipa::path(
    tag = "kits",
    request_body = Cancel,
    responses(
        (status = 201, description = "The shipment is given up.", body = ShipmentBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/shipments/{shipment}/cancellation")]
pub(super) async fn cancelled(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Cancel>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::DispatchShipment)?;
    let shipment = run(move || dispatch::cancel(&service, envelope, id, body.reason)).await?;
    created(ShipmentBody { shipment: shipment.into() })
}

/// Records what came out of a shipment, every kit of it, all or nothing.
#[utoipa::path(
    tag = "kits",
    request_body = Receive,
    responses(
        (status = 201, description = "The receipt is recorded.", body = ShipmentBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/shipments/{shipment}/receipt")]
pub(super) async fn received(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Receive>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReceiveShipment)?;
    let command = body.into_command(id)?;
    let shipment = run(move || receive::receive(&service, envelope, command)).await?;
    created(ShipmentBody { shipment: shipment.into() })
}

impl Dispatch {
    /// The kits, each with the path of its number.
    pub(crate) fn scanned(&self) -> Result<Vec<(String, KitNumber)>, Refusal> {
        let scanned = listed("kits", &self.kits, Arrival::Received)?;
        Ok(scanned.into_iter().map(|kit| (kit.path, kit.number)).collect())
    }
}

impl Request {
    pub(crate) fn into_command(self) -> Result<Command, Refusal> {
        let from = self.from_depot.as_deref().map(|depot| field::id("from_depot", depot)).transpose()?;
        let to = place("to_site", self.to_site.as_deref(), "to_depot", self.to_depot.as_deref())?;
        Ok(Command { from, to, groups: self.groups })
    }
}

/// A site or a depot, exactly one of both.
pub(super) fn place(
    site_field: &str,
    site: Option<&str>,
    depot_field: &str,
    depot: Option<&str>,
) -> Result<At, Refusal> {
    match (site, depot) {
        (Some(site), None) => Ok(At::Site(field::id(site_field, site)?)),
        (None, Some(depot)) => Ok(At::Depot(field::id(depot_field, depot)?)),
        _ => Err(Refusal::field(site_field, format!("or `{depot_field}` must be given, and not both"))),
    }
}

impl Receive {
    pub(crate) fn into_command(self, shipment: ShipmentId) -> Result<receive::Command, Refusal> {
        let mut kits = listed("received", &self.received, Arrival::Received)?;
        kits.extend(listed("missing", &self.missing, Arrival::Missing)?);
        kits.extend(listed("damaged", &self.damaged, Arrival::Damaged)?);
        let record = self.temperature_record_sha256.as_deref();
        let temperature_record =
            record.map(|hash| field::hash("temperature_record_sha256", hash)).transpose()?;
        Ok(receive::Command { shipment, kits, excursion: self.excursion, temperature_record })
    }
}

impl From<read::Shipment> for Shipment {
    fn from(shipment: read::Shipment) -> Self {
        let depot = |place: &Place| match place {
            Place::Depot(depot) => Some(depot.to_string()),
            Place::Store | Place::Shipment(_) | Place::Site(_) => None,
        };
        let (dispatched_by, dispatched_at) = texts_of(shipment.dispatched);
        let (cancelled_by, cancelled_at) = texts_of(shipment.cancelled);
        Self {
            id: shipment.id.to_string(),
            from_depot: depot(&shipment.from),
            to_depot: depot(&shipment.to),
            to_site: shipment.to.site().map(ToString::to_string),
            groups: shipment.groups,
            kits: texts(&shipment.kits),
            picked_by: shipment.picked.0.to_string(),
            picked_at: shipment.picked.1.to_string(),
            dispatched_by,
            dispatched_at,
            cancelled_by,
            cancelled_at,
            receipt: shipment.received.map(ShipmentReceipt::from),
        }
    }
}

fn texts_of(done: Option<(UserId, Moment)>) -> (Option<String>, Option<String>) {
    done.map(|(by, at)| (by.to_string(), at.to_string())).unzip()
}

pub(super) fn texts(numbers: &[KitNumber]) -> Vec<String> {
    numbers.iter().map(ToString::to_string).collect()
}

impl From<read::Received> for ShipmentReceipt {
    fn from(receipt: read::Received) -> Self {
        Self {
            received: texts(&receipt.received),
            missing: texts(&receipt.missing),
            damaged: texts(&receipt.damaged),
            excursion: receipt.excursion,
            temperature_record_sha256: receipt.temperature_record.map(|hash| hash.to_string()),
            recorded_by: receipt.recorded.0.to_string(),
            recorded_at: receipt.recorded.1.to_string(),
        }
    }
}
