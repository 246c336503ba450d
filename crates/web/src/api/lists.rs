//! `POST, GET /studies/{study}/lists`, `GET .../lists/{id}`, and what becomes of a list

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::lists::{self, Given};
use trial::Action;
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// Nothing: the whole act stands in the address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAct {}

/// Why a list is given up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiscardList {
    /// At most 1024 bytes. It stays with the list.
    pub(crate) reason: String,
}

/// A list without its positions.
#[derive(Serialize, ToSchema)]
struct List {
    id: String,
    #[schema(example = "active")]
    state: String,
    design_version: u64,
    #[schema(example = "iwrs-alloc-1")]
    algorithm: String,
    /// The commitment to all positions, which the journal holds, too.
    root: String,
    /// How many positions each stratum has at least, in design order.
    lengths: Vec<u32>,
    /// The life of the list so far.
    steps: Vec<ListStep>,
}

#[derive(Serialize, ToSchema)]
struct ListStep {
    state: String,
    by: String,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct ListBody {
    list: List,
}

#[derive(Serialize, ToSchema)]
struct ListsBody {
    lists: Vec<List>,
}

/// A position with its arm: for unblinded eyes alone.
#[derive(Serialize, ToSchema)]
struct ListPosition {
    /// The stratum, in design order from 0.
    stratum: u32,
    /// The position in its stratum, from 0.
    position: u32,
    /// The arm in the words of the protocol.
    arm: String,
    /// The internal code of the arm.
    code: String,
    /// Whether it has been given to a subject.
    given: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    randomization_number: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct PositionsBody {
    positions: Vec<ListPosition>,
}

/// Generates a list: its seed comes from the operating system, and it is committed to before anyone can read it.
#[utoipa::path(
    tag = "lists",
    request_body = ListAct,
    responses(
        (status = 201, description = "The list is generated.", body = ListBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/lists")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<ListAct>,
) -> Answer {
    let (envelope, _empty) = posted.into_act(caller, named(&path)?, Action::GenerateList)?;
    let list = run(move || lists::generate(&service, envelope)).await?;
    created(ListBody { list: list.into() })
}

/// Lists all lists, discarded ones too.
#[utoipa::path(
    tag = "lists",
    responses(
        (status = 200, description = "The lists, in the order of generation.", body = ListsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/lists")]
pub(super) async fn all(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let lists = run(move || lists::all(&service, &caller, &study)).await?;
    ok(ListsBody { lists: lists.into_iter().map(List::from).collect() })
}

/// Shows one list, without its positions.
#[utoipa::path(
    tag = "lists",
    responses(
        (status = 200, description = "The list.", body = ListBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/lists/{list}")]
pub(super) async fn one(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, id) = (named(&path.0)?, named(&path.1)?);
    let list = run(move || lists::find(&service, &caller, &study, &id)).await?;
    ok(ListBody { list: list.into() })
}

/// Approves a list that somebody else generated, after it has been measured against its design.
#[utoipa::path(
    tag = "lists",
    request_body = ListAct,
    responses(
        (status = 201, description = "The list is approved.", body = ListBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/lists/{list}/approval")]
pub(super) async fn approve(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<ListAct>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, _empty) = posted.into_act(caller, named(&path.0)?, Action::ApproveList)?;
    let list = run(move || lists::approve(&service, envelope, id)).await?;
    created(ListBody { list: list.into() })
}

/// Brings an approved list into use.
#[utoipa::path(
    tag = "lists",
    request_body = ListAct,
    responses(
        (status = 201, description = "The list is in use.", body = ListBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/lists/{list}/activation")]
pub(super) async fn activate(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<ListAct>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, _empty) = posted.into_act(caller, named(&path.0)?, Action::ActivateList)?;
    let list = run(move || lists::activate(&service, envelope, id)).await?;
    created(ListBody { list: list.into() })
}

/// Gives up a list that has given no position. It stays visible, with its reason.
#[utoipa::path(
    tag = "lists",
    request_body = DiscardList,
    responses(
        (status = 201, description = "The list is discarded.", body = ListBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/lists/{list}/discard")]
pub(super) async fn discard(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<DiscardList>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::DiscardList)?;
    let list = run(move || lists::discard(&service, envelope, id, body.reason)).await?;
    created(ListBody { list: list.into() })
}

/// Reads the positions of a list with their arms. Every read is recorded before it is answered.
#[utoipa::path(
    tag = "lists",
    responses(
        (status = 200, description = "The positions, stratum by stratum.", body = PositionsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/lists/{list}/positions")]
pub(super) async fn positions(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
) -> Answer {
    let (study, id) = (named(&path.0)?, named(&path.1)?);
    let positions = run(move || lists::positions(&service, &caller, &study, id)).await?;
    ok(PositionsBody { positions: positions.iter().map(ListPosition::from).collect() })
}

impl From<lists::List> for List {
    fn from(list: lists::List) -> Self {
        Self {
            id: list.id.to_string(),
            state: list.state.to_string(),
            design_version: list.design_version,
            algorithm: list.algorithm,
            root: list.root.to_string(),
            lengths: list.lengths,
            steps: list.steps.into_iter().map(ListStep::from).collect(),
        }
    }
}

impl From<lists::Step> for ListStep {
    fn from(step: lists::Step) -> Self {
        let (state, by, at) = (step.state.to_string(), step.by.to_string(), step.at.to_string());
        Self { state, by, at, reason: step.reason }
    }
}

impl From<&lists::Position> for ListPosition {
    fn from(position: &lists::Position) -> Self {
        let told = |Given { subject, number }: &Given| (subject.to_string(), number.to_string());
        let (subject, number) = position.given.as_ref().map(told).unzip();
        Self {
            stratum: position.stratum,
            position: position.position,
            arm: position.arm.clone(),
            code: position.code.clone(),
            given: subject.is_some(),
            subject,
            randomization_number: number,
        }
    }
}
