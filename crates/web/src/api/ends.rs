//! `POST /studies/{study}/subjects/{subject}/screen-failure`, `POST .../withdrawal`

use std::collections::BTreeSet;

use actix_web::post;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::subjects::{self, Left};
use trial::{Action, Refusal, StopReason, Stops};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, run};
use crate::posted::{Asks, Posted, named};

/// Why a subject is not randomized.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailScreening {
    /// The ids of the criteria that are not fulfilled; none when the subject did not want to go on.
    pub(crate) criteria: BTreeSet<String>,
}

/// What a randomized subject stops. Stopping the drug is not leaving the study.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Withdraw {
    /// `drug` or `study`.
    stops: String,
    /// A code, for example `withdrew` or `serious_adverse_event`.
    reason: String,
}

/// What has become of a subject.
#[derive(Serialize, ToSchema)]
pub(super) struct SubjectEnd {
    screening_number: String,
    #[schema(example = "off_drug")]
    state: String,
    /// Absent for a screen failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The ids of the criteria that were not fulfilled, of a screen failure.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    criteria: Vec<String>,
    recorded_by: String,
    recorded_at: String,
}

#[derive(Serialize, ToSchema)]
struct SubjectEndBody {
    subject: SubjectEnd,
}

/// Records a screen failure.
#[utoipa::path(
    tag = "subjects",
    request_body = FailScreening,
    responses(
        (status = 201, description = "The subject is a screen failure.", body = SubjectEndBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/screen-failure")]
pub(super) async fn fail_screening(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<FailScreening>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::FailScreening)?;
    let left = run(move || subjects::fail_screening(&service, envelope, subject, body.criteria)).await?;
    created(SubjectEndBody { subject: left.into() })
}

/// Records that a subject stops the drug or leaves the study.
#[utoipa::path(
    tag = "subjects",
    request_body = Withdraw,
    responses(
        (status = 201, description = "It is recorded.", body = SubjectEndBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/withdrawal")]
pub(super) async fn withdraw(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Withdraw>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::WithdrawSubject)?;
    let (stops, reason) = body.read()?;
    let left = run(move || subjects::withdraw(&service, envelope, subject, stops, reason)).await?;
    created(SubjectEndBody { subject: left.into() })
}

impl Withdraw {
    pub(crate) fn read(&self) -> Result<(Stops, StopReason), Refusal> {
        let stops = self.stops.parse();
        let stops = stops.map_err(|_unknown| Refusal::field("stops", "must be drug or study"))?;
        Ok((stops, self.reason.parse().map_err(|_unknown| Refusal::UnknownReason)?))
    }
}

impl From<Left> for SubjectEnd {
    fn from(left: Left) -> Self {
        Self {
            screening_number: left.subject.to_string(),
            state: left.state.to_string(),
            reason: left.reason.map(|reason| reason.to_string()),
            criteria: left.criteria,
            recorded_by: left.by.to_string(),
            recorded_at: left.at.to_string(),
        }
    }
}
