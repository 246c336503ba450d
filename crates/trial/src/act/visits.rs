//! Visits.

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::{Day, SubjectId, VisitId};

use crate::text;

/// A visit was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitRecorded {
    /// The subject.
    #[serde(with = "text")]
    pub subject: SubjectId,
    /// The visit.
    #[serde(with = "text")]
    pub visit: VisitId,
    /// When it took place.
    #[serde(with = "text")]
    pub day: Day,
    /// Whether that lies in the window; nothing before there is a day 1.
    pub in_window: Option<bool>,
    /// Why it was recorded again.
    pub correction_reason: Option<Commitment>,
}
