//! `POST /studies/{study}/subjects/{subject}/randomization`

use actix_web::post;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::randomize::{self, Randomized};
use terms::Day;
use trial::decide::randomize::Command;
use trial::{Action, Fulfilled, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, run};
use crate::by_name::ByName;
use crate::posted::{Asks, Posted, named};

/// What the investigator answers for before a subject is randomized.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Randomize {
    /// The day on which the subject consented.
    #[schema(value_type = String, format = Date)]
    consent_date: Day,
    /// The answer to every criterion by its id: `yes`, `no` or `not_applicable`.
    #[schema(value_type = BTreeMap<String, String>)]
    answers: ByName,
    /// The level of every stratification factor by its name; empty when the study has none.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    strata: ByName,
}

/// A randomization, as everybody at the site may see it: there is no field for an arm.
#[derive(Serialize, ToSchema)]
struct Randomization {
    subject: String,
    #[schema(example = "R0001")]
    randomization_number: String,
    /// The stratum in words: with the position it finds the envelope when the service is down.
    #[schema(example = "all subjects")]
    stratum: String,
    /// The position in the stratum, from 0.
    position: u32,
    randomized_at: String,
    randomized_by: String,
    /// The visit for which kits were allocated; the pharmacist is told which.
    first_visit: String,
}

#[derive(Serialize, ToSchema)]
struct RandomizationBody {
    randomization: Randomization,
}

/// Randomizes a subject: the next position of the list, and the kits of the first visit, in one transaction.
#[utoipa::path(
    tag = "subjects",
    request_body = Randomize,
    responses(
        (status = 201, description = "The subject is randomized.", body = RandomizationBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/randomization")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Randomize>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::Randomize)?;
    let command = body.into_command()?;
    let randomized = run(move || randomize::randomize(&service, envelope, subject, command)).await?;
    created(RandomizationBody { randomization: randomized.into() })
}

impl Randomize {
    pub(crate) fn into_command(self) -> Result<Command, Refusal> {
        let answer = |(id, answer): (String, String)| {
            let path = format!("answers.{id}");
            let answer: Fulfilled = answer
                .parse()
                .map_err(|_unknown| Refusal::field(&path, "must be yes, no or not_applicable"))?;
            Ok((id, answer))
        };
        let answers = self.answers.0.into_iter().map(answer).collect::<Result<_, Refusal>>()?;
        Ok(Command { consent: self.consent_date, answers, strata: self.strata.0 })
    }
}

impl From<Randomized> for Randomization {
    fn from(randomized: Randomized) -> Self {
        Self {
            subject: randomized.subject.to_string(),
            randomization_number: randomized.number.to_string(),
            stratum: randomized.placed.levels.in_words(),
            position: randomized.placed.position,
            randomized_at: randomized.at.to_string(),
            randomized_by: randomized.by.to_string(),
            first_visit: randomized.first_visit.to_string(),
        }
    }
}
