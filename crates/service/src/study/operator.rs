//! An act of the installation's operator: whoever can start the program with its keys.

use store::rows::design::{self, Design};
use store::{Tree, Tx};
use terms::{Moment, SiteId, StudyId};
use trial::act::{Act, Leaf};

use crate::case::append_leaf;
use crate::failure::{Failure, instrument};
use crate::keys::Kind;
use crate::service::Service;
use crate::vault::Vault;

/// What an act of the operator knows. Nobody is logged in, so its leaves name no actor and no role.
pub(super) struct Operator<'a> {
    pub(super) service: &'a Service,
    pub(super) vault: Vault<'a>,
    pub(super) version: Option<u32>,
    pub(super) now: Moment,
}

impl<'a> Operator<'a> {
    /// The operator in a study that has its data key.
    pub(super) fn of(
        service: &'a Service,
        tx: &mut Tx,
        study: &StudyId,
        version: Option<u32>,
    ) -> Result<Self, Failure> {
        let vault = Vault::unlock(service, tx, &Tree::Study(study.clone()))?;
        Ok(Self { service, vault, version, now: service.clock.now() })
    }

    /// Appends the leaf of an act.
    pub(super) fn append(&self, tx: &mut Tx, site: Option<&SiteId>, act: Act) -> Result<u64, Failure> {
        let leaf = Leaf {
            index: tx.frontier().size(),
            nonce: self.service.entropy.id()?,
            saved: self.now,
            happened: None,
            actor: None,
            role: None,
            site: site.cloned(),
            design: self.version,
            act,
        };
        append_leaf(tx, leaf)
    }

    /// Brings a version of the design into force: the text as it was read, so that no file is ever read again.
    pub(super) fn activate_design(
        &mut self,
        tx: &mut Tx,
        version: u32,
        text: &str,
        fingerprint: &str,
        sealed: &str,
    ) -> Result<(), Failure> {
        self.version = Some(version);
        let sealed = self.vault.seal(tx, Kind::SealedDesign, "sealed", sealed.as_bytes())?;
        let new = Design {
            version: u64::from(version),
            text: text.to_owned(),
            fingerprint: fingerprint.to_owned(),
            sealed: sealed.opening,
            loaded_at: self.now,
        };
        design::add(tx, &new)?;
        let fingerprint = fingerprint.parse().map_err(instrument)?;
        self.append(tx, None, Act::DesignActivated { version, fingerprint, sealed: sealed.commitment })?;
        Ok(())
    }
}
