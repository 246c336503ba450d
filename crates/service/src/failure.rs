//! Why a use case gave no answer.

use store::Fault;
use trial::Refusal;

use crate::entropy::NoEntropy;
use crate::keys::{OpenError, SealError, UnwrapError};
use crate::passwords::PasswordError;

/// A refusal of the domain, or a fault of the machine.
pub type Failure = store::Failure<Refusal>;

/// A fault of something beside the database.
pub(crate) fn instrument(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::Fault(Fault::Instrument(Box::new(error)))
}

/// A stored thing that must be there is not.
pub(crate) fn missing(what: &'static str) -> Failure {
    Failure::Fault(Fault::Malformed(what))
}

impl From<NoEntropy> for store::Failure<Refusal> {
    fn from(error: NoEntropy) -> Self {
        instrument(error)
    }
}

impl From<OpenError> for store::Failure<Refusal> {
    fn from(error: OpenError) -> Self {
        instrument(error)
    }
}

impl From<UnwrapError> for store::Failure<Refusal> {
    fn from(error: UnwrapError) -> Self {
        instrument(error)
    }
}

impl From<SealError> for store::Failure<Refusal> {
    /// Only free text can be too long, and it comes from a person.
    fn from(error: SealError) -> Self {
        match error {
            SealError::TooLong(kind) => {
                let message = format!("is longer than {} bytes", kind.width());
                Self::Refusal(Refusal::field("text", message))
            }
            SealError::NoEntropy(error) => error.into(),
        }
    }
}

impl From<PasswordError> for store::Failure<Refusal> {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Refusal(Refusal::Busy),
            error => instrument(error),
        }
    }
}
