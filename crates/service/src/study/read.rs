//! Reading studies, as everybody with a role in them may.

use std::collections::BTreeSet;
use std::sync::Arc;

use store::rows::{hold, list, randomization, subject};
use terms::StudyId;
use trial::study::StudyDesign;
use trial::{Action, HeldRole};

use crate::case::{self, admit, in_force};
use crate::failure::Failure;
use crate::holds::{Hold, concerns, seen};
use crate::request::Caller;
use crate::service::Shared;

/// A study in a list of studies.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The study.
    pub id: StudyId,
    /// The public design in force.
    pub design: Arc<StudyDesign>,
    /// Its version.
    pub version: u32,
    /// The caller's roles in it.
    pub roles: Vec<HeldRole>,
}

/// A study as everybody with a role in it may see it: nothing here goes by an arm (BLD-02).
#[derive(Clone, Debug)]
pub struct Overview {
    /// The public design.
    pub design: Arc<StudyDesign>,
    /// Its version.
    pub version: u32,
    /// How many subjects have been entered.
    pub screened: usize,
    /// How many have been randomized.
    pub randomized: u32,
    /// Whether an allocation list is in use.
    pub has_active_list: bool,
    /// The holds in force.
    pub holds: Vec<Hold>,
    /// The caller's roles.
    pub roles: Vec<HeldRole>,
}

/// The studies in which the caller holds a role, in the order of their ids.
///
/// # Errors
/// The refusals of authentication; faults.
pub fn of_caller(service: &Shared, caller: &Caller) -> Result<Vec<Summary>, Failure> {
    service.store.read(|conn| {
        let actor = admit(service, conn, caller, Action::ReadStudy)?;
        let studies: BTreeSet<StudyId> = actor.roles.iter().filter_map(|held| held.study.clone()).collect();
        let mut summaries = Vec::new();
        for id in studies {
            let current = in_force(service, conn, &id)?;
            let roles = roles_in(&actor.roles, &id);
            summaries.push(Summary { id, design: current.design, version: current.version, roles });
        }
        Ok(summaries)
    })
}

/// One study.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn find(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Overview, Failure> {
    case::read(service, caller, study, Action::ReadStudy, |conn, scene| {
        let holds = hold::all(conn, study)?
            .into_iter()
            .filter(|hold| hold.released_at.is_none() && concerns(scene, hold));
        let holds = holds.map(|hold| seen(conn, scene, hold)).collect::<Result<_, Failure>>()?;
        Ok(Overview {
            design: Arc::clone(&scene.in_force.design),
            version: scene.in_force.version,
            screened: subject::all(conn, study)?.len(),
            randomized: randomization::count(conn, study)?,
            has_active_list: list::active(conn, study)?.is_some(),
            holds,
            roles: roles_in(&scene.actor.roles, study),
        })
    })
}

/// Of the roles that somebody holds, those in a study.
pub(super) fn roles_in(held: &[HeldRole], study: &StudyId) -> Vec<HeldRole> {
    held.iter().filter(|held| held.study.as_ref() == Some(study)).cloned().collect()
}

impl crate::service::Service {
    /// How many subjects of a study have been entered.
    ///
    /// # Errors
    /// Only faults.
    pub fn subjects_entered(&self, study: &StudyId) -> Result<usize, Failure> {
        self.store.read(|conn| Ok(store::rows::subject::all(conn, study)?.len()))
    }
}
