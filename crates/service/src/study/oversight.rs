//! How a study goes: enrolment over time, and how things stand at every site. Nothing here goes by an arm: kits are
//! counted over all types together.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use ledger::{KitState, Place};
use store::Conn;
use store::rows::{dispensation, hold, randomization, site, subject};
use terms::{Day, Moment, SiteId, StudyId};
use trial::{Action, HoldOn, Reach, policy};

use crate::alerts::read::seen_by;
use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::kits::stock::tallies;
use crate::request::Caller;
use crate::service::Shared;
use crate::site::{day_in, zone_of};

/// How a study goes, as far as the reader's right reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oversight {
    /// How many subjects the study wants.
    pub target: u32,
    /// In how many days from the first subject the study is to have them, when the design says.
    pub enrolment_days: Option<u32>,
    /// Whether the reader sees all sites, so that what is counted here is to be compared with the target.
    pub is_whole: bool,
    /// The days on which somebody was entered or randomized, in order: each in the zone of its site.
    pub days: BTreeMap<Day, Enrolled>,
    /// The sites within reach, in the order of their ids.
    pub sites: Vec<SiteStatus>,
}

/// How many subjects came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enrolled {
    /// Entered.
    pub screened: u32,
    /// Randomized.
    pub randomized: u32,
}

/// How things stand at a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteStatus {
    /// The site.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub zone: Tz,
    /// How many subjects came so far.
    pub enrolled: Enrolled,
    /// When a subject was entered or randomized, or given kits, the last time: the last as far as the reader may know.
    pub last_activity: Option<Moment>,
    /// How many alerts stand there.
    pub alerts: u32,
    /// The kits there; nothing for whoever may not know what becomes of them.
    pub kits: Option<Kits>,
    /// What is on hold there, with what is on hold in the whole study.
    pub holds: Vec<HoldOn>,
}

/// Kits at a site, of all types together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kits {
    /// On the shelf, and meant for nobody.
    pub available: u32,
    /// For which the site accounts, whatever became of them.
    pub all: u32,
}

/// How a study goes.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn oversight(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Oversight, Failure> {
    case::read(service, caller, study, Action::ReadSubjects, |conn, scene| {
        let mut sites = sites(conn, scene)?;
        let mut days: BTreeMap<Day, Enrolled> = BTreeMap::new();
        for (site, at) in subject::entered(conn, study)? {
            came(&mut sites, &mut days, (&site, at), |counted| &mut counted.screened);
        }
        for row in randomization::numbered(conn, study)? {
            came(&mut sites, &mut days, (&row.site, row.at), |counted| &mut counted.randomized);
        }
        note_alerts(conn, scene, &mut sites)?;
        let may = |action| policy::authorize(&scene.actor, action, study).is_ok();
        // When somebody was at the counter is not for whoever knows what is in the kits (BLD-04).
        if may(Action::ReadDispensations) {
            note_dispensing(conn, study, &mut sites)?;
        }
        if may(Action::ReadAccountability) {
            note_kits(conn, scene, &mut sites)?;
        }
        Ok(Oversight {
            target: scene.design().allocation.target,
            enrolment_days: scene.design().allocation.enrolment_days,
            is_whole: matches!(scene.authority.reach, Reach::Study),
            days,
            sites: sites.into_values().collect(),
        })
    })
}

type Sites = BTreeMap<SiteId, SiteStatus>;

/// The sites within reach, with their holds and nothing counted yet.
fn sites(conn: &mut Conn, scene: &Scene<'_>) -> Result<Sites, Failure> {
    let holds = hold::all(conn, &scene.study)?;
    let in_force = |site: &SiteId, hold: &hold::Hold| {
        hold.released_at.is_none() && hold.site.as_ref().is_none_or(|of| of == site)
    };
    let rows = site::all(conn, &scene.study)?.into_iter();
    let within = rows.filter(|row| scene.authority.reaches(&row.id).is_ok());
    let status = |row: site::Site| {
        let mut held: Vec<HoldOn> =
            holds.iter().filter(|hold| in_force(&row.id, hold)).map(|hold| hold.on).collect();
        held.sort_unstable();
        held.dedup();
        let status = SiteStatus {
            zone: zone_of(&row)?,
            id: row.id.clone(),
            name: row.name,
            enrolled: Enrolled::default(),
            last_activity: None,
            alerts: 0,
            kits: None,
            holds: held,
        };
        Ok((row.id, status))
    };
    within.map(status).collect()
}

/// Somebody came at a site at a moment: counted there, and on the day there.
fn came(
    sites: &mut Sites,
    days: &mut BTreeMap<Day, Enrolled>,
    (site, at): (&SiteId, Moment),
    counted: fn(&mut Enrolled) -> &mut u32,
) {
    let Some(status) = sites.get_mut(site) else { return };
    for of in [&mut status.enrolled, days.entry(day_in(status.zone, at)).or_default()] {
        let count = counted(of);
        *count = count.saturating_add(1);
    }
    status.last_activity = status.last_activity.max(Some(at));
}

fn note_dispensing(conn: &mut Conn, study: &StudyId, sites: &mut Sites) -> Result<(), Failure> {
    for (site, last) in dispensation::last_at_sites(conn, study)? {
        if let Some(status) = sites.get_mut(&site) {
            status.last_activity = status.last_activity.max(Some(last));
        }
    }
    Ok(())
}

fn note_alerts(conn: &mut Conn, scene: &Scene<'_>, sites: &mut Sites) -> Result<(), Failure> {
    for alert in seen_by(conn, scene)? {
        let site = alert.place.site().and_then(|site| sites.get_mut(site));
        if let Some(status) = site {
            status.alerts = status.alerts.saturating_add(1);
        }
    }
    Ok(())
}

fn note_kits(conn: &mut Conn, scene: &Scene<'_>, sites: &mut Sites) -> Result<(), Failure> {
    for status in sites.values_mut() {
        status.kits = Some(Kits::default());
    }
    for (place, tally) in tallies(conn, scene)?.iter() {
        let Place::Site(site) = place else { continue };
        let Some(kits) = sites.get_mut(site).and_then(|status| status.kits.as_mut()) else { continue };
        kits.all = kits.all.saturating_add(tally.kits);
        if tally.state == KitState::Available {
            kits.available = kits.available.saturating_add(tally.kits);
        }
    }
    Ok(())
}
