//! Alerts: raised before they are acknowledged or cleared, and acknowledged by whom they are for.

use std::collections::BTreeMap;

use terms::{AlertId, SiteId};

use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::act::{Act, AlertAcknowledged, AlertRaised, Leaf};
use crate::alerts::owner;

/// NOT-05: of what there is to see to one alert is open at a time, raised by the service at its place; it is
/// acknowledged once, at that place, by the role that it is for, and before it is cleared; and it is cleared once.
pub(super) fn are_acknowledged_by_their_owner(records: &Records<'_>) -> Held {
    let mut alerts = Alerts::default();
    records.shown.iter().try_for_each(|record| alerts.take(record))
}

/// An alert that is open.
struct Open<'a> {
    raised: &'a AlertRaised,
    site: Option<&'a SiteId>,
    is_acknowledged: bool,
}

/// What was raised so far; without what it says, when it was cleared.
#[derive(Default)]
struct Alerts<'a>(BTreeMap<&'a AlertId, Option<Open<'a>>>);

impl<'a> Alerts<'a> {
    fn take(&mut self, Record { index, leaf }: &'a Record) -> Held {
        match &leaf.act {
            Act::AlertRaised(raised) => self.raise(*index, leaf, raised),
            Act::AlertAcknowledged(done) => self.acknowledge(*index, leaf, done),
            Act::AlertCleared(cleared) => {
                let open = self.open(*index, &cleared.alert)?;
                let is_its = open.site == leaf.site.as_ref() && leaf.actor.is_none();
                holds(is_its, || {
                    format!("leaf {index} clears an alert of another place, or is of a person")
                })?;
                self.0.insert(&cleared.alert, None);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn raise(&mut self, index: u64, leaf: &'a Leaf, raised: &'a AlertRaised) -> Held {
        let site = leaf.site.as_ref();
        let by_itself = leaf.actor.is_none() && raised.place.site() == site;
        holds(by_itself, || format!("leaf {index} raises an alert of another place, or is of a person"))?;
        let same = |open: &Open<'_>| {
            let AlertRaised { kind, place, reference, .. } = open.raised;
            (kind, place, reference) == (&raised.kind, &raised.place, &raised.reference)
        };
        holds(!self.0.contains_key(&raised.alert), || format!("leaf {index} raises an alert again"))?;
        // In a view with hashes, the one before may have been cleared by a leaf that is only a hash.
        let is_open = self.0.values().flatten().any(same);
        before((!is_open).then_some(()), || format!("leaf {index} raises an alert that is open"))?;
        self.0.insert(&raised.alert, Some(Open { raised, site, is_acknowledged: false }));
        Ok(())
    }

    fn acknowledge(&mut self, index: u64, leaf: &Leaf, done: &'a AlertAcknowledged) -> Held {
        let open = self.open(index, &done.alert)?;
        holds(!open.is_acknowledged, || format!("leaf {index} acknowledges an alert again"))?;
        let is_owner = leaf.role == Some(owner(open.raised.kind, &open.raised.place));
        holds(is_owner && open.site == leaf.site.as_ref(), || {
            format!("leaf {index} acknowledges an alert that is for another role or place")
        })?;
        open.is_acknowledged = true;
        Ok(())
    }

    /// An alert that must have been raised, and must not be cleared.
    fn open(&mut self, index: u64, alert: &AlertId) -> Result<&mut Open<'a>, Wrong> {
        let raised =
            before(self.0.get_mut(alert), || format!("leaf {index} is of an alert that was not raised"))?;
        raised.as_mut().ok_or_else(|| Wrong::Contradiction(format!("leaf {index} is of a cleared alert")))
    }
}
