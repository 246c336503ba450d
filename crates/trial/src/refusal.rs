//! A domain "no". Each refusal has one stable code, and none depends on a hidden fact.

use std::fmt;

use strum::{EnumIter, IntoEnumIterator};

/// Why an act is refused. The order in which a decision checks is part of its contract, and never depends on an
/// arm, a kit type or a list.
#[derive(Clone, Debug, PartialEq, Eq, EnumIter)]
pub enum Refusal {
    /// No such thing, or none that this person may know of.
    NotFound,
    /// The person's roles in this study do not give the right.
    Forbidden,
    /// Log-in is needed, or the session has ended.
    NotAuthenticated,
    /// Name, password or one-time password is wrong, or the account cannot log in.
    WrongCredentials,
    /// Too many failed attempts; try again after so many seconds.
    TooManyAttempts(u32),
    /// The person must set a password of their own before anything else.
    PasswordChangeNeeded,
    /// The person must set up a second factor before anything else, because of the roles held.
    SecondFactorNeeded,
    /// The log-in was by the password alone: the code of the second factor is needed for all but a code break.
    CodeNeeded,
    /// The code is wrong, was used, or is of another time; the time here.
    WrongCode(String),
    /// The act needs a signature: a token of `POST /signatures` for exactly this act and body.
    SignatureNeeded,
    /// The signing token is unknown, used, too old, or made for another act, body or session.
    SignatureInvalid,
    /// The act needs an `Idempotency-Key`.
    KeyNeeded,
    /// The idempotency key was used with another body.
    KeyReused,
    /// A field of the request is wrong; the field's path and what is wrong with it.
    Field(String, String),
    /// The same screening number is already in use in the study.
    SubjectExists,
    /// A subject with the same year of birth and sex is already at the site; a reason is needed to go on.
    PossibleDuplicate,
    /// The subject is not in a state in which this can be done.
    SubjectState(&'static str),
    /// The subject has been randomized already.
    AlreadyRandomized,
    /// The subject has not been randomized.
    NotRandomized,
    /// The study, or the site, is on hold for this.
    OnHold(&'static str),
    /// The criteria with these ids are not fulfilled.
    NotEligible(Vec<String>),
    /// The number of subjects of the design has been randomized.
    CapReached,
    /// No allocation list is active.
    NoActiveList,
    /// The allocation list is exhausted for this stratum.
    ListExhausted,
    /// The site cannot be served now; the same words whichever kit type is short.
    SupplyShort,
    /// By what would be sent, a blinded reader could prove of more subjects whether they share an arm.
    SupplyLeaks,
    /// Nothing can be dispensed at this visit.
    NoDispensingVisit,
    /// The first dispensing visit has not been dispensed, or a later one has.
    VisitOutOfOrder,
    /// Today is outside the visit's window; a reason is needed to go on.
    OutsideWindow,
    /// The safety minimum between two courses has not passed; the first day on which it will have.
    TooSoon(String),
    /// The scanned kit is not the one to hand over.
    WrongKit,
    /// The kit was already handed over.
    AlreadyHandedOver,
    /// Another person has to check the kit first.
    SecondPersonNeeded,
    /// The subject had as many replacements as the design expects; an explanation is needed to go on.
    ReplacementLimit,
    /// The design of the study names nothing that is prepared on site.
    NothingPrepared,
    /// What was scanned is no kit or unit of this subject.
    WrongUnit,
    /// The unit is past its limit; its number.
    UnitExpired(String),
    /// The unit was given or thrown away already; its number and what became of it.
    UnitState(String, &'static str),
    /// The batch is not in a state in which this can be done.
    BatchState(&'static str),
    /// No packing of the batch is recorded.
    NotPacked,
    /// The sample of the batch's packing is not checked.
    SampleUnchecked,
    /// The sample of the batch's packing failed: it is to be packed anew.
    SampleFailed,
    /// The design lacks what a label must say; the items.
    LabelIncomplete(Vec<&'static str>),
    /// The labels of the batch were printed before; a reason is needed to print them again.
    LabelsPrinted,
    /// Kits of the batch have moved since the statement of the true lot was read.
    StatementOutdated,
    /// A kit is not in a state in which this can be done; the kit's number.
    KitState(String),
    /// A kit no longer lasts for what it is meant for; the kit's number.
    KitExpired(String),
    /// The shipment is not in a state in which this can be done.
    ShipmentState(&'static str),
    /// Resupply is planned on another day of the week.
    NotOrderDay(String),
    /// There is nothing in quarantine to decide about.
    NothingInQuarantine,
    /// These kits of the place are not explained; their numbers.
    KitsUnexplained(Vec<String>),
    /// Something has happened to these kits since they were signed for; their numbers.
    KitsChanged(Vec<String>),
    /// No kit of the place is finished with.
    NothingToReconcile,
    /// It was signed by a second person already.
    AlreadyConfirmed,
    /// The list is not in a state in which this can be done.
    ListState(&'static str),
    /// The list does not measure up to its design.
    ListMismeasured,
    /// The same person may not do both.
    SamePerson,
    /// The person's history in the study excludes this role.
    RoleExcluded,
    /// The study's design cannot be changed any more: a subject has been randomized, or kits are registered.
    DesignFixed,
    /// The alert is for another role to acknowledge; which one.
    NotAlertOwner(&'static str),
    /// What the alert was raised for has ended.
    AlertCleared,
    /// The thing exists already.
    Exists(&'static str),
    /// The reason category is not one of the closed list.
    UnknownReason,
    /// Allocations are stopped on this instance; code breaks go on.
    AllocationsStopped,
    /// Too much is asked of this at once; try again shortly.
    Busy,
}

impl Refusal {
    /// A wrong field.
    pub fn field(path: &str, message: impl fmt::Display) -> Self {
        Self::Field(path.to_owned(), message.to_string())
    }

    /// One of each kind, with nothing in its fields: what a table of all refusals is made from.
    pub fn each() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// The refusal's stable code, which ends the problem's `type`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::NotAuthenticated => "not-authenticated",
            Self::WrongCredentials => "wrong-credentials",
            Self::TooManyAttempts(_) => "too-many-attempts",
            Self::PasswordChangeNeeded => "password-change-needed",
            Self::SecondFactorNeeded => "second-factor-needed",
            Self::CodeNeeded => "code-needed",
            Self::WrongCode(_) => "wrong-code",
            Self::SignatureNeeded => "signature-needed",
            Self::SignatureInvalid => "signature-invalid",
            Self::KeyNeeded => "idempotency-key-needed",
            Self::KeyReused => "idempotency-key-reused",
            Self::Field(..) => "invalid-field",
            Self::SubjectExists => "subject-exists",
            Self::PossibleDuplicate => "possible-duplicate",
            Self::SubjectState(_) => "subject-state",
            Self::AlreadyRandomized => "already-randomized",
            Self::NotRandomized => "not-randomized",
            Self::OnHold(_) => "on-hold",
            Self::NotEligible(_) => "not-eligible",
            Self::CapReached => "cap-reached",
            Self::NoActiveList => "no-active-list",
            Self::ListExhausted => "list-exhausted",
            Self::SupplyShort => "supply-short",
            Self::SupplyLeaks => "supply-leaks",
            Self::NoDispensingVisit => "no-dispensing-visit",
            Self::VisitOutOfOrder => "visit-out-of-order",
            Self::OutsideWindow => "outside-window",
            Self::TooSoon(_) => "too-soon",
            Self::WrongKit => "wrong-kit",
            Self::AlreadyHandedOver => "already-handed-over",
            Self::SecondPersonNeeded => "second-person-needed",
            Self::ReplacementLimit => "replacement-limit",
            Self::NothingPrepared => "nothing-prepared",
            Self::WrongUnit => "wrong-unit",
            Self::UnitExpired(_) => "unit-expired",
            Self::UnitState(..) => "unit-state",
            Self::BatchState(_) => "batch-state",
            Self::NotPacked => "not-packed",
            Self::SampleUnchecked => "sample-unchecked",
            Self::SampleFailed => "sample-failed",
            Self::LabelIncomplete(_) => "label-incomplete",
            Self::LabelsPrinted => "labels-printed",
            Self::StatementOutdated => "statement-outdated",
            Self::KitState(_) => "kit-state",
            Self::KitExpired(_) => "kit-expired",
            Self::ShipmentState(_) => "shipment-state",
            Self::NotOrderDay(_) => "not-order-day",
            Self::NothingInQuarantine => "nothing-in-quarantine",
            Self::KitsUnexplained(_) => "kits-unexplained",
            Self::KitsChanged(_) => "kits-changed",
            Self::NothingToReconcile => "nothing-to-reconcile",
            Self::AlreadyConfirmed => "already-confirmed",
            Self::ListState(_) => "list-state",
            Self::ListMismeasured => "list-mismeasured",
            Self::SamePerson => "same-person",
            Self::RoleExcluded => "role-excluded",
            Self::DesignFixed => "design-fixed",
            Self::NotAlertOwner(_) => "not-alert-owner",
            Self::AlertCleared => "alert-cleared",
            Self::Exists(_) => "exists",
            Self::UnknownReason => "unknown-reason",
            Self::AllocationsStopped => "allocations-stopped",
            Self::Busy => "busy",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyAttempts(seconds) => {
                write!(f, "Too many failed attempts: try again in {seconds} s.")
            }
            Self::WrongCode(time) => {
                write!(
                    f,
                    "The code is wrong, or was used already. It is {time} here: compare your device's clock."
                )
            }
            Self::Field(path, message) => write!(f, "The field `{path}` {message}."),
            Self::SubjectState(state) => write!(f, "The subject is {state}, so this cannot be done."),
            Self::OnHold(what) => write!(f, "There is a hold on {what}."),
            Self::NotEligible(criteria) => {
                write!(f, "These criteria are not fulfilled: {}.", criteria.join(", "))
            }
            Self::TooSoon(day) => {
                write!(f, "The safety minimum between courses has not passed; it will have on {day}.")
            }
            Self::BatchState(state) => write!(f, "The batch is {state}, so this cannot be done."),
            Self::LabelIncomplete(items) => {
                write!(f, "The design of the study does not say for labels: {}.", items.join(", "))
            }
            Self::KitState(number) => write!(f, "The state of kit {number} does not allow this."),
            Self::KitExpired(number) => {
                write!(f, "Kit {number} no longer lasts long enough: another one must take its place.")
            }
            Self::UnitExpired(number) => {
                write!(f, "Stop: unit {number} is past its limit. The scan has been recorded.")
            }
            Self::UnitState(number, state) => write!(f, "Unit {number} was {state} already."),
            Self::NotOrderDay(day) => write!(f, "Resupply is planned on a {day}, by the day at the site."),
            Self::ShipmentState(state) => write!(f, "The shipment is {state}, so this cannot be done."),
            Self::KitsUnexplained(kits) => write!(f, "These kits are not explained: {}.", kits.join(", ")),
            Self::KitsChanged(kits) => {
                write!(f, "Something has happened to these kits since, so sign again: {}.", kits.join(", "))
            }
            Self::ListState(state) => write!(f, "The list is {state}, so this cannot be done."),
            Self::NotAlertOwner(role) => {
                write!(f, "This alert is for the {} role to acknowledge.", role.replace('_', " "))
            }
            Self::Exists(what) => write!(f, "This {what} exists already."),
            other => f.write_str(other.sentence()),
        }
    }
}

impl Refusal {
    /// The sentence of a refusal that has nothing to add to it.
    const fn sentence(&self) -> &'static str {
        match self {
            Self::NotFound => "There is no such thing here.",
            Self::Forbidden => "Your roles in this study do not give this right.",
            Self::NotAuthenticated => "Please log in.",
            Self::WrongCredentials => "The name or the password is wrong.",
            Self::PasswordChangeNeeded => "Set a password of your own first: POST /api/v1/me/password.",
            Self::SecondFactorNeeded => "Your roles take a second factor: POST /api/v1/me/second-factor.",
            Self::CodeNeeded => "Give the code of your second factor first: POST /api/v1/session/code.",
            Self::SignatureNeeded => "This act must be signed: POST /api/v1/signatures, then send the token.",
            Self::SignatureInvalid => "The signature is not valid for this act; sign again.",
            Self::KeyNeeded => "Send an Idempotency-Key header of 1 to 40 letters, digits, dots or dashes.",
            Self::KeyReused => "This Idempotency-Key was already used with another body or act.",
            Self::SubjectExists => "This screening number is already in use in the study.",
            Self::PossibleDuplicate => {
                "A subject of the same year of birth and sex is at this site; give a `duplicate_reason`."
            }
            Self::AlreadyRandomized => "The subject has been randomized already.",
            Self::NotRandomized => "The subject has not been randomized.",
            Self::CapReached => "The number of subjects of the design has been randomized.",
            Self::NoActiveList => "No allocation list is active.",
            Self::ListExhausted => "The allocation list is exhausted for this stratum.",
            Self::SupplyLeaks => {
                "By this shipment it could be proved who shares an arm; the unblinded recipients have been \
                 told."
            }
            Self::SupplyShort => {
                "The site cannot be served from its shelf now; the supply role has been told."
            }
            Self::NoDispensingVisit => "Nothing is dispensed at this visit.",
            Self::VisitOutOfOrder => {
                "Visits are dispensed in order: the first one first, none after a later one."
            }
            Self::OutsideWindow => "Today is outside the visit's window; give a `reason` to go on.",
            Self::NotPacked => "No packing of this batch is recorded.",
            Self::SampleUnchecked => "The sample of this batch's packing is not checked yet.",
            Self::SampleFailed => "The sample of this batch's packing failed: it must be packed anew.",
            Self::WrongKit => "Stop: this is not the kit to hand over. The scan has been recorded.",
            Self::NothingPrepared => "In this study nothing is prepared on site.",
            Self::WrongUnit => "Stop: this is not of this subject. The scan has been recorded.",
            Self::LabelsPrinted => {
                "Labels of this batch were printed before, and two with one number could make two kits of \
                 it; give a `reason`, and destroy what is left of the first."
            }
            Self::StatementOutdated => {
                "The statement no longer holds: kits of the batch have moved since. Ask for a new one."
            }
            Self::NothingInQuarantine => "Nothing is in quarantine there.",
            Self::NothingToReconcile => "No kit there is finished with.",
            Self::AlreadyConfirmed => "A second person has signed this already.",
            Self::AlreadyHandedOver => "This kit was already handed over.",
            Self::SecondPersonNeeded => {
                "In this study another person has to check the kit first, on the same day."
            }
            Self::ReplacementLimit => {
                "The subject had as many replacements as the design expects; give an `explanation` to go on."
            }
            Self::ListMismeasured => "The list does not measure up to its design and cannot be approved.",
            Self::SamePerson => "A second person must do this.",
            Self::RoleExcluded => "This person's history in the study excludes the role.",
            Self::DesignFixed => {
                "A subject is randomized or kits are registered: the design can no longer be replaced."
            }
            Self::AlertCleared => "What the alert was raised for has ended.",
            Self::UnknownReason => "The reason must be one of the closed list.",
            Self::AllocationsStopped => "Allocations are stopped on this instance. Code breaks go on.",
            Self::Busy => "The service is busy; try again in a few seconds.",
            _ => "This is refused.",
        }
    }
}
