//! `POST /studies/{study}/kits/{number}/return`, `GET .../accountability`, `.../subjects/{subject}/accountability`,
//! `.../kits/{number}/accountability`

mod form;
mod page;
mod sheet;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use service::Shared;
use service::accountability::read::{self, Counted, Line};
use service::accountability::returned;
use service::kits::read::{KitState, Movement, Place};
use terms::{KitNumber, SiteId};
use trial::decide::accountability::{Count, Doses};
use trial::{Action, Refusal};
use utoipa::ToSchema;

pub(crate) use self::form::Form;
use self::form::{LogFilter, LogForm};
#[cfg(test)]
pub(crate) use self::page::OF_A_UNIT;
#[cfg(test)]
pub(crate) use self::sheet::{COLUMNS, OF_A_MOVEMENT};
use super::kit_reconciliations::fields_of;
use super::units::PreparedUnit;
use crate::Problem;
use crate::answer::{Answer, created, ok, run};
use crate::posted::{Asks, Posted, named};
use crate::words::Words;

/// The vials of a kit that came back, as they were counted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Return {
    /// Vials that were used: one vial is one dose.
    used: u32,
    /// Vials that came back as they were handed over.
    unused: u32,
    /// Vials of which nobody knows.
    missing: u32,
    /// Why they do not add up to the vials of a kit, or why the kit is counted again.
    reason: Option<String>,
}

/// A count, with the state in which it left the kit.
#[derive(Serialize, ToSchema)]
struct KitReturn {
    kit: String,
    used: u32,
    unused: u32,
    missing: u32,
    /// `returned_unused`, `returned_partly_used` or `returned_used`.
    #[schema(example = "returned_used")]
    state: &'static str,
    counted_by: String,
    counted_at: String,
}

#[derive(Serialize, ToSchema)]
struct ReturnBody {
    #[serde(rename = "return")]
    returned: KitReturn,
}

/// What became of one kit. There is no field for what is in it.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountedKit {
    kit: String,
    batch: String,
    #[schema(format = Date)]
    label_expiry: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<String>,
    /// Whose it is, once it was dispensed or handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispensed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handed_over_at: Option<String>,
    /// The last count of what came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<KitCount>,
    /// The doses of a kit that was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    doses: Option<DosesGiven>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconciled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destroyed_at: Option<String>,
}

/// The last count of a kit.
#[derive(Serialize, ToSchema)]
struct KitCount {
    used: u32,
    unused: u32,
    missing: u32,
    /// How often the kit was counted.
    times: u32,
    counted_by: String,
    counted_at: String,
}

/// Doses as planned and as counted; what is missed or extra is a deviation.
#[derive(Serialize, ToSchema)]
struct DosesGiven {
    planned: u32,
    given: u32,
    missed: u32,
    extra: u32,
}

/// What a subject was given, and what came back of it.
#[derive(Serialize, ToSchema)]
struct SubjectAccountability {
    subject: String,
    /// The doses that the study plans for a subject.
    planned_doses: u32,
    /// The doses of the kits that were counted.
    counted: DosesGiven,
    kits: Vec<AccountedKit>,
}

#[derive(Serialize, ToSchema)]
struct SubjectAccountabilityBody {
    accountability: SubjectAccountability,
}

#[derive(Serialize, ToSchema)]
struct AccountabilityBody {
    accountability: Vec<AccountedKit>,
}

/// What became of one kit, with every movement that led to it.
#[derive(Serialize, ToSchema)]
struct KitLog {
    kit: AccountedKit,
    /// What was prepared of it on site; absent when nothing was.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    units: Vec<PreparedUnit>,
    movements: Vec<KitMovement>,
}

/// One thing that happened to a kit.
#[derive(Serialize, ToSchema)]
struct KitMovement {
    #[schema(example = "receive")]
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'static str>,
    to: &'static str,
    /// The place that accounts for it afterwards; without site and depot it is in the sponsor's stock or on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    depot: Option<String>,
    happened_at: String,
    recorded_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct KitLogBody {
    accountability: KitLog,
}

/// Counts the vials of a kit that came back, or counts them again: the last count counts.
#[utoipa::path(
    tag = "accountability",
    request_body = Return,
    responses(
        (status = 201, description = "The count is recorded.", body = ReturnBody),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[post("/studies/{study}/kits/{number}/return")]
pub(super) async fn return_kit(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    posted: Posted<Return>,
) -> Answer {
    let number = KitNumber::parse(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    let (envelope, body) = posted.into_act(caller, named(&path.0)?, Action::ReturnKit)?;
    let (count, reason) = body.into_count();
    let returned = run(move || returned::count(&service, envelope, number, count, reason)).await?;
    created(ReturnBody { returned: returned.into() })
}

/// Shows what a subject was given, what came back of it, and the doses against the plan; as a table with
/// `Accept: text/csv`, and to be printed with `Accept: application/pdf`, in the language of `Accept-Language`.
#[utoipa::path(
    tag = "accountability",
    params(LogForm),
    responses(
        (status = 200, description = "The log of the subject.", content(
            (SubjectAccountabilityBody = "application/json"),
            (String = "text/csv"),
            (Vec<u8> = "application/pdf"),
        )),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/subjects/{subject}/accountability")]
pub(super) async fn of_subject(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    request: HttpRequest,
) -> Answer {
    let (study, subject, form) = (named(&path.0)?, named(&path.1)?, form::asked(&request)?);
    log_of_subject(
        form,
        Words::asked(&request),
        run(move || read::of_subject(&service, &caller, &study, &subject)).await?,
    )
    .await
}

/// The log of a subject in a form.
pub(crate) async fn log_of_subject(form: Form, words: Words, read: read::OfSubject) -> Answer {
    let (head, log) = (read.head.clone(), SubjectAccountability::from(read));
    match form {
        Form::Json => ok(SubjectAccountabilityBody { accountability: log }),
        Form::Csv => form::csv(sheet::of_kits(&log.kits)?),
        Form::Pdf => form::pdf(words, move || page::of_subject(words, &head, &log)).await,
    }
}

/// Shows one line for every kit of a site, or of all places that you may see; as a table with `Accept: text/csv`, and
/// to be printed with `Accept: application/pdf`, in the language of `Accept-Language`.
#[utoipa::path(
    tag = "accountability",
    params(LogFilter),
    responses(
        (status = 200, description = "The log.", content(
            (AccountabilityBody = "application/json"),
            (String = "text/csv"),
            (Vec<u8> = "application/pdf"),
        )),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/accountability")]
pub(super) async fn of_site(
    service: Data<Shared>,
    path: Path<String>,
    Asks(caller): Asks,
    request: HttpRequest,
) -> Answer {
    let (study, (site, form)) = (named(&path)?, form::asked_of_places(&request)?);
    let place = site.clone();
    let read =
        run(move || read::of_places(&service, &caller, &study, place.as_ref(), |kits| 0..kits)).await?;
    log_of_places(form, Words::asked(&request), site, read).await
}

/// The log of a site, or of all places within reach, in a form.
pub(crate) async fn log_of_places(
    form: Form,
    words: Words,
    site: Option<SiteId>,
    read: read::OfPlaces,
) -> Answer {
    let (head, lines) = (read.head, read.lines);
    let kits: Vec<AccountedKit> = lines.into_iter().map(AccountedKit::from).collect();
    match form {
        Form::Json => ok(AccountabilityBody { accountability: kits }),
        Form::Csv => form::csv(sheet::of_kits(&kits)?),
        Form::Pdf => form::pdf(words, move || page::of_places(words, &head, site.as_ref(), &kits)).await,
    }
}

/// Shows what became of one kit, with every movement that led to it; the movements as a table with `Accept: text/csv`,
/// and all of it to be printed with `Accept: application/pdf`, in the language of `Accept-Language`.
#[utoipa::path(
    tag = "accountability",
    params(LogForm),
    responses(
        (status = 200, description = "The log of the kit.", content(
            (KitLogBody = "application/json"),
            (String = "text/csv"),
            (Vec<u8> = "application/pdf"),
        )),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("access_token" = [])),
)]
#[get("/studies/{study}/kits/{number}/accountability")]
pub(super) async fn of_kit(
    service: Data<Shared>,
    path: Path<(String, String)>,
    Asks(caller): Asks,
    request: HttpRequest,
) -> Answer {
    let (study, form) = (named(&path.0)?, form::asked(&request)?);
    let number = KitNumber::parse(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    log_of_kit(
        form,
        Words::asked(&request),
        run(move || read::of_kit(&service, &caller, &study, number)).await?,
    )
    .await
}

/// The log of a kit in a form.
pub(crate) async fn log_of_kit(form: Form, words: Words, read: read::OfKit) -> Answer {
    let (head, log) = (read.head.clone(), KitLog::from(read));
    match form {
        Form::Json => ok(KitLogBody { accountability: log }),
        Form::Csv => form::csv(sheet::of_movements(&log)?),
        Form::Pdf => form::pdf(words, move || page::of_kit(words, &head, &log)).await,
    }
}

impl Return {
    pub(crate) fn into_count(self) -> (Count, Option<String>) {
        let Self { used, unused, missing, reason } = self;
        (Count { used, unused, missing }, reason)
    }
}

impl From<read::OfSubject> for SubjectAccountability {
    fn from(read: read::OfSubject) -> Self {
        Self {
            subject: read.subject.to_string(),
            planned_doses: read.planned,
            counted: read.counted.into(),
            kits: read.lines.into_iter().map(AccountedKit::from).collect(),
        }
    }
}

impl From<read::OfKit> for KitLog {
    fn from(read: read::OfKit) -> Self {
        Self {
            kit: read.line.into(),
            units: read.units.into_iter().map(PreparedUnit::from).collect(),
            movements: read.moves.into_iter().map(KitMovement::from).collect(),
        }
    }
}

impl From<Movement> for KitMovement {
    fn from(moved: Movement) -> Self {
        let (site, depot) = fields_of(moved.place);
        Self {
            what: moved.a_move.code(),
            from: moved.from.map(KitState::code),
            to: moved.to.code(),
            site,
            depot,
            happened_at: moved.happened.to_string(),
            recorded_at: moved.recorded.to_string(),
            reason: moved.reason.map(|reason| reason.to_string()),
        }
    }
}

impl From<returned::Returned> for KitReturn {
    fn from(returned: returned::Returned) -> Self {
        let Count { used, unused, missing } = returned.count;
        Self {
            kit: returned.kit.to_string(),
            used,
            unused,
            missing,
            state: returned.state.code(),
            counted_by: returned.by.to_string(),
            counted_at: returned.at.to_string(),
        }
    }
}

impl From<Line> for AccountedKit {
    fn from(line: Line) -> Self {
        let doses = line.doses().map(DosesGiven::from);
        let (subject, visit) = line.whose.unzip();
        Self {
            kit: line.kit.to_string(),
            batch: line.batch.to_string(),
            label_expiry: line.label_expiry.to_string(),
            site: if let Place::Site(site) = line.place { Some(site.to_string()) } else { None },
            state: line.state.code(),
            received_at: line.received.map(|at| at.to_string()),
            subject: subject.map(|subject| subject.to_string()),
            visit: visit.flatten().map(|visit| visit.to_string()),
            dispensed_at: line.dispensed.map(|at| at.to_string()),
            handed_over_at: line.handed_over.map(|at| at.to_string()),
            count: line.counted.map(KitCount::from),
            doses,
            reconciled_at: line.reconciled.map(|at| at.to_string()),
            destroyed_at: line.destroyed.map(|at| at.to_string()),
        }
    }
}

impl From<Counted> for KitCount {
    fn from(counted: Counted) -> Self {
        let Count { used, unused, missing } = counted.count;
        Self {
            used,
            unused,
            missing,
            times: counted.times,
            counted_by: counted.by.to_string(),
            counted_at: counted.at.to_string(),
        }
    }
}

impl From<Doses> for DosesGiven {
    fn from(Doses { planned, given, missed, extra }: Doses) -> Self {
        Self { planned, given, missed, extra }
    }
}
