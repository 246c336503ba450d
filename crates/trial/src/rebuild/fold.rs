//! Leaf by leaf: which part of the study an act belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono_tz::Tz;
use ledger::{KitState, Movement};
use terms::{
    BatchId, Day, DispensationId, GrantId, KitNumber, Moment, ShipmentId, SiteId, SubjectId, VisitId,
};

use super::accountability::SignedFor;
use super::batches::Changes;
use super::shipments::Picked;
use super::{Cell, Replayed};
use crate::act::{Act, Leaf};
use crate::alerts::{AlertKind, AlertPlace};
use crate::decide::batch::Taken;

/// A leaf that cannot follow those before it: what comes after it means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The leaf.
    pub index: u64,
    /// Why.
    pub why: String,
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leaf {}: {}", self.index, self.why)
    }
}

/// Replays the leaves of one tree, in order.
///
/// # Errors
/// [`Stuck`] at the first leaf that cannot follow.
pub fn replay(leaves: &[Leaf]) -> Result<Replayed, Stuck> {
    let mut fold = Fold::default();
    for leaf in leaves {
        fold.take(leaf).map_err(|why| Stuck { index: leaf.index, why })?;
    }
    fold.finish()
}

/// What is known so far.
#[derive(Default)]
pub(super) struct Fold<'a> {
    pub(super) out: Replayed,
    pub(super) zones: BTreeMap<&'a SiteId, Tz>,
    pub(super) proposed: BTreeSet<&'a GrantId>,
    pub(super) batches: BTreeMap<&'a BatchId, Vec<KitNumber>>,
    pub(super) dispensed: BTreeMap<&'a DispensationId, &'a VisitId>,
    pub(super) taken: BTreeMap<&'a BatchId, Vec<Taken>>,
    pub(super) shipments: BTreeMap<&'a ShipmentId, Picked<'a>>,
    pub(super) changes: Changes<'a>,
    /// Whom a kit was allocated to, and for which visit.
    pub(super) meant_for: BTreeMap<KitNumber, (&'a SubjectId, &'a VisitId)>,
    /// By the id of a reconciliation or a destruction.
    pub(super) signed_for: BTreeMap<&'a str, SignedFor<'a>>,
    /// How often an alert was raised of the same kind, place and reference.
    pub(super) raised: BTreeMap<(AlertKind, &'a AlertPlace, &'a str), u32>,
    pub(super) states: BTreeMap<KitNumber, KitState>,
    pub(super) movements: Vec<Movement>,
    /// The leaf of each movement.
    pub(super) entries: Vec<u64>,
}

/// Why a leaf cannot follow.
pub(super) type Followed = Result<(), String>;

/// The part of a study in which an act has its rows.
enum Part {
    Study,
    People,
    Kits,
    Shipments,
    Batches,
    Packing,
    Accountability,
    Alerts,
    Units,
    Subjects,
    /// It has no row that follows from its leaf alone.
    Nowhere,
}

/// Exhaustive, so that a new act cannot be forgotten.
const fn part(act: &Act) -> Part {
    match act {
        Act::StudyOpened { .. } | Act::DesignActivated { .. } | Act::SiteAdded { .. } => Part::Study,
        Act::HoldPlaced { .. } | Act::HoldReleased { .. } => Part::Study,
        Act::ListGenerated { .. } | Act::ListApproved { .. } => Part::Study,
        Act::ListActivated { .. } | Act::ListDiscarded { .. } => Part::Study,
        Act::RedactionProposed(_) | Act::TextRedacted { .. } => Part::Study,
        Act::RoleProposed { .. } | Act::RoleGranted { .. } | Act::RoleRevoked { .. } => Part::People,
        Act::AccountInvited(_) | Act::ResetProposed(_) => Part::People,
        Act::KitsRegistered(_) | Act::BatchCertified { .. } => Part::Kits,
        Act::BatchReleased { .. } | Act::KitsReceived { .. } => Part::Kits,
        Act::KitsAllocated { .. } | Act::KitsSetAside { .. } | Act::KitReplaced { .. } => Part::Kits,
        Act::Dispensed { .. } | Act::HandedOver { .. } | Act::WrongKitStopped(_) => Part::Kits,
        Act::KitChecked(_) => Part::Kits,
        Act::DepotAdded { .. } | Act::ResupplyPlanned(_) => Part::Shipments,
        Act::ShipmentPicked { .. } => Part::Shipments,
        Act::ShipmentDispatched { .. } | Act::ShipmentReceived { .. } => Part::Shipments,
        Act::ShipmentCancelled { .. } => Part::Shipments,
        Act::KitsQuarantined { .. } | Act::QuarantineDecided { .. } => Part::Shipments,
        Act::KitIncident { .. } => Part::Shipments,
        Act::KitReturned { .. } | Act::KitReconciliationSigned { .. } => Part::Accountability,
        Act::KitsReconciled { .. } | Act::DestructionProposed { .. } => Part::Accountability,
        Act::KitsDestroyed { .. } => Part::Accountability,
        Act::ExpiryShortened(_) | Act::ExpiryExtensionProposed(_) | Act::ExpiryExtended(_) => Part::Batches,
        Act::BatchRecalled(_) | Act::KitsRecalled(_) | Act::LabelsPrinted(_) => Part::Batches,
        Act::LotStatementRead(_) | Act::LotRecalled(_) => Part::Batches,
        Act::KitsShortened(_) | Act::KitsExtended(_) => Part::Nowhere,
        Act::AlertRaised(_) | Act::AlertAcknowledged(_) | Act::AlertCleared(_) => Part::Alerts,
        Act::PackagingListExported(_) | Act::PackingRecorded(_) | Act::SampleChecked(_) => Part::Packing,
        Act::SubjectScreened { .. } | Act::ScreeningFailed { .. } | Act::Randomized { .. } => Part::Subjects,
        Act::UnitsPrepared(_) | Act::UnitGiven(_) => Part::Units,
        Act::UnitDiscarded(_) | Act::UnitStopped(_) => Part::Units,
        Act::VisitRecorded(_) | Act::SubjectStopped { .. } => Part::Subjects,
        Act::Unblinded { .. } | Act::UnblindingNoted { .. } => Part::Subjects,
        Act::RecipientAdded { .. }
        | Act::PositionsRead { .. }
        | Act::EnvelopesPrinted { .. }
        | Act::ReconciliationRead { .. }
        | Act::BalanceRead { .. }
        | Act::BlockSizesRead { .. }
        | Act::StockByTypeRead { .. } => Part::Nowhere,
        Act::UnblindingViewed { .. } | Act::AskedAgain { .. } | Act::Exported { .. } => Part::Nowhere,
        Act::ProjectionsRebuilt { .. } => Part::Nowhere,
        Act::DataKeyRotated { .. } | Act::MasterKeyReplaced { .. } => Part::Nowhere,
        Act::PasswordSet(_) | Act::AccountReset(_) | Act::LoggedIn(_) => Part::Nowhere,
        Act::LoggedInByPasswordAlone(_) | Act::SessionsEnded(_) | Act::SessionReused(_) => Part::Nowhere,
        Act::SecondFactorSet(_) | Act::SecondFactorRemoved(_) => Part::Nowhere,
        Act::RecoveryCodesMade(_) | Act::RecoveryCodeUsed(_) => Part::Nowhere,
        Act::LogInsFailed { .. } | Act::Denied { .. } => Part::Nowhere,
    }
}

impl<'a> Fold<'a> {
    fn take(&mut self, leaf: &'a Leaf) -> Followed {
        match part(&leaf.act) {
            Part::Study => self.study(leaf),
            Part::People => self.people(leaf),
            Part::Kits => self.kits(leaf),
            Part::Shipments => self.shipments(leaf),
            Part::Batches => self.batches(leaf),
            Part::Packing => self.packing(leaf),
            Part::Accountability => self.accountability(leaf),
            Part::Alerts => self.alerts(leaf),
            Part::Units => self.units(leaf),
            Part::Subjects => self.subjects(leaf),
            Part::Nowhere => Ok(()),
        }
    }

    fn finish(mut self) -> Result<Replayed, Stuck> {
        self.out.kits = ledger::replay(&self.movements).map_err(|bad| Stuck {
            index: self.entries.get(bad.index).copied().unwrap_or_default(),
            why: bad.to_string(),
        })?;
        self.kit_states();
        self.subject_states();
        self.list_states();
        Ok(self.out)
    }

    /// Adds a row that no leaf has given before.
    pub(super) fn add<const K: usize, const C: usize>(
        &mut self,
        table: &'static str,
        key: [&dyn fmt::Display; K],
        columns: [(&'static str, Cell); C],
    ) -> Followed {
        if self.out.rows.add(table, key, columns) {
            Ok(())
        } else {
            Err(format!("it gives a row of {table} that an earlier leaf gave"))
        }
    }

    /// The day at the leaf's site.
    pub(super) fn day(&self, leaf: &Leaf) -> Result<Day, String> {
        let zone = leaf.site.as_ref().and_then(|site| self.zones.get(site));
        let zone = zone.ok_or_else(|| "its site was not added".to_owned())?;
        Ok(at(leaf).utc().with_timezone(zone).date_naive())
    }
}

/// The moment that the rows of an act carry: that of its clock, even where the leaf had to wait for the one before it.
pub(super) fn at(leaf: &Leaf) -> Moment {
    leaf.happened.unwrap_or(leaf.saved)
}

/// Who acted.
pub(super) fn by(leaf: &Leaf) -> Cell {
    Cell::maybe(leaf.actor.as_ref())
}
