//! `POST, GET /studies/{study}/batches/{batch}/recall`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use journal::Hash;
use serde::{Deserialize, Serialize};
use service::Shared;
use service::batches::recall::{self, Whereabouts};
use trial::decide::recall::REVEALS;
use trial::{Action, Refusal};
use utoipa::ToSchema;

use super::expiry::KitsAtPlace;
use super::field;
use super::kits::Kit;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// A whole batch is called back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallBack {
    /// The SHA-256 of what shows it, in hexadecimal.
    evidence_sha256: String,
    pub(crate) reason: String,
}

/// A recall, as it was signed.
#[derive(Serialize, ToSchema)]
struct Recall {
    batch: String,
    recalled_by: String,
    recalled_at: String,
    evidence_sha256: String,
    /// What the recall tells of treatments.
    reveals: &'static str,
    /// The kits that it concerned when it was signed, by their places: set aside at sites and depots; elsewhere set
    /// aside when they arrive.
    places: Vec<KitsAtPlace>,
}

/// A kit of a recalled batch as it stands now.
#[derive(Serialize, ToSchema)]
struct RecalledKit {
    #[serde(flatten)]
    kit: Kit,
    /// The subject for whom it is or was meant, for those who may see which kits subjects were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RecallBody {
    recall: Recall,
}

#[derive(Serialize, ToSchema)]
struct RecallReportBody {
    recall: Recall,
    /// Every kit of the batch that you may see, in the order of the numbers.
    kits: Vec<RecalledKit>,
}

/// Calls a whole batch back: all of it is set aside, and no kit of it is used any more. It is signed.
#[utoipa::path(
    tag = "kits",
    request_body = CallBack,
    responses(
        (status = 201, description = "The batch is recalled.", body = RecallBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/batches/{batch}/recall")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<CallBack>,
) -> Answer {
    let batch = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::RecallBatch)?;
    let evidence = body.evidence()?;
    let recalled = run(move || recall::recall(&service, envelope, batch, body.reason, evidence)).await?;
    created(RecallBody { recall: recalled.into() })
}

/// Shows a recall with every kit of the batch as it stands now.
#[utoipa::path(
    tag = "kits",
    responses(
        (status = 200, description = "The recall.", body = RecallReportBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/batches/{batch}/recall")]
pub(super) async fn get(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, batch) = (named(&path.0)?, named(&path.1)?);
    let (recall, kits) = run(move || recall::report(&service, &caller, &study, &batch)).await?;
    ok(RecallReportBody { recall: recall.into(), kits: kits.into_iter().map(RecalledKit::from).collect() })
}

impl CallBack {
    pub(crate) fn evidence(&self) -> Result<Hash, Refusal> {
        field::hash("evidence_sha256", &self.evidence_sha256)
    }
}

impl From<recall::Recall> for Recall {
    fn from(recall: recall::Recall) -> Self {
        Self {
            batch: recall.batch.to_string(),
            recalled_by: recall.signed.0.to_string(),
            recalled_at: recall.signed.1.to_string(),
            evidence_sha256: recall.evidence.to_string(),
            reveals: REVEALS,
            places: recall.places.into_iter().map(KitsAtPlace::from).collect(),
        }
    }
}

impl From<Whereabouts> for RecalledKit {
    fn from(found: Whereabouts) -> Self {
        Self { kit: found.kit.into(), subject: found.subject.map(|subject| subject.to_string()) }
    }
}
