//! `POST /studies/{study}/subjects/{subject}/visits`

use actix_web::post;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::subjects::{self, RecordedVisit};
use terms::{Day, VisitId};
use trial::{Action, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, run};
use crate::posted::{Asks, Posted, named};

/// A visit that took place.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordVisit {
    /// A visit of the study's design.
    #[schema(example = "D8")]
    pub(crate) visit: String,
    /// The day on which it took place at the site; not in the future there.
    #[schema(value_type = String, format = Date)]
    pub(crate) date: Day,
    /// Needed when the visit has been recorded before: why that record was wrong; at most 1024 bytes.
    pub(crate) correction_reason: Option<String>,
}

/// A visit as it was recorded. A day outside the window is told, and never refused.
#[derive(Serialize, ToSchema)]
pub(super) struct VisitRecord {
    visit: String,
    /// When it took place.
    #[schema(format = Date)]
    date: String,
    /// Absent before randomization, when no day is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_window: Option<bool>,
    /// What a person should read about it, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'static str>,
    /// Whether it corrects an earlier record.
    corrects: bool,
    recorded_by: String,
    /// When it was saved.
    recorded_at: String,
}

#[derive(Serialize, ToSchema)]
struct VisitBody {
    visit: VisitRecord,
}

/// Records a visit.
#[utoipa::path(
    tag = "subjects",
    request_body = RecordVisit,
    responses(
        (status = 201, description = "The visit is recorded.", body = VisitBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/visits")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<RecordVisit>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::RecordVisit)?;
    let visit = VisitId::parse(&body.visit).map_err(|bad| Refusal::field("visit", bad))?;
    let recorded = run(move || {
        subjects::record_visit(&service, envelope, subject, visit, body.date, body.correction_reason)
    });
    created(VisitBody { visit: recorded.await?.into() })
}

impl From<RecordedVisit> for VisitRecord {
    fn from(recorded: RecordedVisit) -> Self {
        let is_outside = recorded.in_window == Some(false);
        Self {
            visit: recorded.visit.to_string(),
            date: recorded.day.to_string(),
            in_window: recorded.in_window,
            warning: is_outside.then_some("The day lies outside the visit's window."),
            corrects: recorded.corrects,
            recorded_by: recorded.by.to_string(),
            recorded_at: recorded.at.to_string(),
        }
    }
}
