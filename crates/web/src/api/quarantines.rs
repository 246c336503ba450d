//! `POST /studies/{study}/quarantines`, `.../quarantine-decisions`, `.../kits/{number}/incidents`

use actix_web::post;
use actix_web::web::{Data, Path};
use journal::Hash;
use serde::{Deserialize, Serialize};
use service::Shared;
use service::shipments::At;
use service::shipments::incident::{self, Recorded};
use service::shipments::quarantine::{self, Moved, Scope};
use terms::KitNumber;
use trial::{Action, Disposition, Incident, QuarantineCause, Refusal};
use utoipa::ToSchema;

use super::field;
use super::shipments::place;
use crate::Problem;
use crate::answer::{Answer, created, run};
use crate::posted::{Asks, Posted, named};

/// All kits of a place are set aside.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetAside {
    /// The site, or `depot`.
    site: Option<String>,
    /// The depot, or `site`.
    depot: Option<String>,
    /// `excursion`, `complaint` or `recall`.
    #[schema(example = "excursion")]
    cause: String,
    /// The SHA-256 of what shows it, for example a temperature record, in hexadecimal.
    evidence_sha256: Option<String>,
}

/// What the quality role decides about kits in quarantine: all of a site, of a depot, or of a shipment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decide {
    site: Option<String>,
    depot: Option<String>,
    shipment: Option<String>,
    /// `release` or `reject`.
    #[schema(example = "release")]
    disposition: String,
    /// The SHA-256 of the evidence for it, in hexadecimal.
    evidence_sha256: String,
    pub(crate) reason: String,
}

/// What happened to a kit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Happened {
    /// `damaged`, `lost` or `found`.
    #[schema(example = "damaged")]
    incident: String,
    reason: String,
}

/// Kits that were set aside, or decided about, together.
#[derive(Serialize, ToSchema)]
struct Quarantine {
    kits: Vec<String>,
    recorded_by: String,
    recorded_at: String,
}

#[derive(Serialize, ToSchema)]
struct QuarantineBody {
    quarantine: Quarantine,
}

#[derive(Serialize, ToSchema)]
struct KitIncident {
    kit: String,
    incident: &'static str,
    recorded_by: String,
    recorded_at: String,
}

#[derive(Serialize, ToSchema)]
struct IncidentBody {
    incident: KitIncident,
}

/// Sets aside all kits of a site or a depot that could be used or were promised.
#[utoipa::path(
    tag = "kits",
    request_body = SetAside,
    responses(
        (status = 201, description = "The kits are in quarantine.", body = QuarantineBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/quarantines")]
pub(super) async fn set_aside(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<SetAside>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::ReportIncident)?;
    let (at, cause, evidence) = body.into_command()?;
    let moved = run(move || quarantine::set_aside(&service, envelope, at, cause, evidence)).await?;
    created(QuarantineBody { quarantine: moved.into() })
}

/// Decides about all kits in quarantine at a site, in a depot or of a shipment. It is signed.
#[utoipa::path(
    tag = "kits",
    request_body = Decide,
    responses(
        (status = 201, description = "It is decided.", body = QuarantineBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/quarantine-decisions")]
pub(super) async fn decide(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Decide>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::DecideQuarantine)?;
    let (scope, disposition, evidence) = body.read()?;
    let decided =
        run(move || quarantine::dispose(&service, envelope, scope, disposition, evidence, body.reason));
    created(QuarantineBody { quarantine: decided.await?.into() })
}

/// Records that a kit was found damaged or missing, or turned up.
#[utoipa::path(
    tag = "kits",
    request_body = Happened,
    responses(
        (status = 201, description = "It is recorded.", body = IncidentBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/kits/{number}/incidents")]
pub(super) async fn happened(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Happened>,
) -> Answer {
    let number = KitNumber::parse(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReportIncident)?;
    let (what, reason) = body.into_incident()?;
    let recorded = run(move || incident::record(&service, envelope, number, what, reason)).await?;
    created(IncidentBody { incident: recorded.into() })
}

impl SetAside {
    /// Where, why, and what shows it.
    pub(crate) fn into_command(self) -> Result<(At, QuarantineCause, Option<Hash>), Refusal> {
        let at = place("site", self.site.as_deref(), "depot", self.depot.as_deref())?;
        let cause: QuarantineCause = field::code("cause", &self.cause)?;
        let evidence = self.evidence_sha256.as_deref().map(|hash| field::hash("evidence_sha256", hash));
        Ok((at, cause, evidence.transpose()?))
    }
}

impl Happened {
    pub(crate) fn into_incident(self) -> Result<(Incident, String), Refusal> {
        Ok((field::code("incident", &self.incident)?, self.reason))
    }
}

impl Decide {
    /// About which kits, what, and what shows it.
    pub(crate) fn read(&self) -> Result<(Scope, Disposition, Hash), Refusal> {
        let scope = self.scope()?;
        let disposition: Disposition = field::code("disposition", &self.disposition)?;
        Ok((scope, disposition, field::hash("evidence_sha256", &self.evidence_sha256)?))
    }

    fn scope(&self) -> Result<Scope, Refusal> {
        match &self.shipment {
            Some(id) if self.site.is_none() && self.depot.is_none() => {
                Ok(Scope::Shipment(field::id("shipment", id)?))
            }
            Some(_) => Err(Refusal::field("shipment", "must stand alone: no `site` and no `depot`")),
            None => Ok(Scope::Place(place("site", self.site.as_deref(), "depot", self.depot.as_deref())?)),
        }
    }
}

impl From<Moved> for Quarantine {
    fn from(moved: Moved) -> Self {
        Self {
            kits: moved.kits.iter().map(ToString::to_string).collect(),
            recorded_by: moved.by.to_string(),
            recorded_at: moved.at.to_string(),
        }
    }
}

impl From<Recorded> for KitIncident {
    fn from(recorded: Recorded) -> Self {
        Self {
            kit: recorded.kit.to_string(),
            incident: recorded.incident.into(),
            recorded_by: recorded.by.to_string(),
            recorded_at: recorded.at.to_string(),
        }
    }
}
