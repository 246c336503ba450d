//! `POST /studies/{study}/batches/{batch}/labels`, `GET /studies/{study}/shipments/{shipment}/label`

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, get, post};
use serde::Deserialize;
use service::Shared;
use service::labels::{self, kits, shipment};
use terms::BatchId;
use trial::{Action, Language, Refusal};
use utoipa::{IntoParams, ToSchema};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::file::{PDF, attachment};
use crate::posted::{Asks, Posted, named};

/// The labels of a batch are to be printed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrintLabels {
    /// `en` or `fr`, as far as the design of the study has it.
    language: String,
    /// Why they are printed again; for the first printing none is given.
    reason: Option<String>,
}

/// In which language.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct LabelLanguage {
    /// `en` or `fr`; the first of the design when absent.
    language: Option<String>,
}

/// Prints the labels of a batch as PDF: one page of 105 x 74 mm for every kit, in the order of the numbers. That they
/// were printed is in the journal.
#[utoipa::path(
    tag = "kits",
    request_body = PrintLabels,
    responses(
        (status = 201, description = "The labels.", body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/labels")]
pub(super) async fn print(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<PrintLabels>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::PrintLabels)?;
    let command = body.into_command(batch)?;
    let file = run(move || kits::print(&service, envelope, command)).await?;
    Ok(attachment(StatusCode::CREATED, PDF, &file.name, file.bytes))
}

/// The label of a shipment as PDF, for the outside of its box: from, to, and how many kits of all types together.
#[utoipa::path(
    tag = "kits",
    params(LabelLanguage),
    responses(
        (status = 200, description = "The label.", body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/shipments/{shipment}/label")]
pub(super) async fn of_shipment(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    request: HttpRequest,
) -> Answer {
    let (study, id) = (named(&path.0)?, named(&path.1)?);
    let language = asked(&request)?;
    let file = run(move || shipment::label(&service, &caller, &study, &id, language)).await?;
    Ok(attachment(StatusCode::OK, PDF, &file.name, file.bytes))
}

impl PrintLabels {
    pub(crate) fn into_command(self, batch: BatchId) -> Result<kits::Command, Refusal> {
        Ok(kits::Command { batch, language: labels::language(&self.language)?, reason: self.reason })
    }
}

fn asked(request: &HttpRequest) -> Result<Option<Language>, Problem> {
    let malformed = |_unknown| Problem::malformed(StatusCode::BAD_REQUEST, "Only `language` can be chosen.");
    let asked = Query::<LabelLanguage>::from_query(request.query_string()).map_err(malformed)?;
    Ok(asked.into_inner().language.as_deref().map(labels::language).transpose()?)
}
