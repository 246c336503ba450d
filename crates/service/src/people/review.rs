//! The review of accounts (`GET /users`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use store::Conn;
use store::rows::person::{self, Person};
use store::rows::reset_proposal::ResetProposal;
use store::rows::role::{self, Grant};
use store::rows::{second_factor, session, site, study};
use terms::{Moment, SiteId, StudyId, UserId};
use trial::Action;
use trial::study::StudyDesign;

use super::desk;
use super::reset::proposals;
use crate::case::in_force;
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// A person with all that is to be reviewed.
pub struct Account {
    /// The person.
    pub person: Person,
    /// Every grant ever made to the person, in the order of granting, revoked and unconfirmed ones too
    /// (USR-02).
    pub grants: Vec<Grant>,
    /// When the person was last issued tokens, at most ten minutes before the last request; none for never.
    pub last_use: Option<Moment>,
    /// Whether there is a second factor.
    pub has_second_factor: bool,
    /// Whether a reset of the account takes two administrators.
    pub reset_takes_two: bool,
    /// The administrators who have proposed to reset the account, while another one can follow.
    pub reset_proposed_by: Vec<UserId>,
}

/// Everybody, in the order of the log-in names.
///
/// # Errors
/// [`Forbidden`](trial::Refusal::Forbidden) for all but administrators.
pub fn review(service: &Shared, caller: &Caller) -> Result<Vec<Account>, Failure> {
    desk::read(service, caller, Action::ReadUsers, |conn| {
        let mut last_uses: BTreeMap<UserId, Moment> = session::last_uses(conn)?.into_iter().collect();
        let mut grants: BTreeMap<UserId, Vec<Grant>> = BTreeMap::new();
        for grant in role::all(conn)? {
            grants.entry(grant.user.clone()).or_default().push(grant);
        }
        let holders: BTreeSet<UserId> = second_factor::holders(conn)?.into_iter().collect();
        let now = service.clock.now();
        let mut account = |conn: &mut Conn, person: Person| {
            let grants = grants.remove(&person.id).unwrap_or_default();
            let takes_two = grants.iter().any(|grant| grant.held.role.takes_two());
            let proposals = if takes_two { proposals(conn, &person.id, now)? } else { Vec::new() };
            Ok(Account {
                last_use: last_uses.remove(&person.id),
                has_second_factor: holders.contains(&person.id),
                reset_takes_two: takes_two,
                reset_proposed_by: proposed_by(proposals),
                grants,
                person,
            })
        };
        person::all(conn)?.into_iter().map(|person| account(conn, person)).collect()
    })
}

fn proposed_by(proposals: Vec<ResetProposal>) -> Vec<UserId> {
    proposals.into_iter().map(|proposal| proposal.by).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Where a role can be granted: a study with its sites.
pub struct Place {
    /// The study.
    pub study: StudyId,
    /// The public design in force.
    pub design: Arc<StudyDesign>,
    /// Its sites, with their names.
    pub sites: Vec<(SiteId, String)>,
}

/// Every study with its sites, for whoever grants roles there.
///
/// # Errors
/// As [`review`].
pub fn places(service: &Shared, caller: &Caller) -> Result<Vec<Place>, Failure> {
    desk::read(service, caller, Action::GrantRole, |conn| {
        let mut places = Vec::new();
        for (study, _created) in study::all(conn)? {
            let design = in_force(service, conn, &study)?.design;
            let sites = site::all(conn, &study)?.into_iter().map(|site| (site.id, site.name)).collect();
            places.push(Place { study, design, sites });
        }
        Ok(places)
    })
}
