//! How the kits of a batch come to exist: the packaging list goes out, the packing comes back, a sample is checked.

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::{BatchId, KitNumber};

use crate::text;

/// The packaging list of a batch left the service, encrypted so that the recipient alone can read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackagingListExported {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// Who is to open it, in words.
    pub recipient: Commitment,
    /// The age key that it was encrypted to. The encrypted list itself is another one every time.
    pub recipient_key: String,
}

/// What the packager sent back was reconciled, number by number, with what was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackingRecorded {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The packing, from 1.
    pub attempt: u32,
    /// How many kits were packed: all of the batch.
    pub kits: u32,
    /// The SHA-256 of the file. It is behind a commitment, because who knows the internal codes could try every content
    /// of a small batch against a hash that is public.
    pub file: Commitment,
}

/// The sample of a packing was checked by a second, unblinded person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleChecked {
    /// The batch.
    #[serde(with = "text")]
    pub batch: BatchId,
    /// The packing.
    pub attempt: u32,
    /// The kits of the sample, in the order of their numbers.
    #[serde(with = "text::list")]
    pub kits: Vec<KitNumber>,
    /// Whether every one of them holds what was registered. Which one does not is not said.
    pub passed: bool,
    /// What was found in each: a line with the number, a space, and the index of the kit type or a dash.
    pub found: Commitment,
}
