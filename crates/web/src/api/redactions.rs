//! `GET, POST /studies/{study}/redactions`, `POST .../{redaction}/confirmation`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::redact::{self, Command, Redacted};
use trial::{Action, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// A text that was typed by mistake and tells who somebody is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposeRedaction {
    /// The index of the leaf that tells of the act with which it was written, as the journal shows it.
    leaf: u64,
    /// What stands for the text in the leaf, when the leaf holds several texts.
    commitment: Option<String>,
    /// `identifies_subject`, `identifies_staff` or `identifies_another`.
    why: String,
}

/// The second signature says nothing more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfirmRedaction {}

/// A redaction. Before it is confirmed the text is there.
#[derive(Serialize, ToSchema)]
struct Redaction {
    id: String,
    leaf: u64,
    /// The field of the leaf.
    field: String,
    /// What stands for the text, before and after.
    commitment: String,
    #[schema(example = "identifies_subject")]
    why: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    proposed_by: String,
    proposed_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct RedactionBody {
    redaction: Redaction,
}

#[derive(Serialize, ToSchema)]
struct RedactionsBody {
    redactions: Vec<Redaction>,
}

/// Lists the redactions that you may see, in order.
#[utoipa::path(
    tag = "journal",
    responses(
        (status = 200, description = "The redactions.", body = RedactionsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/redactions")]
pub(super) async fn list(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let all = run(move || redact::all(&service, &caller, &study)).await?;
    ok(RedactionsBody { redactions: all.into_iter().map(Redaction::from).collect() })
}

/// Proposes that a text be redacted: the first of two signatures. The text stays until the second.
#[utoipa::path(
    tag = "journal",
    request_body = ProposeRedaction,
    responses(
        (status = 201, description = "The redaction is proposed.", body = RedactionBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/redactions")]
pub(super) async fn propose(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<ProposeRedaction>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::ProposeRedaction)?;
    let command = body.into_command()?;
    let proposed = run(move || redact::propose(&service, envelope, command)).await?;
    created(RedactionBody { redaction: proposed.into() })
}

/// Confirms a redaction that another person proposed: the text is gone, and its commitment stays.
#[utoipa::path(
    tag = "journal",
    request_body = ConfirmRedaction,
    responses(
        (status = 201, description = "The text is redacted.", body = RedactionBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/redactions/{redaction}/confirmation")]
pub(super) async fn confirm(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<ConfirmRedaction>,
) -> Answer {
    let id = named(&path.1)?;
    let (envelope, ConfirmRedaction {}) =
        posted.into_act(caller, named(&path.0)?, Action::ConfirmRedaction)?;
    let confirmed = run(move || redact::confirm(&service, envelope, id)).await?;
    created(RedactionBody { redaction: confirmed.into() })
}

impl ProposeRedaction {
    pub(crate) fn into_command(self) -> Result<Command, Refusal> {
        let commitment = self.commitment.map(|text| text.parse()).transpose();
        Ok(Command {
            leaf: self.leaf,
            commitment: commitment.map_err(|bad| Refusal::field("commitment", bad))?,
            why: self.why.parse().map_err(|_unknown| Refusal::UnknownReason)?,
        })
    }
}

impl From<Redacted> for Redaction {
    fn from(read: Redacted) -> Self {
        let confirmed = read.confirmed;
        Self {
            id: read.id.to_string(),
            leaf: read.leaf,
            field: read.field,
            commitment: read.commitment.to_string(),
            why: read.why.to_string(),
            site: read.site.map(|site| site.to_string()),
            proposed_by: read.proposed.0.to_string(),
            proposed_at: read.proposed.1.to_string(),
            confirmed_by: confirmed.as_ref().map(|(_, by, _)| by.to_string()),
            confirmed_at: confirmed.map(|(.., at)| at.to_string()),
        }
    }
}
