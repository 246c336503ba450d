//! Who holds which role in a study, and who held one: as the journal tells everybody who may read it.

use std::collections::BTreeMap;

use store::rows::{person, role};
use terms::{Moment, SiteId, StudyId, UserId};
use trial::{Action, Role};

use crate::case;
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// A role that somebody holds, held, or was proposed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The log-in name.
    pub user: UserId,
    /// The name as it is shown.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The site, for a role of one site.
    pub site: Option<SiteId>,
    /// What has become of the grant, as one word.
    pub state: &'static str,
    /// Since when.
    pub granted_at: Moment,
    /// Until when.
    pub revoked_at: Option<Moment>,
}

/// Everybody with a role in the study within the reader's reach, in the order of granting.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn holders(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Holder>, Failure> {
    case::read(service, caller, study, Action::ReadJournal, |conn, scene| {
        let people = person::all(conn)?.into_iter();
        let names: BTreeMap<UserId, String> = people.map(|of| (of.id, of.display_name)).collect();
        let grants = role::all(conn)?.into_iter().filter(|grant| grant.held.study.as_ref() == Some(study));
        let near = grants.filter(|grant| {
            grant.held.site.as_ref().is_none_or(|site| scene.authority.reaches(site).is_ok())
        });
        let holder = |grant: role::Grant| Holder {
            name: names.get(&grant.user).cloned().unwrap_or_default(),
            state: grant.state(),
            user: grant.user,
            role: grant.held.role,
            site: grant.held.site,
            granted_at: grant.granted_at,
            revoked_at: grant.revoked_at,
        };
        Ok(near.map(holder).collect())
    })
}
