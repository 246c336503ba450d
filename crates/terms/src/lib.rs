//! The words of the field as types. One short file per noun, and no dependency on any other room.
//!
//! A value of these types has already been checked: the only ways in are constructors that refuse what is
//! malformed. None of them derives a serialization or a database trait; each rim converts for itself.

mod arm;
mod country;
mod gtin;
mod id;
mod kit;
mod list;
mod moment;
mod sealed;
mod unit;

pub use arm::{Arm, KitType};
pub use country::{BadCountry, Country};
pub use gtin::{BadGtin, Gtin};
pub use id::{
    AlertId, BatchId, DepotId, DestructionId, DispensationId, ExpiryExtensionId, GrantId, HoldId,
    KitReconciliationId, ListId, LotStatementId, NoticeId, OpeningId, PreparationId, RedactionId, SessionId,
    ShipmentId, SiteId, StudyId, SubjectId, UnblindingId, UserId, VisitId,
};
pub use id::{BadId, Id, ids};
pub use kit::{BadKitNumber, KitNumber};
pub use list::{Position, RandomizationNumber, Stratum};
pub use moment::{BadTerm, Day, Moment};
pub use sealed::{Permit, Sealed};
pub use unit::UnitNumber;
