//! Days at the sites.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use terms::{Day, SiteId};

use super::{Held, Wrong, before};
use crate::act::{Act, Leaf};

/// The time zones of the sites, as the leaves so far tell them.
#[derive(Default)]
pub(super) struct Days<'a>(BTreeMap<&'a SiteId, Tz>);

impl<'a> Days<'a> {
    /// Takes in the time zone of a site that this leaf adds or sets anew.
    pub(super) fn learn(&mut self, leaf: &'a Leaf) -> Held {
        if let (Act::SiteAdded { time_zone, .. }, Some(site)) = (&leaf.act, &leaf.site) {
            let zone = time_zone.parse().ok();
            let zone = zone.ok_or_else(|| Wrong::Unknown(format!("{time_zone} is no known time zone")))?;
            self.0.insert(site, zone);
        }
        Ok(())
    }

    /// The day on which it happened, at its site: when it was saved, but for a leaf that says otherwise.
    pub(super) fn of(&self, leaf: &Leaf) -> Result<Day, Wrong> {
        let site = leaf.site.as_ref();
        let site = site.ok_or_else(|| Wrong::Contradiction(format!("leaf {} is of no site", leaf.index)))?;
        let zone = before(self.0.get(site), || format!("site {site} was not added"))?;
        Ok(leaf.happened.unwrap_or(leaf.saved).utc().with_timezone(zone).date_naive())
    }
}
