//! `GET /studies/{study}/stock-by-type`

use actix_web::get;
use actix_web::web::{Data, Path};
use serde::Serialize;
use service::Shared;
use service::kits::by_type::{self, TypeStock};
use service::kits::read::Place;
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, ok, run};
use crate::posted::{Asks, named};

/// The kits of a type that could be used: for unblinded eyes alone.
#[derive(Serialize, ToSchema)]
pub(super) struct StockOfType {
    /// The internal code of the type.
    kit_type: String,
    contents: String,
    /// The days in UTC on which the number changed, in order.
    usable: Vec<UsableKits>,
}

/// The same, with where they are.
#[derive(Serialize, ToSchema)]
struct StockAwayFromSites {
    #[serde(flatten)]
    stock: StockOfType,
    /// How many there are now, by place.
    places: Vec<UsableKitsAtPlace>,
}

#[derive(Serialize, ToSchema)]
struct UsableKits {
    /// The day.
    #[schema(format = Date)]
    day: String,
    /// How many there were at its end.
    kits: u32,
}

#[derive(Serialize, ToSchema)]
struct UsableKitsAtPlace {
    /// `depot/` and its id, or `stock` for that of the sponsor.
    #[schema(example = "depot/central")]
    place: String,
    kits: u32,
}

#[derive(Serialize, ToSchema)]
struct StockByTypeBody {
    stock: Vec<StockAwayFromSites>,
    /// How many kits have a type that cannot be read, and are not counted in the stock.
    unreadable_kits: usize,
}

/// How many kits of each type could be used in the sponsor's stock and in depots, day by day and now. Those at sites
/// are left out. Every read is recorded before it is answered.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The stock of every type.", body = StockByTypeBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/stock-by-type")]
pub(super) async fn get(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let read = run(move || by_type::away_from_sites(&service, &caller, &study)).await?;
    let stock = read.types.iter().map(StockAwayFromSites::from).collect();
    ok(StockByTypeBody { stock, unreadable_kits: read.unreadable })
}

impl From<&TypeStock> for StockOfType {
    fn from(of: &TypeStock) -> Self {
        let usable = of.usable.iter().map(|(day, kits)| UsableKits { day: day.to_string(), kits: *kits });
        Self { kit_type: of.kit_type.clone(), contents: of.contents.text.clone(), usable: usable.collect() }
    }
}

impl From<&TypeStock> for StockAwayFromSites {
    fn from(of: &TypeStock) -> Self {
        let places = of.places.iter().map(|(at, kits)| UsableKitsAtPlace { place: place(at), kits: *kits });
        Self { stock: of.into(), places: places.collect() }
    }
}

fn place(place: &Place) -> String {
    match place {
        Place::Store => "stock".to_owned(),
        Place::Depot(depot) => format!("depot/{depot}"),
        Place::Shipment(shipment) => format!("shipment/{shipment}"),
        Place::Site(site) => format!("site/{site}"),
    }
}
