//! `GET, POST /studies/{study}/destructions`, `POST .../{destruction}/authorization`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use journal::Hash;
use serde::{Deserialize, Serialize};
use service::Shared;
use service::accountability::destroy;
use service::shipments::At;
use terms::KitNumber;
use trial::{Action, Refusal};
use utoipa::ToSchema;

use super::field;
use super::kit_reconciliations::fields_of;
use super::shipments::place;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// Reconciled kits of a place are proposed for destruction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Propose {
    /// The site, or `depot`.
    site: Option<String>,
    /// The depot, or `site`.
    depot: Option<String>,
    kits: Vec<String>,
}

/// The sponsor's authorization, with the certificate that shows it done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Authorize {
    /// The SHA-256 of the certificate of destruction, in hexadecimal.
    certificate_sha256: String,
}

/// A destruction. Before it is authorized no kit is destroyed.
#[derive(Serialize, ToSchema)]
struct Destruction {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depot: Option<String>,
    /// The numbers of the kits, in order.
    kits: Vec<String>,
    proposed_by: String,
    proposed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorized_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorized_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_sha256: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct DestructionBody {
    destruction: Destruction,
}

#[derive(Serialize, ToSchema)]
struct DestructionsBody {
    destructions: Vec<Destruction>,
}

/// Lists the destructions that you may see, in order.
#[utoipa::path(
    tag = "accountability",
    responses(
        (status = 200, description = "The destructions.", body = DestructionsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/destructions")]
pub(super) async fn list(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let all = run(move || destroy::all(&service, &caller, &study)).await?;
    ok(DestructionsBody { destructions: all.into_iter().map(Destruction::from).collect() })
}

/// Proposes reconciled kits of a place for destruction: the first of two signatures.
#[utoipa::path(
    tag = "accountability",
    request_body = Propose,
    responses(
        (status = 201, description = "The destruction is proposed.", body = DestructionBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/destructions")]
pub(super) async fn propose(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<Propose>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::ProposeDestruction)?;
    let (at, kits) = body.into_proposal()?;
    let proposed = run(move || destroy::propose(&service, envelope, at, kits)).await?;
    created(DestructionBody { destruction: proposed.into() })
}

/// Authorizes a destruction for the sponsor: the second of two signatures, with which the kits count as destroyed.
#[utoipa::path(
    tag = "accountability",
    request_body = Authorize,
    responses(
        (status = 201, description = "The kits are destroyed.", body = DestructionBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/destructions/{destruction}/authorization")]
pub(super) async fn authorize(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Authorize>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::AuthorizeDestruction)?;
    let certificate = body.into_certificate()?;
    let authorized = run(move || destroy::authorize(&service, envelope, id, certificate)).await?;
    created(DestructionBody { destruction: authorized.into() })
}

fn numbers(texts: &[String]) -> Result<Vec<KitNumber>, Refusal> {
    let one = |(place, text): (usize, &String)| {
        KitNumber::scanned(text).map_err(|bad| Refusal::field(&format!("kits[{place}]"), bad))
    };
    texts.iter().enumerate().map(one).collect()
}

impl Propose {
    pub(crate) fn into_proposal(self) -> Result<(At, Vec<KitNumber>), Refusal> {
        let at = place("site", self.site.as_deref(), "depot", self.depot.as_deref())?;
        Ok((at, numbers(&self.kits)?))
    }
}

impl Authorize {
    pub(crate) fn into_certificate(self) -> Result<Hash, Refusal> {
        field::hash("certificate_sha256", &self.certificate_sha256)
    }
}

impl From<destroy::Destruction> for Destruction {
    fn from(read: destroy::Destruction) -> Self {
        let (site, depot) = fields_of(read.place);
        let signed = read.authorized;
        Self {
            id: read.id.to_string(),
            site,
            depot,
            kits: read.kits.iter().map(ToString::to_string).collect(),
            proposed_by: read.proposed.0.to_string(),
            proposed_at: read.proposed.1.to_string(),
            authorized_by: signed.as_ref().map(|(by, ..)| by.to_string()),
            authorized_at: signed.as_ref().map(|(_, at, _)| at.to_string()),
            certificate_sha256: signed.map(|(.., certificate)| certificate.to_string()),
        }
    }
}
