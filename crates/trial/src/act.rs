//! The records of the journal: one leaf for every act, in one canonical form.
//!
//! A leaf holds public fields and commitments. It never holds an arm, a kit type, a true lot, a block or free text:
//! those stand behind a commitment whose opening lies in another table. So blinded and unblinded readers verify the
//! same tree (AUD-12, BLD-04).

use journal::{Commitment, Hash};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{
    BatchId, Country, DepotId, DestructionId, DispensationId, GrantId, HoldId, KitNumber,
    KitReconciliationId, ListId, RandomizationNumber, RedactionId, ShipmentId, StudyId, SubjectId,
    UnblindingId, UserId, VisitId,
};

use crate::codes::{
    BreakReason, Disposition, FoundBy, HoldOn, Incident, QuarantineCause, Sex, StopReason, Stops,
};
use crate::{Role, text};

mod accounts;
mod alerts;
mod batches;
mod kits;
mod leaf;
mod lots;
mod packing;
mod redaction;
mod resupply;
mod units;
mod visits;

pub use accounts::{Account, SessionsEnded};
pub use alerts::{AlertAcknowledged, AlertCleared, AlertRaised};
pub use batches::{BatchRecalled, ExpiryExtended, ExpiryShortened, ExtensionProposed, KitsAt, LabelsPrinted};
pub use kits::{CheckedKit, ExplainedKit, KitsRegistered, RegisteredKit, ReplacedKit, WrongKitStopped};
pub use leaf::{Leaf, Nonce, NonceNoun};
pub use lots::{LotRecalled, LotStatementRead};
pub use packing::{PackagingListExported, PackingRecorded, SampleChecked};
pub use redaction::Redaction;
pub use resupply::ResupplyPlanned;
pub use units::{UnitDiscarded, UnitGiven, UnitStopped, UnitsPrepared};
pub use visits::VisitRecorded;

/// What was done. The order of variants is that of a study's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, strum::VariantNames)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "the fields are the nouns of the glossary, and each variant says what was done"
)]
pub enum Act {
    /// The study was opened, and its keys for kit numbers and picks were made.
    StudyOpened {
        #[serde(with = "text")]
        study: StudyId,
        kit_number_seed: Commitment,
        pick_seed: Commitment,
    },
    /// A version of the design came into force.
    DesignActivated { version: u32, fingerprint: Hash, sealed: Commitment },
    /// A site was added, or its public details were set anew.
    SiteAdded {
        name: String,
        time_zone: String,
        #[serde(with = "text")]
        country: Country,
    },
    /// A recipient of notices was added; the address is no part of the journal.
    RecipientAdded { unblinded: bool },
    /// A role was asked for that takes a second person.
    RoleProposed {
        #[serde(with = "text")]
        grant: GrantId,
        #[serde(with = "text")]
        user: UserId,
        #[serde(with = "text")]
        role: Role,
        reason: Commitment,
    },
    /// A role was granted.
    RoleGranted {
        #[serde(with = "text")]
        grant: GrantId,
        #[serde(with = "text")]
        user: UserId,
        #[serde(with = "text")]
        role: Role,
        reason: Commitment,
    },
    /// A role was revoked.
    RoleRevoked {
        #[serde(with = "text")]
        grant: GrantId,
        reason: Commitment,
    },
    /// Randomization or dispensing was put on hold.
    HoldPlaced {
        #[serde(with = "text")]
        hold: HoldId,
        #[serde(with = "text")]
        on: HoldOn,
        reason: Commitment,
    },
    /// A hold was released.
    HoldReleased {
        #[serde(with = "text")]
        hold: HoldId,
        reason: Commitment,
    },
    /// An allocation list was generated; nobody has read it yet.
    ListGenerated {
        #[serde(with = "text")]
        list: ListId,
        algorithm: String,
        root: Hash,
        lengths: Vec<u32>,
        seed: Commitment,
    },
    /// A list was approved by a second person after it had been measured against its design.
    ListApproved {
        #[serde(with = "text")]
        list: ListId,
    },
    /// A list came into use.
    ListActivated {
        #[serde(with = "text")]
        list: ListId,
    },
    /// A list was given up; it stays visible, so that a list cannot be shopped for.
    ListDiscarded {
        #[serde(with = "text")]
        list: ListId,
        reason: Commitment,
    },
    /// Somebody read the positions of a list with their arms (BLD-14).
    PositionsRead {
        #[serde(with = "text")]
        list: ListId,
    },
    /// Somebody printed an envelope for every position of a list, with the treatment inside (UNB-06, BLD-14).
    EnvelopesPrinted {
        #[serde(with = "text")]
        list: ListId,
    },
    /// Somebody read the reconciliation of list, allocations and handovers (BLD-14).
    ReconciliationRead {},
    /// Somebody read how many subjects each arm has, over time (BLD-14).
    BalanceRead {},
    /// Somebody read the block sizes of the design, with how well an arm can be guessed by them (BLD-14, SEQ-11).
    BlockSizesRead {},
    /// Somebody read how many kits of each type there are in the sponsor's stock and in depots (BLD-14).
    StockByTypeRead {},
    /// Kits were registered under a blinded batch; each with the commitment to its type.
    KitsRegistered(KitsRegistered),
    /// The packaging list of a batch left the service for a named recipient (KIT-25, BLD-14).
    PackagingListExported(PackagingListExported),
    /// What came back from the packager is what was registered, number by number.
    PackingRecorded(PackingRecorded),
    /// A second person checked a sample of what was packed.
    SampleChecked(SampleChecked),
    /// The quality role certified a batch for a country, the first of the two steps (KIT-01).
    BatchCertified {
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text")]
        country: Country,
    },
    /// The sponsor released a batch in a country, the second of the two steps.
    BatchReleased {
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text")]
        country: Country,
    },
    /// Kits arrived at a site: in good order, missing or damaged.
    KitsReceived {
        #[serde(with = "text")]
        batch: BatchId,
        #[serde(with = "text::list")]
        received: Vec<KitNumber>,
        #[serde(with = "text::list")]
        missing: Vec<KitNumber>,
        #[serde(with = "text::list")]
        damaged: Vec<KitNumber>,
    },
    /// A depot was added, or its public details were set anew.
    DepotAdded {
        #[serde(with = "text")]
        depot: DepotId,
        name: String,
        #[serde(with = "text")]
        country: Country,
    },
    /// Resupply was planned for the site of this leaf on an order day; with what is sent comes a shipment.
    ResupplyPlanned(ResupplyPlanned),
    /// Kits were picked for a shipment, as many of every type, to the site of this leaf or to a depot.
    ShipmentPicked {
        #[serde(with = "text")]
        shipment: ShipmentId,
        #[serde(with = "text::optional")]
        from_depot: Option<DepotId>,
        #[serde(with = "text::optional")]
        to_depot: Option<DepotId>,
        groups: u32,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
    },
    /// A shipment left with all its kits.
    ShipmentDispatched {
        #[serde(with = "text")]
        shipment: ShipmentId,
    },
    /// A shipment that had not left was given up: its kits are free again.
    ShipmentCancelled {
        #[serde(with = "text")]
        shipment: ShipmentId,
        reason: Commitment,
    },
    /// A shipment arrived: each kit in good order, missing or damaged; after an excursion, set aside in the same act.
    ShipmentReceived {
        #[serde(with = "text")]
        shipment: ShipmentId,
        #[serde(with = "text::list")]
        received: Vec<KitNumber>,
        #[serde(with = "text::list")]
        missing: Vec<KitNumber>,
        #[serde(with = "text::list")]
        damaged: Vec<KitNumber>,
        excursion: bool,
        temperature_record: Option<Hash>,
    },
    /// All kits of a place that could be used were set aside: of the site of this leaf, or of a depot.
    KitsQuarantined {
        #[serde(with = "text::optional")]
        depot: Option<DepotId>,
        #[serde(with = "text")]
        cause: QuarantineCause,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
        evidence: Option<Hash>,
    },
    /// The quality role decided about all kits in quarantine at a place, or about those of one shipment (KIT-12).
    QuarantineDecided {
        #[serde(with = "text::optional")]
        depot: Option<DepotId>,
        #[serde(with = "text::optional")]
        shipment: Option<ShipmentId>,
        #[serde(with = "text")]
        disposition: Disposition,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
        reason: Commitment,
        evidence: Hash,
    },
    /// One kit was found damaged or missing, or turned up, at the site of this leaf or in a depot.
    KitIncident {
        #[serde(with = "text::optional")]
        depot: Option<DepotId>,
        #[serde(with = "text")]
        kit: KitNumber,
        #[serde(with = "text")]
        incident: Incident,
        reason: Commitment,
    },
    /// A kit came back to its site and its vials were counted, or were counted again: the last count counts.
    KitReturned {
        #[serde(with = "text")]
        kit: KitNumber,
        used: u32,
        unused: u32,
        missing: u32,
        reason: Option<Commitment>,
    },
    /// The kits of a place that are finished with were signed for; whoever confirms it is to sign, too.
    KitReconciliationSigned {
        #[serde(with = "text")]
        reconciliation: KitReconciliationId,
        #[serde(with = "text::optional")]
        depot: Option<DepotId>,
        closing: bool,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
        explained: Vec<ExplainedKit>,
    },
    /// A reconciliation was confirmed by a second person, and its kits are reconciled.
    KitsReconciled {
        #[serde(with = "text")]
        reconciliation: KitReconciliationId,
    },
    /// Reconciled kits of a site or a depot were proposed for destruction.
    DestructionProposed {
        #[serde(with = "text")]
        destruction: DestructionId,
        #[serde(with = "text::optional")]
        depot: Option<DepotId>,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
    },
    /// A destruction was authorized by a second person, for the sponsor, and the kits are destroyed.
    KitsDestroyed {
        #[serde(with = "text")]
        destruction: DestructionId,
        certificate: Hash,
    },
    /// The label expiry of a batch was shortened, at once (KIT-11).
    ExpiryShortened(ExpiryShortened),
    /// An extension of the label expiry of a batch was proposed; whoever confirms it is to sign, too (KIT-10).
    ExpiryExtensionProposed(ExtensionProposed),
    /// A second person confirmed it, and the label expiry is in force.
    ExpiryExtended(ExpiryExtended),
    /// A whole batch was called back (KIT-13).
    BatchRecalled(BatchRecalled),
    /// Somebody read what the recall of a true lot would do and reveal (BLD-14).
    LotStatementRead(LotStatementRead),
    /// The kits of one true lot of a batch were called back, after that statement (BLD-10).
    LotRecalled(LotRecalled),
    /// The labels of a batch were printed, the first time or again (KIT-15).
    LabelsPrinted(LabelsPrinted),
    /// The shortening of the leaf before leaves these kits at a place without enough days.
    KitsShortened(KitsAt),
    /// The extension of the leaf before is that of these kits at a place.
    KitsExtended(KitsAt),
    /// The recall of the leaf before concerns these kits at a place.
    KitsRecalled(KitsAt),
    /// An alert was raised (NOT-05).
    AlertRaised(AlertRaised),
    /// An alert was acknowledged by its owner.
    AlertAcknowledged(AlertAcknowledged),
    /// What an alert was raised for has ended.
    AlertCleared(AlertCleared),
    /// A subject was entered.
    SubjectScreened {
        #[serde(with = "text")]
        subject: SubjectId,
        birth_year: u16,
        #[serde(with = "text")]
        sex: Sex,
        duplicate_reason: Option<Commitment>,
    },
    /// A subject left before randomization.
    ScreeningFailed {
        #[serde(with = "text")]
        subject: SubjectId,
        criteria: Vec<String>,
    },
    /// A subject was randomized.
    Randomized {
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        number: RandomizationNumber,
        #[serde(with = "text")]
        list: ListId,
        stratum: u32,
        position: u32,
        #[serde(with = "text")]
        consent: terms::Day,
        answers: BTreeMap<String, String>,
    },
    /// Kits were allocated to a subject for a visit; their order is that of the pick.
    KitsAllocated {
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        visit: VisitId,
        attempt: u32,
        #[serde(with = "text")]
        through: terms::Day,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
    },
    /// An allocated kit was put aside, because it can no longer be used through the days it was meant for.
    KitsSetAside {
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        visit: VisitId,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
    },
    /// The pharmacist was told which kits to hand over.
    Dispensed {
        #[serde(with = "text")]
        dispensation: DispensationId,
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        visit: VisitId,
        attempt: u32,
        #[serde(with = "text::list")]
        kits: Vec<KitNumber>,
        in_window: bool,
        reason: Option<Commitment>,
    },
    /// A kit was checked before its handover.
    KitChecked(CheckedKit),
    /// A kit was handed over.
    HandedOver {
        #[serde(with = "text")]
        dispensation: DispensationId,
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        kit: KitNumber,
    },
    /// A kit of a dispensation was replaced by one that the leaf before allocates.
    KitReplaced(ReplacedKit),
    /// Another kit than the one to hand over was scanned, and stopped.
    WrongKitStopped(WrongKitStopped),
    /// Units were prepared on site out of a kit (KIT-24).
    UnitsPrepared(UnitsPrepared),
    /// A unit was given to its subject.
    UnitGiven(UnitGiven),
    /// A unit was thrown away.
    UnitDiscarded(UnitDiscarded),
    /// A unit past its limit, or something else than a unit of the subject, was scanned, and stopped.
    UnitStopped(UnitStopped),
    /// A visit was recorded.
    VisitRecorded(VisitRecorded),
    /// A subject stopped the drug or left the study.
    SubjectStopped {
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        stops: Stops,
        #[serde(with = "text")]
        reason: StopReason,
    },
    /// A subject's code was broken in an emergency; recorded before it is shown (UNB-04).
    Unblinded {
        #[serde(with = "text")]
        unblinding: UnblindingId,
        #[serde(with = "text")]
        subject: SubjectId,
        #[serde(with = "text")]
        reason: BreakReason,
        #[serde(with = "text")]
        found_by: FoundBy,
    },
    /// A code break was looked at, the first time and every time after it.
    UnblindingViewed {
        #[serde(with = "text")]
        unblinding: UnblindingId,
    },
    /// A note was added to a code break.
    UnblindingNoted {
        #[serde(with = "text")]
        unblinding: UnblindingId,
        text: Commitment,
    },
    /// That a text be redacted was proposed; it stays until a second person confirms it.
    RedactionProposed(Redaction),
    /// A text was redacted: its opening is gone, and nobody can open its commitment again (AUD-13).
    TextRedacted {
        #[serde(with = "text")]
        redaction: RedactionId,
    },
    /// The same request was sent again, and was answered with the effect that it had had.
    AskedAgain { action: String, effect: String },
    /// The journal was exported in the reader's own view.
    Exported { size: u64 },
    /// The operator set so many rows anew that say how things stand, as the leaves before this one give them.
    ProjectionsRebuilt { kits: u64, lists: u64, subjects: u64 },
    /// The operator made a new version of this tree's data key; everything sealed is sealed anew under it.
    DataKeyRotated { version: u32 },
    /// The operator wrapped the data keys of this tree under another master key: so many were not yet.
    MasterKeyReplaced { keys: u64 },

    /// An account was made.
    AccountInvited(Account),
    /// A person set a password of their own.
    PasswordSet(Account),
    /// An administrator asked for the reset of a person's account, which takes a second one.
    ResetProposed(Account),
    /// A person was given a new one-time password; the second factor was taken away, and all sessions ended.
    AccountReset(Account),
    /// A person logged in.
    LoggedIn(Account),
    /// A person with a second factor logged in by the password alone: good for a code break, and for nothing else.
    LoggedInByPasswordAlone(Account),
    /// A person set up a second factor, the first or another.
    SecondFactorSet(Account),
    /// A person gave the second factor up.
    SecondFactorRemoved(Account),
    /// A person made new recovery codes; the old ones are good for nothing.
    RecoveryCodesMade(Account),
    /// A person gave a recovery code instead of the second factor.
    RecoveryCodeUsed(Account),
    /// Log-ins of a person were ended.
    SessionsEnded(SessionsEnded),
    /// A refresh token was used twice; the session was ended.
    SessionReused(Account),
    /// Log-ins failed in the minute that ended: how many, for how many account names.
    LogInsFailed { count: u64, names: u64 },
    /// A person was refused a right, so many times in the minute that ended.
    Denied { action: String, count: u64 },
}
