//! What is done to one true lot. Which lot it is stands behind a commitment; the kits that it hits, which everybody
//! sees at their places anyway, stand in the leaves after it.

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::{BatchId, LotStatementId};

use crate::codes::LotRecallReason;
use crate::text;

/// Somebody read what the recall of a true lot would do, and what it would reveal to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotStatementRead {
    /// The statement.
    #[serde(with = "text")]
    pub statement: LotStatementId,
    /// The batch that the lot is in.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The true lot.
    pub lot: Commitment,
    /// The SHA-256 of the statement's file. A public one could be tried out: it tells which kits would be hit.
    pub statement_file: Commitment,
}

/// The kits of a true lot of a batch were called back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotRecalled {
    /// The statement that was read before, by the same person.
    #[serde(with = "text")]
    pub statement: LotStatementId,
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The true lot.
    pub lot: Commitment,
    /// The SHA-256 of the statement's file.
    pub statement_file: Commitment,
    /// Why.
    #[serde(with = "text")]
    pub why: LotRecallReason,
    /// What was written about it.
    pub reason: Commitment,
}
