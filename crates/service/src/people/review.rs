//! The review of accounts (`GET /users`).

use std::collections::BTreeMap;

use store::rows::person::{self, Person};
use store::rows::role::{self, Grant};
use store::rows::session;
use terms::{Moment, UserId};
use trial::Action;

use super::desk;
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
        let account = |person: Person| Account {
            grants: grants.remove(&person.id).unwrap_or_default(),
            last_use: last_uses.remove(&person.id),
            person,
        };
        Ok(person::all(conn)?.into_iter().map(account).collect())
    })
}
