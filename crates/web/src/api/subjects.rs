//! `POST, GET /studies/{study}/subjects`, `GET .../subjects/{subject}`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::subjects::{self, NewSubject, PlannedVisit, Summary, View};
use terms::{SiteId, SubjectId};
use trial::{Action, Refusal};
use utoipa::ToSchema;

use super::ends::SubjectEnd;
use super::visits::VisitRecord;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// A subject to be entered: nothing that says who it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreenSubject {
    /// The screening number that the site wrote down; unique in the study.
    #[schema(example = "S-001")]
    screening_number: String,
    #[schema(example = "34-001")]
    site: String,
    #[schema(example = 1961)]
    birth_year: u16,
    /// `female` or `male`.
    sex: String,
    /// Why it is another person than the one of the same year of birth and sex at the site; at most 1024 bytes.
    duplicate_reason: Option<String>,
}

/// A subject, as everybody at the site may see it: there is no field for an arm.
#[derive(Serialize, ToSchema)]
struct Subject {
    #[schema(example = "S-001")]
    screening_number: String,
    site: String,
    birth_year: u16,
    sex: String,
    #[schema(example = "in_treatment")]
    state: String,
    screened_by: String,
    screened_at: String,
    /// Absent before randomization.
    #[serde(skip_serializing_if = "Option::is_none")]
    randomization_number: Option<String>,
    /// Whether the code was broken; what was seen is told to nobody else.
    code_broken: bool,
}

/// A subject with its visits.
#[derive(Serialize, ToSchema)]
struct SubjectDetail {
    #[serde(flatten)]
    subject: Subject,
    /// Absent before randomization.
    #[serde(skip_serializing_if = "Option::is_none")]
    randomized_at: Option<String>,
    /// The stratum in words: with the position it finds the envelope when the service is down. Absent before
    /// randomization.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "all subjects")]
    stratum: Option<String>,
    /// The position in the stratum, from 0. Absent before randomization.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    /// When and by whom the code was broken; absent when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    code_break: Option<CodeBreak>,
    /// What the subject left, in order: the screening, the drug, the study.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ends: Vec<SubjectEnd>,
    /// The visits of the design, in order.
    visits: Vec<Visit>,
}

#[derive(Serialize, ToSchema)]
struct CodeBreak {
    broken_at: String,
    broken_by: String,
}

/// A visit of the design. Its days are absent before randomization, when none is planned.
#[derive(Serialize, ToSchema)]
struct Visit {
    visit: String,
    /// Whether kits are handed out at it.
    dispensing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    planned: Option<String>,
    /// The first day of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    earliest: Option<String>,
    /// The last day of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    latest: Option<String>,
    /// The day on which the pharmacist was told which kits to hand over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    dispensed: Option<String>,
    /// What was recorded last.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<VisitRecord>,
}

#[derive(Serialize, ToSchema)]
struct SubjectBody {
    subject: Subject,
}

#[derive(Serialize, ToSchema)]
struct SubjectDetailBody {
    subject: SubjectDetail,
}

#[derive(Serialize, ToSchema)]
struct SubjectsBody {
    subjects: Vec<Subject>,
}

/// Enters a subject at screening. A likeness to another subject of the site is refused as `possible-duplicate` until
/// a reason is given.
#[utoipa::path(
    tag = "subjects",
    request_body = ScreenSubject,
    responses(
        (status = 201, description = "The subject is entered.", body = SubjectBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    posted: Posted<ScreenSubject>,
) -> Answer {
    let (envelope, body) = posted.into_act(caller, named(&path)?, Action::ScreenSubject)?;
    let new = body.into_subject()?;
    let subject = run(move || subjects::screen(&service, envelope, new)).await?;
    created(SubjectBody { subject: subject.into() })
}

/// Lists the subjects that you may see, in the order of their screening numbers.
#[utoipa::path(
    tag = "subjects",
    responses(
        (status = 200, description = "The subjects.", body = SubjectsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/subjects")]
pub(super) async fn all(service: Data<Shared>, path: Path<String>, Asks(caller): Asks) -> Answer {
    let study = named(&path)?;
    let subjects = run(move || subjects::list(&service, &caller, &study)).await?;
    ok(SubjectsBody { subjects: subjects.into_iter().map(Subject::from).collect() })
}

/// Shows one subject with its visits: planned, with their windows, and recorded.
#[utoipa::path(
    tag = "subjects",
    responses(
        (status = 200, description = "The subject.", body = SubjectDetailBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/subjects/{subject}")]
pub(super) async fn one(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, id) = (named(&path.0)?, named(&path.1)?);
    let view = run(move || subjects::one(&service, &caller, &study, &id)).await?;
    ok(SubjectDetailBody { subject: view.into() })
}

impl ScreenSubject {
    pub(crate) fn into_subject(self) -> Result<NewSubject, Refusal> {
        let id = SubjectId::parse(&self.screening_number);
        let sex = self.sex.parse();
        Ok(NewSubject {
            id: id.map_err(|bad| Refusal::field("screening_number", bad))?,
            site: SiteId::parse(&self.site).map_err(|bad| Refusal::field("site", bad))?,
            birth_year: self.birth_year,
            sex: sex.map_err(|_unknown| Refusal::field("sex", "must be female or male"))?,
            duplicate_reason: self.duplicate_reason,
        })
    }
}

impl From<Summary> for Subject {
    fn from(summary: Summary) -> Self {
        Self {
            screening_number: summary.id.to_string(),
            site: summary.site.to_string(),
            birth_year: summary.birth_year,
            sex: summary.sex.to_string(),
            state: summary.state.to_string(),
            screened_by: summary.screened_by.to_string(),
            screened_at: summary.screened_at.to_string(),
            randomization_number: summary.number.map(|number| number.to_string()),
            code_broken: summary.is_broken,
        }
    }
}

impl From<View> for SubjectDetail {
    fn from(view: View) -> Self {
        let code_break = view
            .broken
            .map(|broken| CodeBreak { broken_at: broken.at.to_string(), broken_by: broken.by.to_string() });
        let (at, placed) = view.randomized.unzip();
        Self {
            subject: view.summary.into(),
            randomized_at: at.map(|at| at.to_string()),
            position: placed.as_ref().map(|placed| placed.position),
            stratum: placed.map(|placed| placed.levels.in_words()),
            code_break,
            ends: view.ends.into_iter().map(SubjectEnd::from).collect(),
            visits: view.visits.into_iter().map(Visit::from).collect(),
        }
    }
}

impl From<PlannedVisit> for Visit {
    fn from(visit: PlannedVisit) -> Self {
        let [planned, earliest, latest] = match visit.days {
            Some(days) => days.map(|day| Some(day.to_string())),
            None => [None, None, None],
        };
        Self {
            visit: visit.visit.to_string(),
            dispensing: visit.is_dispensing,
            planned,
            earliest,
            latest,
            dispensed: visit.dispensed.map(|day| day.to_string()),
            recorded: visit.recorded.map(VisitRecord::from),
        }
    }
}
