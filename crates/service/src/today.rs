//! Today at the pharmacy of a site: who is due, what waits at the counter, what is on the shelf in total, what is on
//! its way, and what is to be seen to. Each part is read by the right that it has of its own.

use std::collections::BTreeMap;

use ledger::KitState;
use terms::{Day, Moment, StudyId};

use crate::alerts::{self, Alert};
use crate::counter::{self, Counter};
use crate::failure::Failure;
use crate::kits::stock::stock;
use crate::request::Caller;
use crate::service::Shared;
use crate::shipments::read::{Shipment, shipments};
use crate::subjects::{Due, due};

/// What there is to do, and to do it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Today {
    /// The visits at which kits are to be dispensed, by the day on which their windows open.
    pub due: Vec<Due>,
    /// What waits at the counter.
    pub counter: Counter,
    /// How many kits within reach are in each state, of all types together.
    pub shelf: BTreeMap<KitState, u32>,
    /// The first label expiry of the kits that are available.
    pub first_expiry: Option<Day>,
    /// The shipments that are not received and were not given up.
    pub on_their_way: Vec<Shipment>,
    /// The alerts that stand.
    pub alerts: Vec<Alert>,
    /// When all this was read.
    pub now: Moment,
}

/// What there is to do today at the sites within reach.
///
/// # Errors
/// The refusals of authorization of every part.
pub fn today(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Today, Failure> {
    let mut due = due(service, caller, study)?;
    due.retain(|due| due.has_kits);
    let counter = counter::waiting(service, caller, study)?;
    let counted = stock(service, caller, study)?;
    let mut shelf: BTreeMap<KitState, u32> = BTreeMap::new();
    for (state, kits) in counted.iter().filter_map(|of| Some((of.state?, of.kits))) {
        let count = shelf.entry(state).or_default();
        *count = count.saturating_add(kits);
    }
    let available = counted.iter().filter(|of| of.state == Some(KitState::Available));
    let first_expiry = available.map(|of| of.label_expiry).min();
    let mut on_their_way = shipments(service, caller, study)?;
    on_their_way.retain(|one| one.received.is_none() && one.cancelled.is_none());
    let alerts = alerts::read::alerts(service, caller, study)?;
    Ok(Today { due, counter, shelf, first_expiry, on_their_way, alerts, now: service.clock.now() })
}
