//! Alerts: what somebody has to see to (NOT-05).
//!
//! An alert follows from facts that a blinded person may know: totals over all kit types, days, numbers of subjects.
//! Nothing here has a field for an arm or a kit type, so no alert can depend on one. Which alerts stand is decided at
//! the moment of reading; that one was raised, acknowledged and cleared stands in the journal.

use std::fmt;
use std::str::FromStr;

use chrono::Days;
use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use terms::{BatchId, Day, DepotId, ListId, ShipmentId, SiteId};

use crate::study::Thresholds;
use crate::{Refusal, Role};

/// What is to be seen to.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum AlertKind {
    /// A site or a depot has fewer usable kits, of all types together, than are wanted there.
    LowStock,
    /// Kits of a batch that could be used at a place expire soon, or have expired.
    ExpiryHorizon,
    /// A shipment left, and its receipt is not recorded in time.
    OverdueReceipt,
    /// Kits have been in quarantine at a place for long.
    OldQuarantine,
    /// A stratum of the list in use has few of its planned positions left.
    ListNearExhaustion,
}

/// Where it is to be seen to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlertPlace {
    /// A site.
    Site(SiteId),
    /// A depot.
    Depot(DepotId),
    /// The sponsor's stock.
    Stock,
    /// The whole study.
    Study,
}

impl AlertPlace {
    /// The site, when it is one.
    pub fn site(&self) -> Option<&SiteId> {
        match self {
            Self::Site(site) => Some(site),
            Self::Depot(_) | Self::Stock | Self::Study => None,
        }
    }

    /// The depot, when it is one.
    pub fn depot(&self) -> Option<&DepotId> {
        match self {
            Self::Depot(depot) => Some(depot),
            Self::Site(_) | Self::Stock | Self::Study => None,
        }
    }
}

impl fmt::Display for AlertPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Site(site) => write!(f, "site/{site}"),
            Self::Depot(depot) => write!(f, "depot/{depot}"),
            Self::Stock => f.write_str("stock"),
            Self::Study => f.write_str("study"),
        }
    }
}

/// The text is no place of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPlace;

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is no place of an alert")
    }
}

impl FromStr for AlertPlace {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        match text.split_once('/') {
            Some(("site", id)) => SiteId::parse(id).map(Self::Site).map_err(|_bad| NoPlace),
            Some(("depot", id)) => DepotId::parse(id).map(Self::Depot).map_err(|_bad| NoPlace),
            None if text == "stock" => Ok(Self::Stock),
            None if text == "study" => Ok(Self::Study),
            _ => Err(NoPlace),
        }
    }
}

/// The role that has to see to an alert, and alone acknowledges it.
pub const fn owner(kind: AlertKind, place: &AlertPlace) -> Role {
    match (kind, place) {
        (AlertKind::LowStock, AlertPlace::Site(_)) => Role::Depot,
        (AlertKind::LowStock, _) => Role::SupplyManager,
        (AlertKind::ExpiryHorizon, AlertPlace::Site(_)) => Role::Depot,
        (AlertKind::ExpiryHorizon, _) => Role::SupplyManager,
        (AlertKind::OverdueReceipt, AlertPlace::Site(_)) => Role::Pharmacist,
        (AlertKind::OverdueReceipt, _) => Role::Depot,
        (AlertKind::OldQuarantine, _) => Role::Quality,
        (AlertKind::ListNearExhaustion, _) => Role::Statistician,
    }
}

/// Whether a role may see an alert, as far as its kind and place go: which site a role of a site is of is not asked
/// here. A supply manager, who knows what is in every kit, sees nothing of what is left at a site: when the last kit of
/// a batch leaves the shelf, somebody was given it, and by as much as the total falls when a true lot is called back,
/// so many of its type were left.
pub fn sees(role: Role, kind: AlertKind, place: &AlertPlace) -> bool {
    use AlertKind as K;
    let of_left_kits = matches!(kind, K::LowStock | K::ExpiryHorizon | K::OldQuarantine);
    match (role, place) {
        (Role::Administrator, _) => false,
        (Role::SupplyManager, AlertPlace::Site(_)) => !of_left_kits,
        (Role::Investigator | Role::Pharmacist, AlertPlace::Depot(_) | AlertPlace::Stock) => false,
        (Role::Depot | Role::Quality, AlertPlace::Study) => false,
        _ => true,
    }
}

/// Whether an alert may be acknowledged: by its owner, while it stands, once.
///
/// # Errors
/// [`Refusal::NotAlertOwner`], [`Refusal::AlertCleared`], [`Refusal::Exists`], in this order.
pub fn acknowledge(owner: Role, is_owner: bool, is_cleared: bool, is_done: bool) -> Result<(), Refusal> {
    match (is_owner, is_cleared, is_done) {
        (false, ..) => Err(Refusal::NotAlertOwner(owner.into())),
        (true, true, _) => Err(Refusal::AlertCleared),
        (true, false, true) => Err(Refusal::Exists("acknowledgement")),
        (true, false, false) => Ok(()),
    }
}

/// What is known of the study, all of it blinded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The sites, the depots and the sponsor's stock.
    pub places: Vec<PlaceFacts>,
    /// The shipments that left and are not received.
    pub on_their_way: Vec<OnItsWay>,
    /// The list in use.
    pub list: Option<ListFacts>,
}

/// What is known of a place. Kits are counted over all types; days are days of the site's own zone, else UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceFacts {
    /// Where.
    pub place: AlertPlace,
    /// The day there.
    pub today: Day,
    /// Its stock, where somebody looks after it; none before kits came there, and after the place was closed.
    pub stock: Option<Stock>,
    /// The batches of which a kit could be used there, with the label expiries in force.
    pub batches: Vec<(BatchId, Day)>,
    /// Since when the kit has been in quarantine that has been there longest.
    pub in_quarantine_since: Option<Day>,
}

/// Kits there are, and kits that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Usable kits that are meant for nobody.
    pub usable: u32,
    /// Kits due to subjects in treatment within the lead time.
    pub due: u32,
    /// Kits that may be wanted after that: of subjects in treatment, and of those still to be randomized.
    pub to_come: u32,
}

/// A shipment on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnItsWay {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The site or the depot that it goes to.
    pub to: AlertPlace,
    /// The day there.
    pub today: Day,
    /// The day there when it left.
    pub left: Day,
}

/// What is left of the list in use, by the public design: the list itself ends with a whole block, and how long it is
/// would tell a block size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFacts {
    /// The list.
    pub list: ListId,
    /// The fewest planned positions that a stratum has left.
    pub fewest_left: u32,
    /// How many subjects may still be randomized.
    pub to_randomize: u32,
}

/// An alert that stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alert {
    /// What is to be seen to.
    pub kind: AlertKind,
    /// Where.
    pub place: AlertPlace,
    /// The batch, the shipment or the list; else the place.
    pub reference: String,
    /// What is known, which everybody may read.
    pub says: Says,
}

/// What is known of an alert. It is told as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// So many kits can be used, and so many are wanted.
    Kits {
        /// Usable kits of all types together.
        usable: u32,
        /// How many are wanted.
        wanted: u32,
    },
    /// The label expiry.
    LabelExpiry(Day),
    /// Since when kits have been in quarantine.
    InQuarantineSince(Day),
    /// When the shipment left.
    Left(Day),
    /// A stratum has few positions left. How many is not said.
    FewPositions,
}

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kits { usable, wanted } => {
                write!(f, "{usable} usable kits of all types together; {wanted} are wanted.")
            }
            Self::LabelExpiry(day) => write!(f, "The label expiry is {day}."),
            Self::InQuarantineSince(day) => write!(f, "Kits have been in quarantine since {day}."),
            Self::Left(day) => write!(f, "It left on {day}, and no receipt is recorded."),
            Self::FewPositions => f.write_str("A stratum of the list in use has few planned positions left."),
        }
    }
}

/// The alerts that stand, in the order of kind, place and reference. The same facts give the same alerts.
pub fn standing(thresholds: &Thresholds, facts: &Facts) -> Vec<Alert> {
    let mut alerts: Vec<Alert> = Vec::new();
    for place in &facts.places {
        alerts.extend(low_stock(thresholds, place));
        alerts.extend(expiry_horizon(thresholds, place));
        alerts.extend(old_quarantine(thresholds, place));
    }
    alerts.extend(facts.on_their_way.iter().filter_map(|shipment| overdue(thresholds, shipment)));
    alerts.extend(facts.list.as_ref().and_then(|list| near_exhaustion(thresholds, list)));
    alerts.sort();
    alerts
}

/// Wanted are the kits that are due, and the threshold over them, but no more than may still be asked for: a trial that
/// ends needs no full shelf.
fn low_stock(thresholds: &Thresholds, at: &PlaceFacts) -> Option<Alert> {
    let Stock { usable, due, to_come } = at.stock?;
    let wanted = due.saturating_add(thresholds.low_stock_kits.min(to_come));
    let says = Says::Kits { usable, wanted };
    (usable < wanted).then(|| of_place(AlertKind::LowStock, at, says))
}

fn expiry_horizon(thresholds: &Thresholds, at: &PlaceFacts) -> Vec<Alert> {
    let last = after(at.today, thresholds.expiry_horizon_days);
    let soon = at.batches.iter().filter(|(_, label_expiry)| *label_expiry <= last);
    let alert = |(batch, label_expiry): &(BatchId, Day)| Alert {
        kind: AlertKind::ExpiryHorizon,
        place: at.place.clone(),
        reference: batch.to_string(),
        says: Says::LabelExpiry(*label_expiry),
    };
    soon.map(alert).collect()
}

fn old_quarantine(thresholds: &Thresholds, at: &PlaceFacts) -> Option<Alert> {
    let since = at.in_quarantine_since?;
    let says = Says::InQuarantineSince(since);
    let is_old = at.today >= after(since, thresholds.old_quarantine_days);
    is_old.then(|| of_place(AlertKind::OldQuarantine, at, says))
}

fn overdue(thresholds: &Thresholds, on_its_way: &OnItsWay) -> Option<Alert> {
    let OnItsWay { shipment, to, today, left } = on_its_way;
    let is_overdue = *today > after(*left, thresholds.overdue_receipt_days);
    is_overdue.then(|| Alert {
        kind: AlertKind::OverdueReceipt,
        place: to.clone(),
        reference: shipment.to_string(),
        says: Says::Left(*left),
    })
}

/// In words without a number, and while the positions may not be enough.
fn near_exhaustion(thresholds: &Thresholds, facts: &ListFacts) -> Option<Alert> {
    let ListFacts { list, fewest_left, to_randomize } = facts;
    let is_near = *fewest_left <= thresholds.list_positions && fewest_left <= to_randomize;
    (is_near && *to_randomize > 0).then(|| Alert {
        kind: AlertKind::ListNearExhaustion,
        place: AlertPlace::Study,
        reference: list.to_string(),
        says: Says::FewPositions,
    })
}

fn of_place(kind: AlertKind, at: &PlaceFacts, says: Says) -> Alert {
    let reference = match &at.place {
        AlertPlace::Site(site) => site.to_string(),
        AlertPlace::Depot(depot) => depot.to_string(),
        AlertPlace::Stock | AlertPlace::Study => at.place.to_string(),
    };
    Alert { kind, place: at.place.clone(), reference, says }
}

/// That many days later; the last day of the calendar when there is none.
fn after(day: Day, days: u32) -> Day {
    day.checked_add_days(Days::new(u64::from(days))).unwrap_or(Day::MAX)
}

#[cfg(test)]
mod tests;
