//! `POST /studies/{study}/dispensations/{id}/replacements`

use actix_web::post;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::replace::{self, Command, Replaced};
use trial::{Action, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, run};
use crate::posted::{Asks, Posted, named};

/// Which kit is to be replaced, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplaceKit {
    /// The number of the kit.
    kit_number: String,
    /// `lost`, `damaged`, `not_taken`, `expired`, `quarantined` or `recalled`.
    reason: String,
    /// Needed beyond the replacements that the design expects of a subject; at most 1024 bytes.
    explanation: Option<String>,
}

/// Which kit to hand over instead: there is no field for what is in it.
#[derive(Serialize, ToSchema)]
struct Replacement {
    /// The dispensation, under which the new kit is confirmed.
    dispensation: String,
    subject: String,
    visit: String,
    replaced_kit: String,
    /// The number of the kit to hand over.
    kit_number: String,
    reason: String,
    /// Whether it was one more than the design expects of a subject.
    over_limit: bool,
    /// The last dosing day that the new kit covers.
    #[schema(format = Date)]
    covers_through: String,
    replaced_at: String,
    replaced_by: String,
}

#[derive(Serialize, ToSchema)]
struct ReplacementBody {
    replacement: Replacement,
}

/// Replaces a kit of a dispensation by another one of the same arm. The new one is handed over by the confirmation of
/// the same dispensation.
#[utoipa::path(
    tag = "dispensing",
    request_body = ReplaceKit,
    responses(
        (status = 201, description = "Hand over this kit.", body = ReplacementBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/dispensations/{id}/replacements")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<ReplaceKit>,
) -> Answer {
    let dispensation = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReplaceKit)?;
    let command = body.into_command()?;
    let replaced = run(move || replace::replace(&service, envelope, dispensation, command)).await?;
    created(ReplacementBody { replacement: replaced.into() })
}

impl ReplaceKit {
    pub(crate) fn into_command(self) -> Result<Command, Refusal> {
        let why = self.reason.parse().map_err(|_unknown| Refusal::UnknownReason)?;
        Ok(Command { kit: self.kit_number, why, explanation: self.explanation })
    }
}

impl From<Replaced> for Replacement {
    fn from(replaced: Replaced) -> Self {
        Self {
            dispensation: replaced.dispensation.to_string(),
            subject: replaced.subject.to_string(),
            visit: replaced.visit.to_string(),
            replaced_kit: replaced.old.to_string(),
            kit_number: replaced.new.to_string(),
            reason: replaced.why.to_string(),
            over_limit: replaced.over_limit,
            covers_through: replaced.through.to_string(),
            replaced_at: replaced.at.to_string(),
            replaced_by: replaced.by.to_string(),
        }
    }
}
