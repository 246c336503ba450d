//! Alerts that are raised, acknowledged and cleared.

use journal::Commitment;
use serde::{Deserialize, Serialize};
use terms::AlertId;

use crate::alerts::{AlertKind, AlertPlace};
use crate::text;

/// An alert was raised, by the service itself. At a site its leaf is that site's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRaised {
    /// The alert.
    #[serde(with = "text")]
    pub alert: AlertId,
    /// What is to be seen to.
    #[serde(rename = "alert_kind", with = "text")]
    pub kind: AlertKind,
    /// Where.
    #[serde(with = "text")]
    pub place: AlertPlace,
    /// The batch, the shipment or the list; else the place.
    pub reference: String,
}

/// What an alert was raised for has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertCleared {
    /// The alert.
    #[serde(with = "text")]
    pub alert: AlertId,
}

/// The owner of an alert has taken note of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertAcknowledged {
    /// The alert.
    #[serde(with = "text")]
    pub alert: AlertId,
    /// What will be done, where that was said.
    pub text: Option<Commitment>,
}
