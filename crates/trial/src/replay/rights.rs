//! Who acted, and by which right.

use super::records::{Record, Records};
use super::{Held, Wrong, holds};
use crate::act::Act;
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

/// Who held which role is told by the journal of the installation, where roles are granted: one study's journal says
/// only in which role somebody acted.
pub(super) fn roles_are_held(_records: &Records<'_>) -> Held {
    Err(Wrong::Unknown("the grants of roles stand in the journal of the installation".to_owned()))
}

/// By which rights an act can be done: any of them gives it. None is needed for the acts of the operator and of the
/// installation. Exhaustive, so that a new act cannot be forgotten.
const fn rights(act: &Act) -> &'static [Action] {
    match act {
        Act::StudyOpened { .. } | Act::DesignActivated { .. } => &[],
        Act::SiteAdded { .. } | Act::RecipientAdded { .. } => &[],
        Act::RoleProposed { .. } | Act::RoleGranted { .. } => &[Action::GrantRole],
        Act::RoleRevoked { .. } => &[Action::RevokeRole],
        Act::HoldPlaced { .. } => &[Action::PlaceHold],
        Act::HoldReleased { .. } => &[Action::ReleaseHold],
        Act::ListGenerated { .. } => &[Action::GenerateList],
        Act::ListApproved { .. } => &[Action::ApproveList],
        Act::ListActivated { .. } => &[Action::ActivateList],
        Act::ListDiscarded { .. } => &[Action::DiscardList],
        Act::PositionsRead { .. } => &[Action::ReadPositions],
        Act::ReconciliationRead { .. } => &[Action::ReadReconciliation],
        Act::KitsRegistered { .. } => &[Action::RegisterKits],
        Act::BatchReleased { .. } => &[Action::ReleaseBatch],
        Act::KitsReceived { .. } => &[Action::ReceiveKits],
        Act::SubjectScreened { .. } => &[Action::ScreenSubject],
        Act::ScreeningFailed { .. } => &[Action::FailScreening],
        Act::Randomized { .. } => &[Action::Randomize],
        Act::KitsAllocated { .. } => &[Action::Randomize, Action::Dispense],
        Act::KitsSetAside { .. } | Act::Dispensed { .. } => &[Action::Dispense],
        Act::HandedOver { .. } | Act::WrongKitStopped { .. } => &[Action::ConfirmHandover],
        Act::VisitRecorded { .. } => &[Action::RecordVisit],
        Act::SubjectStopped { .. } => &[Action::WithdrawSubject],
        Act::Unblinded { .. } | Act::UnblindingViewed { .. } => &[Action::Unblind],
        Act::UnblindingNoted { .. } => &[Action::NoteUnblinding],
        Act::Exported { .. } => &[Action::ReadJournal],
        Act::AskedAgain { .. } => &[],
        Act::AccountInvited { .. } | Act::PasswordSet { .. } | Act::AccountReset { .. } => &[],
        Act::LoggedIn { .. } | Act::SessionReused { .. } => &[],
        Act::LogInsFailed { .. } | Act::Denied { .. } => &[],
    }
}
