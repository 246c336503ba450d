//! A resupply plan.

use serde::{Deserialize, Serialize};
use terms::{Day, DepotId, ShipmentId};

use crate::text;

/// What the site of the leaf is sent for an order day, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResupplyPlanned {
    /// The day at the site.
    #[serde(with = "text")]
    pub order_day: Day,
    /// The depot that sends; the sponsor's stock when none.
    #[serde(with = "text::optional")]
    pub from_depot: Option<DepotId>,
    /// How many whole groups.
    pub groups: u32,
    /// Why each number arose, in words that a blinded person may read.
    pub reasons: String,
    /// The shipment that was picked; none when nothing is sent.
    #[serde(with = "text::optional")]
    pub shipment: Option<ShipmentId>,
}
