//! The day at a site.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use store::Conn;
use store::rows::site;
use terms::{Day, Moment, SiteId, StudyId};
use trial::Refusal;

use crate::case::Scene;
use crate::failure::{Failure, missing};

/// The day at a site now: windows and expiry are decided in the site's own time zone at the moment of use (KIT-07).
pub(crate) fn today(conn: &mut Conn, scene: &Scene<'_>, site: &SiteId) -> Result<Day, Failure> {
    day_at(conn, scene, site, scene.now)
}

/// The day at a site at a moment.
pub(crate) fn day_at(conn: &mut Conn, scene: &Scene<'_>, site: &SiteId, at: Moment) -> Result<Day, Failure> {
    Ok(day_in(zone(conn, scene, site)?, at))
}

/// The time zone of a site.
pub(crate) fn zone(conn: &mut Conn, scene: &Scene<'_>, site: &SiteId) -> Result<Tz, Failure> {
    zone_of(&site::find(conn, &scene.study, site)?.ok_or(Refusal::NotFound)?)
}

/// The time zone of every site of a study.
pub(crate) fn zones(conn: &mut Conn, study: &StudyId) -> Result<BTreeMap<SiteId, Tz>, Failure> {
    let rows = site::all(conn, study)?.into_iter();
    rows.map(|row| Ok((row.id.clone(), zone_of(&row)?))).collect()
}

/// The time zone that a site's row names.
pub(crate) fn zone_of(site: &site::Site) -> Result<Tz, Failure> {
    site.time_zone.parse().map_err(|_unknown| missing("time zone"))
}

/// The day in a time zone at a moment.
pub(crate) fn day_in(zone: Tz, at: Moment) -> Day {
    at.utc().with_timezone(&zone).date_naive()
}
