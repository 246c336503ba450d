//! Kits as an act lists them.

use std::collections::BTreeMap;

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::{BatchId, Day, DispensationId, KitNumber, SubjectId, VisitId};

use crate::codes::ReplaceReason;
use crate::text;

/// A kit that will not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainedKit {
    /// The kit.
    #[serde(with = "text")]
    pub kit: KitNumber,
    /// Why not.
    pub reason: Commitment,
}

/// A kit that somebody checked before its handover: it is the one to hand over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedKit {
    /// The dispensation.
    #[serde(with = "text")]
    pub dispensation: DispensationId,
    /// The kit.
    #[serde(with = "text")]
    pub kit: KitNumber,
}

/// Kits were registered under a blinded batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitsRegistered {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The last day of use on the label of all its kits.
    #[serde(with = "text")]
    pub label_expiry: Day,
    /// The true lots with their expiries.
    pub lots: Commitment,
    /// What can be seen of a kit from outside: the same for every kit type, so it tells none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub visible: BTreeMap<String, String>,
    /// The kits in the order of their numbers, each with the commitment to its type.
    pub kits: Vec<RegisteredKit>,
}

/// A kit as it is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredKit {
    /// The number on the kit.
    #[serde(with = "text")]
    pub number: KitNumber,
    /// The commitment to its type.
    pub kit_type: Commitment,
}

/// A kit of a dispensation with the one that took its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacedKit {
    /// The dispensation that the old kit was of.
    #[serde(with = "text")]
    pub dispensation: DispensationId,
    /// Whose it is.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The visit.
    #[serde(with = "text")]
    pub visit: VisitId,
    /// The allocation for the visit that gave the new kit, from 1.
    pub attempt: u32,
    /// The kit that is replaced.
    #[serde(with = "text")]
    pub old: KitNumber,
    /// The kit in its place.
    #[serde(with = "text")]
    pub new: KitNumber,
    /// Why.
    #[serde(with = "text")]
    pub why: ReplaceReason,
    /// Whether the subject had as many as the design expects already.
    pub over_limit: bool,
    /// What was written about it.
    pub reason: Option<Commitment>,
}

/// A scan that was stopped before a handover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongKitStopped {
    /// The dispensation whose kit was to be handed over.
    #[serde(with = "text")]
    pub dispensation: DispensationId,
    /// What was scanned in its place.
    pub scanned: Commitment,
}
