//! `application/problem+json` (RFC 9457): a closed list of types, one for each refusal, and two for faults.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use service::{Failure, Fault};
use trial::Refusal;
use utoipa::ToSchema;

/// Why a request was not done. The `type` is stable; the words may change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:iwrs:problem:` and the code of the refusal.
    #[serde(rename = "type")]
    #[schema(example = "urn:iwrs:problem:outside-window")]
    pub kind: String,
    /// The HTTP status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What a person should read.
    pub detail: String,
    /// The path of the field that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip)]
    retry_after: Option<u32>,
    #[serde(skip)]
    is_fault: bool,
}

impl Problem {
    /// A refusal of the domain.
    pub fn of(refusal: &Refusal) -> Self {
        let field = match refusal {
            Refusal::Field(path, _) => Some(path.clone()),
            _ => None,
        };
        let retry_after = match refusal {
            Refusal::TooManyAttempts(seconds) => Some(*seconds),
            Refusal::Busy => Some(2),
            _ => None,
        };
        let detail = refusal.to_string();
        Self { field, retry_after, ..Self::plain(refusal.code(), status(refusal), detail) }
    }

    /// A request that is no well-formed request: a body that is no JSON, an unknown field, a body too large.
    pub(crate) fn malformed(status: StatusCode, detail: impl fmt::Display) -> Self {
        Self::plain("malformed-request", status, detail.to_string())
    }

    /// The same, with the path of the field that is wrong.
    pub(crate) fn at(self, field: Option<String>) -> Self {
        Self { field, ..self }
    }

    /// A fault: the words of the log are not for the client.
    fn fault(fault: &Fault) -> Self {
        match fault {
            Fault::UnknownOutcome(_) => Self {
                retry_after: Some(1),
                ..Self::plain(
                    "outcome-unknown",
                    StatusCode::SERVICE_UNAVAILABLE,
                    "It is not known whether this was done. Send the same request again with the same \
                     Idempotency-Key: it will be done once."
                        .to_owned(),
                )
            },
            Fault::Transient(_) | Fault::Connect(_) | Fault::Exhausted(_) => Self {
                retry_after: Some(2),
                ..Self::plain(
                    "unavailable",
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The database is not available; nothing was done. Try again shortly.".to_owned(),
                )
            },
            _ => Self::internal(),
        }
    }

    /// A failure of the service itself.
    pub(crate) fn internal() -> Self {
        let words = "The service failed, and nothing was done. Tell your administrator the X-Request-Id.";
        Self::plain("fault", StatusCode::INTERNAL_SERVER_ERROR, words.to_owned())
    }

    /// The same with what to do when a code cannot be broken because of it.
    pub(crate) fn with_way_out(self, way_out: &str) -> Self {
        if self.is_fault { Self { detail: format!("{} {way_out}", self.detail), ..self } } else { self }
    }

    /// The same of the last way on this server to break a code: a fault is told as what it means to a clinician.
    pub(crate) fn without_way_out(self) -> Self {
        if !self.is_fault {
            return self;
        }
        let detail = "The code break could be recorded nowhere, or the treatment not be read: nothing is \
             shown. Try another server of this installation; otherwise go by the study's procedure on paper.";
        Self {
            retry_after: Some(2),
            ..Self::plain("unavailable", StatusCode::SERVICE_UNAVAILABLE, detail.to_owned())
        }
    }

    fn plain(code: &str, status: StatusCode, detail: String) -> Self {
        Self {
            kind: format!("urn:iwrs:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail,
            field: None,
            retry_after: None,
            is_fault: false,
        }
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The code of the refusal or of the fault: how the type ends.
    pub(crate) fn code(&self) -> &str {
        self.kind.trim_start_matches("urn:iwrs:problem:")
    }

    /// Whether it is the password or the signature that was not taken, and not the act.
    pub(crate) fn is_about_the_signature(&self) -> bool {
        matches!(self.code(), "wrong-credentials" | "too-many-attempts" | "signature-invalid" | "busy")
    }

    /// What is wrong with the field, after its name and without the full stop.
    pub(crate) fn trouble(&self) -> Option<&str> {
        let named = format!("The field `{}` ", self.field.as_ref()?);
        self.detail.strip_prefix(&named)?.strip_suffix('.')
    }
}

impl From<Failure> for Problem {
    /// A fault is logged here, once, at the rim.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refusal(refusal) => Self::of(&refusal),
            Failure::Fault(fault) => {
                let source = std::error::Error::source(&fault);
                tracing::error!(error = %fault, ?source, "the use case failed");
                Self { is_fault: true, ..Self::fault(&fault) }
            }
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::of(&refusal)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        response.content_type("application/problem+json").json(self)
    }
}

/// The status of every refusal. Exhaustive, so that a new refusal cannot be forgotten.
const fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::NotFound => StatusCode::NOT_FOUND,
        Refusal::Forbidden | Refusal::PasswordChangeNeeded => StatusCode::FORBIDDEN,
        Refusal::SecondFactorNeeded | Refusal::CodeNeeded => StatusCode::FORBIDDEN,
        Refusal::NotAlertOwner(_) => StatusCode::FORBIDDEN,
        Refusal::NotAuthenticated | Refusal::WrongCredentials => StatusCode::UNAUTHORIZED,
        Refusal::WrongCode(_) => StatusCode::UNAUTHORIZED,
        Refusal::SignatureNeeded | Refusal::SignatureInvalid => StatusCode::FORBIDDEN,
        Refusal::TooManyAttempts(_) => StatusCode::TOO_MANY_REQUESTS,
        Refusal::KeyNeeded => StatusCode::BAD_REQUEST,
        Refusal::KeyReused | Refusal::Field(..) | Refusal::UnknownReason => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::NotEligible(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::SubjectExists | Refusal::PossibleDuplicate | Refusal::SubjectState(_) => {
            StatusCode::CONFLICT
        }
        Refusal::AlreadyRandomized | Refusal::NotRandomized | Refusal::OnHold(_) => StatusCode::CONFLICT,
        Refusal::CapReached | Refusal::NoActiveList | Refusal::ListExhausted => StatusCode::CONFLICT,
        Refusal::SupplyLeaks | Refusal::SecondPersonNeeded => StatusCode::CONFLICT,
        Refusal::SupplyShort | Refusal::NoDispensingVisit | Refusal::VisitOutOfOrder => StatusCode::CONFLICT,
        Refusal::OutsideWindow | Refusal::TooSoon(_) | Refusal::WrongKit => StatusCode::CONFLICT,
        Refusal::ReplacementLimit => StatusCode::CONFLICT,
        Refusal::AlreadyHandedOver | Refusal::BatchState(_) | Refusal::KitState(_) => StatusCode::CONFLICT,
        Refusal::KitExpired(_) => StatusCode::CONFLICT,
        Refusal::NothingPrepared | Refusal::WrongUnit => StatusCode::CONFLICT,
        Refusal::UnitExpired(_) | Refusal::UnitState(..) => StatusCode::CONFLICT,
        Refusal::NotPacked | Refusal::SampleUnchecked | Refusal::SampleFailed => StatusCode::CONFLICT,
        Refusal::LabelIncomplete(_) | Refusal::LabelsPrinted | Refusal::StatementOutdated => {
            StatusCode::CONFLICT
        }
        Refusal::ShipmentState(_) | Refusal::NothingInQuarantine | Refusal::NotOrderDay(_) => {
            StatusCode::CONFLICT
        }
        Refusal::KitsUnexplained(_) | Refusal::KitsChanged(_) => StatusCode::CONFLICT,
        Refusal::NothingToReconcile | Refusal::AlreadyConfirmed => StatusCode::CONFLICT,
        Refusal::ListState(_) | Refusal::ListMismeasured | Refusal::SamePerson => StatusCode::CONFLICT,
        Refusal::AlertCleared => StatusCode::CONFLICT,
        Refusal::RoleExcluded | Refusal::DesignFixed | Refusal::Exists(_) => StatusCode::CONFLICT,
        Refusal::AllocationsStopped | Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
    }
}
