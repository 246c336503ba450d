//! Units that are prepared on site out of a kit, and what becomes of each (KIT-24).

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::{KitNumber, PreparationId, SubjectId, UnitNumber};

use crate::text;

/// Units were prepared for a subject out of a kit that the subject was given. The leaf says when it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitsPrepared {
    /// The subject.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The kit.
    #[serde(with = "text")]
    pub kit: KitNumber,
    /// How.
    #[serde(with = "text")]
    pub preparation: PreparationId,
    /// So many hours after it a unit is blocked.
    pub hours: u32,
    /// The units.
    #[serde(with = "text::list")]
    pub units: Vec<UnitNumber>,
}

/// A unit was given to its subject. The leaf says when it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitGiven {
    /// The subject.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The unit.
    #[serde(with = "text")]
    pub unit: UnitNumber,
}

/// A unit was thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitDiscarded {
    /// The subject.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The unit.
    #[serde(with = "text")]
    pub unit: UnitNumber,
    /// Why.
    pub reason: Commitment,
}

/// What was scanned for a subject was stopped: a unit past its limit, or something that is not of this subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitStopped {
    /// The subject.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The unit that was past its limit.
    #[serde(with = "text::optional")]
    pub unit: Option<UnitNumber>,
    /// Else what was scanned.
    pub scanned: Option<Commitment>,
}
