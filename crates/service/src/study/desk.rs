//! What stands around every page of a study: its design, the person's roles in it, and the sites within reach.

use std::sync::Arc;

use chrono_tz::Tz;
use store::rows::site;
use terms::{Moment, SiteId, StudyId};
use trial::study::StudyDesign;
use trial::{Action, HeldRole};

use super::read::roles_in;
use crate::case;
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;
use crate::site::zone_of;

/// A person's place in a study.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The study.
    pub study: StudyId,
    /// The public design in force.
    pub design: Arc<StudyDesign>,
    /// The person's roles in the study.
    pub roles: Vec<HeldRole>,
    /// The sites within the person's reach, in the order of their ids.
    pub sites: Vec<Site>,
    /// When this was read: what an unblinded page says of itself.
    pub now: Moment,
}

/// A site, as everybody of the study knows it.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub zone: Tz,
}

/// Passes for a person who has the right to this in a study, and says what time it is: for a page that has nothing
/// stored on it, and that the others must not see either.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn admitted(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
) -> Result<Moment, Failure> {
    case::read(service, caller, study, action, |_conn, scene| Ok(scene.now))
}

/// The person's place in a study, for whatever the page is for: to read the study, or to break a code.
///
/// # Errors
/// [`Refusal`](trial::Refusal)s of every read: no log-in, no role.
pub fn desk(service: &Shared, caller: &Caller, study: &StudyId, action: Action) -> Result<Desk, Failure> {
    case::read(service, caller, study, action, |conn, scene| {
        let rows = site::all(conn, study)?.into_iter();
        let within = rows.filter(|row| scene.authority.reaches(&row.id).is_ok());
        let read = |row: site::Site| {
            let zone = zone_of(&row)?;
            Ok::<_, Failure>(Site { id: row.id, name: row.name, zone })
        };
        Ok(Desk {
            study: study.clone(),
            design: Arc::clone(&scene.in_force.design),
            roles: roles_in(&scene.actor.roles, study),
            sites: within.map(read).collect::<Result<_, _>>()?,
            now: scene.now,
        })
    })
}
