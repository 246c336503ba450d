//! Kits as an act lists them.

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::KitNumber;

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
