//! `GET, POST /studies/{study}/subjects/{subject}/dispensations`, `POST .../dispensations/{id}/confirmation`

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::dispense::{self, Command, Dispensed, Followed};
use service::hand_over::{self, CheckOutcome, Checked, HandedOver, Outcome};
use terms::{KitNumber, VisitId};
use trial::{Action, Refusal};
use utoipa::ToSchema;

use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};

/// The visit for which kits are asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dispense {
    #[schema(example = "D29")]
    pub(crate) visit: String,
    /// Why today, when today is outside the visit's window.
    pub(crate) reason: Option<String>,
}

/// The number on the kit in the pharmacist's hand.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirm {
    /// As it was scanned.
    pub(crate) kit_number: String,
}

/// Which kits to hand over: there is no field for what is in them.
#[derive(Serialize, ToSchema)]
struct Dispensation {
    id: String,
    subject: String,
    visit: String,
    /// The numbers of the kits to hand over.
    kits: Vec<String>,
    /// The day at the site.
    #[schema(format = Date)]
    day: String,
    /// Whether that day lies in the visit's window.
    in_window: bool,
    /// The last dosing day that the kits cover.
    #[schema(format = Date)]
    covers_through: String,
    dispensed_at: String,
    dispensed_by: String,
}

#[derive(Serialize, ToSchema)]
struct DispensationBody {
    dispensation: Dispensation,
}

/// A dispensation with what has been handed over of it.
#[derive(Serialize, ToSchema)]
struct FollowedDispensation {
    #[serde(flatten)]
    dispensation: Dispensation,
    /// The numbers of the kits that have been handed over.
    handed_over: Vec<String>,
    /// The kits that were replaced, in order: of `kits`, or of what replaced one of those.
    replacements: Vec<ReplacedKit>,
}

/// A kit and the one that took its place.
#[derive(Serialize, ToSchema)]
struct ReplacedKit {
    replaced_kit: String,
    kit_number: String,
}

#[derive(Serialize, ToSchema)]
struct DispensationsBody {
    dispensations: Vec<FollowedDispensation>,
}

#[derive(Serialize, ToSchema)]
struct Handover {
    dispensation: String,
    subject: String,
    kit_number: String,
    handed_over_at: String,
    handed_over_by: String,
}

#[derive(Serialize, ToSchema)]
struct HandoverBody {
    handover: Handover,
}

#[derive(Serialize, ToSchema)]
struct Check {
    dispensation: String,
    kit_number: String,
    checked_at: String,
    checked_by: String,
}

#[derive(Serialize, ToSchema)]
struct CheckBody {
    check: Check,
}

/// Lists the dispensations to a subject.
#[utoipa::path(
    tag = "dispensing",
    responses(
        (status = 200, description = "The dispensations, in order.", body = DispensationsBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/subjects/{subject}/dispensations")]
pub(super) async fn list(service: Data<Shared>, path: Path<(String, String)>, Asks(caller): Asks) -> Answer {
    let (study, subject) = (named(&path.0)?, named(&path.1)?);
    let followed = run(move || dispense::dispensations(&service, &caller, &study, &subject)).await?;
    ok(DispensationsBody { dispensations: followed.into_iter().map(FollowedDispensation::from).collect() })
}

/// Says which kits to hand over at a visit. Asked again, even under another key, it is the same dispensation.
#[utoipa::path(
    tag = "dispensing",
    request_body = Dispense,
    responses(
        (status = 201, description = "Hand over these kits.", body = DispensationBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/subjects/{subject}/dispensations")]
pub(super) async fn post(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Dispense>,
) -> Answer {
    let subject = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::Dispense)?;
    let visit = VisitId::parse(&body.visit).map_err(|bad| Refusal::field("visit", bad))?;
    let command = Command { visit, reason: body.reason };
    let dispensed = run(move || dispense::dispense(&service, envelope, subject, command)).await?;
    created(DispensationBody { dispensation: dispensed.into() })
}

/// Checks by the scanned number that a kit is one to hand over, for another person who then hands it over. Any other
/// kit stops, and the scan is recorded.
#[utoipa::path(
    tag = "dispensing",
    request_body = Confirm,
    responses(
        (status = 201, description = "It is the right kit: the check is recorded.", body = CheckBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/dispensations/{id}/check")]
pub(super) async fn check(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Confirm>,
) -> Answer {
    let dispensation = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ConfirmHandover)?;
    let scanned = body.kit_number;
    match run(move || hand_over::check(&service, envelope, dispensation, scanned)).await? {
        CheckOutcome::Checked(done) => created(CheckBody { check: done.into() }),
        CheckOutcome::WrongKit => Err(Refusal::WrongKit.into()),
    }
}

/// Confirms a handover by the scanned number. Any other kit stops, and the scan is recorded.
#[utoipa::path(
    tag = "dispensing",
    request_body = Confirm,
    responses(
        (status = 201, description = "It is the right kit: the handover is recorded.", body = HandoverBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/dispensations/{id}/confirmation")]
pub(super) async fn confirm(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Confirm>,
) -> Answer {
    let dispensation = named(&path.1)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ConfirmHandover)?;
    let scanned = body.kit_number;
    match run(move || hand_over::hand_over(&service, envelope, dispensation, scanned)).await? {
        Outcome::HandedOver(done) => created(HandoverBody { handover: done.into() }),
        Outcome::WrongKit => Err(Refusal::WrongKit.into()),
    }
}

impl From<Dispensed> for Dispensation {
    fn from(dispensed: Dispensed) -> Self {
        Self {
            id: dispensed.id.to_string(),
            subject: dispensed.subject.to_string(),
            visit: dispensed.visit.to_string(),
            kits: dispensed.kits.iter().map(ToString::to_string).collect(),
            day: dispensed.day.to_string(),
            in_window: dispensed.in_window,
            covers_through: dispensed.through.to_string(),
            dispensed_at: dispensed.at.to_string(),
            dispensed_by: dispensed.by.to_string(),
        }
    }
}

impl From<Followed> for FollowedDispensation {
    fn from(followed: Followed) -> Self {
        let handed_over = followed.handed_over.iter().map(ToString::to_string).collect();
        let pair = |(old, new): &(KitNumber, KitNumber)| ReplacedKit {
            replaced_kit: old.to_string(),
            kit_number: new.to_string(),
        };
        let replacements = followed.replaced.iter().map(pair).collect();
        Self { dispensation: followed.dispensed.into(), handed_over, replacements }
    }
}

impl From<Checked> for Check {
    fn from(done: Checked) -> Self {
        Self {
            dispensation: done.dispensation.to_string(),
            kit_number: done.kit.to_string(),
            checked_at: done.at.to_string(),
            checked_by: done.by.to_string(),
        }
    }
}

impl From<HandedOver> for Handover {
    fn from(done: HandedOver) -> Self {
        Self {
            dispensation: done.dispensation.to_string(),
            subject: done.subject.to_string(),
            kit_number: done.kit.to_string(),
            handed_over_at: done.at.to_string(),
            handed_over_by: done.by.to_string(),
        }
    }
}
