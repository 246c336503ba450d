//! Who acted, and by which right.

use std::collections::BTreeMap;

use terms::{GrantId, Moment, SiteId, UserId};

use super::records::{Record, Records};
use super::{Held, before, holds};
use crate::act::{Act, Leaf};
use crate::{Action, Role};

/// The table of roles and rights holds for every act (BLD-02).
pub(super) fn acts_are_within_rights(records: &Records<'_>) -> Held {
    records.shown.iter().try_for_each(|Record { index, leaf }| {
        let rights = rights(&leaf.act);
        let has = |role: Role| rights.iter().any(|action| action.roles().contains(&role));
        let allowed = rights.is_empty() || (leaf.actor.is_some() && leaf.role.is_some_and(has));
        holds(allowed, || format!("leaf {index} was done by somebody without the right"))
    })
}

/// A role as the journal tells it.
struct Holding<'a> {
    user: &'a UserId,
    role: Role,
    site: Option<&'a SiteId>,
    proposed_by: Option<&'a UserId>,
    in_force: bool,
    /// From when until when, once it was granted and once it was revoked.
    from: Moment,
    until: Option<Moment>,
}

/// When something happened: when it was saved, if nothing else is said.
fn when(leaf: &Leaf) -> Moment {
    leaf.happened.unwrap_or(leaf.saved)
}

/// A code break that was recorded outside the database is entered when that can be written again: the role may have
/// ended in the meantime (UNB-04).
fn held_when_broken(leaf: &Leaf, held: &Holding<'_>) -> bool {
    let is_break = matches!(leaf.act, Act::Unblinded { .. } | Act::UnblindingViewed { .. });
    is_break && held.from <= when(leaf) && held.until.is_some_and(|until| until > when(leaf))
}

/// Everybody held the role in which they acted, at the site that it concerned; a role that takes two was granted by
/// two; and nobody was ever given a blinded and an unblinded role (USR-01, BLD-13). What administrators do is not
/// judged: their own role stands in the journal of the installation.
pub(super) fn roles_are_held(records: &Records<'_>) -> Held {
    let mut holdings: BTreeMap<&GrantId, Holding<'_>> = BTreeMap::new();
    for Record { index, leaf } in &records.shown {
        acts_in_a_held_role(*index, leaf, &holdings)?;
        match &leaf.act {
            Act::RoleProposed { grant, user, role, .. } => {
                let (site, proposed_by) = (leaf.site.as_ref(), leaf.actor.as_ref());
                let (from, until, in_force) = (when(leaf), None, false);
                holdings
                    .insert(grant, Holding { user, role: *role, site, proposed_by, in_force, from, until });
            }
            Act::RoleGranted { grant, user, role, .. } => {
                let proposed_by = holdings.get(grant).and_then(|proposed| proposed.proposed_by);
                let by_two = proposed_by.is_some() && proposed_by != leaf.actor.as_ref();
                before((!role.takes_two() || by_two).then_some(()), || {
                    format!("leaf {index} grants {user} a role that takes two people")
                })?;
                is_not_excluded(*index, user, *role, &holdings)?;
                let site = leaf.site.as_ref();
                let (from, until, in_force) = (when(leaf), None, true);
                holdings
                    .insert(grant, Holding { user, role: *role, site, proposed_by, in_force, from, until });
            }
            Act::RoleRevoked { grant, .. } => {
                let revoked =
                    before(holdings.get_mut(grant), || format!("leaf {index} revokes what was not granted"))?;
                revoked.until = revoked.in_force.then(|| when(leaf));
                revoked.in_force = false;
            }
            _ => {}
        }
    }
    Ok(())
}

fn acts_in_a_held_role(index: u64, leaf: &Leaf, holdings: &BTreeMap<&GrantId, Holding<'_>>) -> Held {
    let (Some(actor), Some(role)) = (&leaf.actor, leaf.role) else { return Ok(()) };
    let covers =
        |held: &Holding<'_>| held.site.is_none() || leaf.site.is_none() || held.site == leaf.site.as_ref();
    let holds = |held: &Holding<'_>| held.in_force || held_when_broken(leaf, held);
    let gives = |held: &Holding<'_>| holds(held) && held.user == actor && held.role == role && covers(held);
    let is_held = role == Role::Administrator || holdings.values().any(gives);
    before(is_held.then_some(()), || {
        format!("leaf {index} was done by {actor}, who did not hold the role {role}")
    })
}

fn is_not_excluded(
    index: u64,
    user: &UserId,
    role: Role,
    holdings: &BTreeMap<&GrantId, Holding<'_>>,
) -> Held {
    let other_side =
        |held: &Holding<'_>| held.user == user && held.role.is_unblinded() != role.is_unblinded();
    holds(!holdings.values().any(other_side), || {
        format!("leaf {index} grants {user} a role on the other side of the blind")
    })
}

/// By which rights an act can be done: any of them gives it. None is needed for the acts of the operator and of the
/// installation. Exhaustive, so that a new act cannot be forgotten.
// A table: what needs no right stands closer together than it would be put.
#[rustfmt::skip]
const fn rights(act: &Act) -> &'static [Action] {
    match act {
        Act::RoleProposed { .. } | Act::RoleGranted { .. } => &[Action::GrantRole],
        Act::RoleRevoked { .. } => &[Action::RevokeRole],
        Act::HoldPlaced { .. } => &[Action::PlaceHold],
        Act::HoldReleased { .. } => &[Action::ReleaseHold],
        Act::ListGenerated { .. } => &[Action::GenerateList],
        Act::ListApproved { .. } => &[Action::ApproveList],
        Act::ListActivated { .. } => &[Action::ActivateList],
        Act::ListDiscarded { .. } => &[Action::DiscardList],
        Act::PositionsRead { .. } => &[Action::ReadPositions],
        Act::EnvelopesPrinted { .. } => &[Action::PrintEnvelopes],
        Act::ReconciliationRead { .. } | Act::BalanceRead { .. } => &[Action::ReadReconciliation],
        Act::BlockSizesRead { .. } => &[Action::ReadBlockSizes],
        Act::StockByTypeRead { .. } => &[Action::ReadStockByType],
        Act::KitsRegistered(_) => &[Action::RegisterKits],
        Act::PackagingListExported(_) => &[Action::ExportPackagingList],
        Act::PackingRecorded(_) => &[Action::RecordPacking],
        Act::SampleChecked(_) => &[Action::CheckSample],
        Act::BatchCertified { .. } => &[Action::CertifyBatch],
        Act::BatchReleased { .. } => &[Action::ReleaseBatch],
        Act::KitsReceived { .. } => &[Action::ReceiveKits],
        Act::ResupplyPlanned(_) => &[Action::PlanResupply],
        Act::ShipmentPicked { .. } => &[Action::RequestShipment, Action::PlanResupply],
        Act::ShipmentDispatched { .. } | Act::ShipmentCancelled { .. } => &[Action::DispatchShipment],
        Act::ShipmentReceived { .. } => &[Action::ReceiveShipment],
        Act::KitsQuarantined { .. } | Act::KitIncident { .. } => &[Action::ReportIncident],
        Act::QuarantineDecided { .. } => &[Action::DecideQuarantine],
        Act::KitReturned { .. } => &[Action::ReturnKit],
        Act::KitReconciliationSigned { .. } => &[Action::SignKitReconciliation],
        Act::KitsReconciled { .. } => &[Action::ConfirmKitReconciliation],
        Act::DestructionProposed { .. } => &[Action::ProposeDestruction],
        Act::KitsDestroyed { .. } => &[Action::AuthorizeDestruction],
        Act::ExpiryShortened(_) | Act::KitsShortened(_) => &[Action::ShortenExpiry],
        Act::ExpiryExtensionProposed(_) => &[Action::ProposeExtension],
        Act::ExpiryExtended(_) | Act::KitsExtended(_) => &[Action::ConfirmExtension],
        Act::BatchRecalled(_) => &[Action::RecallBatch],
        Act::LotStatementRead(_) => &[Action::ReadLotStatement],
        Act::LotRecalled(_) => &[Action::RecallLot],
        Act::KitsRecalled(_) => &[Action::RecallBatch, Action::RecallLot],
        Act::AlertAcknowledged(_) => &[Action::AcknowledgeAlert],
        Act::LabelsPrinted(_) => &[Action::PrintLabels],
        Act::SubjectScreened { .. } => &[Action::ScreenSubject],
        Act::ScreeningFailed { .. } => &[Action::FailScreening],
        Act::Randomized { .. } => &[Action::Randomize],
        Act::KitsAllocated { .. } => &[Action::Randomize, Action::Dispense, Action::ReplaceKit],
        Act::KitReplaced { .. } => &[Action::ReplaceKit],
        Act::KitsSetAside { .. } | Act::Dispensed { .. } => &[Action::Dispense],
        Act::HandedOver { .. } | Act::KitChecked(_) => &[Action::ConfirmHandover],
        Act::WrongKitStopped(_) => &[Action::ConfirmHandover],
        Act::UnitsPrepared(_) => &[Action::PrepareUnits],
        Act::UnitGiven(_) => &[Action::GiveUnit],
        Act::UnitDiscarded(_) => &[Action::DiscardUnit],
        Act::UnitStopped(_) => &[Action::PrepareUnits, Action::GiveUnit],
        Act::VisitRecorded(_) => &[Action::RecordVisit],
        Act::SubjectStopped { .. } => &[Action::WithdrawSubject],
        Act::Unblinded { .. } | Act::UnblindingViewed { .. } => &[Action::Unblind],
        Act::UnblindingNoted { .. } => &[Action::NoteUnblinding],
        Act::Exported { .. } => &[Action::ReadJournal],
        Act::RedactionProposed(_) => &[Action::ProposeRedaction],
        Act::TextRedacted { .. } => &[Action::ConfirmRedaction],
        Act::AskedAgain { .. } | Act::ProjectionsRebuilt { .. } | Act::DataKeyRotated { .. }
        | Act::AccountInvited(_) | Act::PasswordSet(_) | Act::AccountReset(_) | Act::ResetProposed(_)
        | Act::LoggedIn(_) | Act::LoggedInByPasswordAlone(_) | Act::SessionReused(_) | Act::SessionsEnded(_)
        | Act::SecondFactorSet(_) | Act::SecondFactorRemoved(_) | Act::MasterKeyReplaced { .. }
        | Act::RecoveryCodesMade(_) | Act::RecoveryCodeUsed(_) | Act::LogInsFailed { .. } | Act::Denied { .. }
        | Act::AlertRaised(_) | Act::AlertCleared(_) | Act::StudyOpened { .. } | Act::DesignActivated { .. }
        | Act::SiteAdded { .. } | Act::RecipientAdded { .. } | Act::DepotAdded { .. } => &[],
    }
}
