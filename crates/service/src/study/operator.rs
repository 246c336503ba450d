//! An act of the installation's operator: whoever can start the program with its keys.

use std::sync::Arc;

use store::rows::design::{self, Design};
use store::{Tree, Tx};
use terms::{Moment, SiteId, StudyId};
use trial::Refusal;
use trial::act::{Act, Leaf};

use crate::case::{append_leaf, unknown_tree_is_not_found};
use crate::failure::{Failure, instrument};
use crate::keys::Kind;
use crate::service::{Service, Shared};
use crate::vault::Vault;

/// What an act of the operator knows. Nobody is logged in, so its leaves name no actor and no role.
pub(crate) struct Operator<'a> {
    pub(crate) service: &'a Service,
    pub(crate) vault: Vault<'a>,
    pub(crate) version: Option<u32>,
    pub(crate) now: Moment,
}

impl<'a> Operator<'a> {
    /// The operator in a study that has its data key.
    pub(crate) fn of(
        service: &'a Service,
        tx: &mut Tx,
        study: &StudyId,
        version: Option<u32>,
    ) -> Result<Self, Failure> {
        let vault = Vault::unlock(service, tx, &Tree::Study(study.clone()))?;
        Ok(Self { service, vault, version, now: service.clock.now() })
    }

    /// Appends the leaf of an act.
    pub(crate) fn append(&self, tx: &mut Tx, site: Option<&SiteId>, act: Act) -> Result<u64, Failure> {
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
    pub(crate) fn activate_design(
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

/// Runs an act of the operator in an opened study.
pub(crate) fn act<T>(
    service: &Shared,
    study: &StudyId,
    f: impl Fn(&Operator<'_>, &mut Tx) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (shared, of): (Arc<Service>, StudyId) = (Arc::clone(service), study.clone());
    let written = service.store.write(Tree::Study(study.clone()), move |tx: &mut Tx| {
        let head = tx.frontier().clone();
        let judged = shared.trust.judge(tx, &of, &head)?;
        let latest = design::latest(tx, &of)?.ok_or(Refusal::NotFound)?;
        let version = u32::try_from(latest.version).map_err(instrument)?;
        let done = f(&Operator::of(&shared, tx, &of, Some(version))?, tx)?;
        Ok((done, judged.to_remember(tx.frontier())))
    });
    let (done, remembered) = unknown_tree_is_not_found(written)?;
    if let Some(remembered) = remembered {
        service.trust.keep(study, &remembered);
    }
    Ok(done)
}
