//! A text that is to be redacted, as an act names it.

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::{OpeningId, RedactionId};

use crate::codes::RedactionReason;
use crate::text;

/// A text, by the leaf and the commitment behind which it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redaction {
    /// The id of the redaction.
    #[serde(with = "text")]
    pub redaction: RedactionId,
    /// The leaf that holds the commitment.
    pub leaf: u64,
    /// The field that the commitment binds.
    pub field: String,
    /// The commitment, which stays.
    pub commitment: Commitment,
    /// The opening, which goes.
    #[serde(with = "text")]
    pub opening: OpeningId,
    /// Why: a category alone, or the reason would repeat what is to go.
    #[serde(with = "text")]
    pub why: RedactionReason,
}
