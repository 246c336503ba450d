//! `GET /studies/{study}/kits`, `GET .../kits/{number}`, `POST .../kits`

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::kits::read::{self, Filter, Place};
use service::kits::register;
use terms::{BatchId, Day, KitNumber};
use trial::decide::register::{Command, Content};
use trial::{Action, Refusal};
use utoipa::{IntoParams, ToSchema};

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// By what a list of kits can be narrowed; there is nothing else.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct KitFilter {
    /// A state, for example `available`.
    state: Option<String>,
    /// A batch.
    batch: Option<String>,
    /// A site.
    site: Option<String>,
}

/// A kit as everybody may see it: there is no field for what is in it.
#[derive(Serialize, ToSchema)]
pub(super) struct Kit {
    #[schema(example = "7955171567")]
    number: String,
    #[schema(example = "available")]
    /// The state; absent for the supply manager once a site has the kit.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    batch: String,
    #[schema(format = Date)]
    label_expiry: String,
    /// The site that accounts for it. Without site, depot and shipment it is in the sponsor's stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    /// The depot that accounts for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    depot: Option<String>,
    /// The shipment that accounts for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct KitsBody {
    kits: Vec<Kit>,
}

#[derive(Serialize, ToSchema)]
struct KitBody {
    kit: Kit,
}

/// A batch to be registered. Every kit type of the study is in it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    /// The name of the batch on the label.
    batch: String,
    /// The last day of use on the label: the earliest expiry of the contents.
    #[schema(value_type = String, format = Date)]
    label_expiry: Day,
    contents: Vec<Contents>,
}

/// The kits of one type.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Contents {
    /// The internal code of the kit type.
    kit_type: String,
    /// How many kits.
    kits: usize,
    /// The true lot.
    lot: String,
    /// The true expiry.
    #[schema(value_type = String, format = Date)]
    expiry: Day,
    /// What can be seen of these kits from outside, such as their pack or weight: the same for every kit type.
    #[serde(default)]
    visible: BTreeMap<String, String>,
}

/// A registered batch: its kit numbers in order, and not which is which.
#[derive(Serialize, ToSchema)]
struct RegisteredBatch {
    id: String,
    #[schema(format = Date)]
    label_expiry: String,
    kits: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct RegisteredBody {
    batch: RegisteredBatch,
}

/// Lists the kits that you may see, in the order of their numbers.
#[utoipa::path(
    tag = "kits",
    params(KitFilter),
    responses(
        (status = 200, description = "The kits.", body = KitsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/kits")]
pub(super) async fn list(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    request: HttpRequest,
) -> Answer {
    let study = named(&path)?;
    let filter = filter(request.query_string())?;
    let kits = run(move || read::kits(&service, &caller, &study, &filter)).await?;
    ok(KitsBody { kits: kits.into_iter().map(Kit::from).collect() })
}

/// Shows one kit.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The kit.", body = KitBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/kits/{number}")]
pub(super) async fn one(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let study = named(&path.0)?;
    let number = KitNumber::parse(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    let kit = run(move || read::kit(&service, &caller, &study, number)).await?;
    ok(KitBody { kit: kit.into() })
}

/// Registers a batch of kits: their numbers are drawn, and what is in each is sealed.
#[utoipa::path(
    tag = "kits",
    request_body = Register,
    responses(
        (status = 201, description = "The batch is registered.", body = RegisteredBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/kits")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Register>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::RegisterKits)?;
    let command = body.into_command()?;
    let registered = run(move || register::register(&service, envelope, command)).await?;
    created(RegisteredBody { batch: registered.into() })
}

/// Reads the filter. A hidden field answers like an unknown one, for there is no list of hidden ones.
fn filter(query: &str) -> Result<Filter, Problem> {
    let filter = Query::<KitFilter>::from_query(query).map_err(|_unknown| {
        Problem::malformed(
            StatusCode::BAD_REQUEST,
            "Kits can be narrowed by `state`, `batch` and `site`, each once.",
        )
    })?;
    let KitFilter { state, batch, site } = filter.into_inner();
    Ok(Filter::parse(state.as_deref(), batch.as_deref(), site.as_deref())?)
}

impl Register {
    pub(crate) fn into_command(self) -> Result<Command, Refusal> {
        let batch = BatchId::parse(&self.batch).map_err(|bad| Refusal::field("batch", bad))?;
        let content = |Contents { kit_type, kits, lot, expiry, visible }| Content {
            kit_type,
            kits,
            lot,
            expiry,
            visible,
        };
        let contents = self.contents.into_iter().map(content).collect();
        Ok(Command { batch, label_expiry: self.label_expiry, contents })
    }
}

impl From<read::Kit> for Kit {
    fn from(kit: read::Kit) -> Self {
        let (site, depot, shipment) = match kit.place {
            Place::Store => (None, None, None),
            Place::Site(site) => (Some(site.to_string()), None, None),
            Place::Depot(depot) => (None, Some(depot.to_string()), None),
            Place::Shipment(shipment) => (None, None, Some(shipment.to_string())),
        };
        Self {
            number: kit.number.to_string(),
            state: kit.state.map(|state| state.code().to_owned()),
            batch: kit.batch.to_string(),
            label_expiry: kit.label_expiry.to_string(),
            site,
            depot,
            shipment,
        }
    }
}

impl From<register::Registered> for RegisteredBatch {
    fn from(registered: register::Registered) -> Self {
        Self {
            id: registered.batch.to_string(),
            label_expiry: registered.label_expiry.to_string(),
            kits: registered.kits.iter().map(ToString::to_string).collect(),
        }
    }
}
