//! The administrator's desk: acts that are authorized in the installation, whether they have their effect
//! there or in a study.

use std::sync::Arc;

use store::{Conn, Tree, Tx};
use terms::{Moment, SiteId, UserId};
use trial::act::{Act, Leaf};
use trial::{Action, Role, policy};

use crate::case::{Scene, admit, append_leaf};
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::{Service, Shared};
use crate::vault::Vault;

/// What an administrator's act knows, in the installation's tree or in a study's.
pub(super) struct Desk<'a> {
    pub(super) service: &'a Service,
    /// Who acts; the installation itself for the first administrators.
    pub(super) actor: Option<&'a UserId>,
    pub(super) role: Option<Role>,
    pub(super) design: Option<u32>,
    pub(super) vault: &'a Vault<'a>,
    pub(super) now: Moment,
}

impl<'a> Desk<'a> {
    pub(super) fn in_study(scene: &'a Scene<'a>) -> Self {
        Self {
            service: scene.service,
            actor: Some(&scene.actor.user),
            role: Some(scene.authority.role),
            design: Some(scene.in_force.version),
            vault: &scene.vault,
            now: scene.now,
        }
    }

    pub(super) fn append(&self, tx: &mut Tx, site: Option<&SiteId>, act: Act) -> Result<(), Failure> {
        let leaf = Leaf {
            index: tx.frontier().size(),
            nonce: self.service.entropy.id()?,
            saved: self.now,
            happened: None,
            actor: self.actor.cloned(),
            role: self.role,
            site: site.cloned(),
            design: self.design,
            act,
        };
        append_leaf(tx, leaf)?;
        Ok(())
    }
}

/// Runs an administrator's act in one transaction under the installation's lock.
pub(super) fn write<T>(
    service: &Shared,
    caller: &Caller,
    action: Action,
    f: impl Fn(&mut Tx, &Desk<'_>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (shared, who) = (Arc::clone(service), caller.clone());
    let written = service.store.write(Tree::Installation, move |tx: &mut Tx| {
        let now = shared.clock.now();
        let actor = admit(&shared, tx, &who, action)?;
        let role = Some(policy::authorize_in_installation(&actor, action)?.role);
        let vault = Vault::unlock(&shared, tx, &Tree::Installation)?;
        let actor = Some(&actor.user);
        f(tx, &Desk { service: &shared, actor, role, design: None, vault: &vault, now })
    });
    service.noting(&caller.user, action, written)
}

/// Reads for an administrator, or finds out that the caller is one before something slow is begun.
pub(super) fn read<T>(
    service: &Shared,
    caller: &Caller,
    action: Action,
    f: impl FnOnce(&mut Conn) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let read = service.store.read(|conn| {
        let actor = admit(service, conn, caller, action)?;
        policy::authorize_in_installation(&actor, action)?;
        f(conn)
    });
    service.noting(&caller.user, action, read)
}
