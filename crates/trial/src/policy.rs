//! Who may do what: one exhaustive table, asked before every act.

use std::collections::BTreeSet;

use strum::{Display, EnumString, IntoStaticStr, VariantArray};
use terms::{SiteId, StudyId, UserId};

use crate::{Refusal, Role};

/// Everything that a person can ask of the service in a study or, for administrators, of the installation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Invite a person.
    InviteUser,
    /// List the people with their roles and last use.
    ReadUsers,
    /// Reset a person's password to a one-time password.
    ResetUser,
    /// Grant a role, or confirm another administrator's grant of an unblinded role.
    GrantRole,
    /// Revoke a role.
    RevokeRole,
    /// Read the public design and the state of a study.
    ReadStudy,
    /// Put randomization or dispensing on hold.
    PlaceHold,
    /// Release a hold.
    ReleaseHold,
    /// Read subjects and their visits.
    ReadSubjects,
    /// Enter a subject at screening.
    ScreenSubject,
    /// Record a screen failure.
    FailScreening,
    /// Record that a subject stops the drug or leaves the study.
    WithdrawSubject,
    /// Record a visit.
    RecordVisit,
    /// Randomize a subject.
    Randomize,
    /// Ask which kits to hand over.
    Dispense,
    /// Confirm a handover by the scanned number.
    ConfirmHandover,
    /// Replace a kit of a dispensation by another one.
    ReplaceKit,
    /// Record units that were prepared on site out of a kit.
    PrepareUnits,
    /// Give a unit that was prepared, by the scanned number.
    GiveUnit,
    /// Throw a prepared unit away.
    DiscardUnit,
    /// Read which kits a subject was given: never for a supply manager, who knows what is in each (BLD-04).
    ReadDispensations,
    /// Break one subject's code in an emergency.
    Unblind,
    /// Add a note to a code break.
    NoteUnblinding,
    /// Read kits as a blinded person sees them.
    ReadKits,
    /// Register a batch of kits.
    RegisterKits,
    /// Export the packaging list of a batch, encrypted for its packager: the contents of every kit leave the service.
    ExportPackagingList,
    /// Record what came back from the packager.
    RecordPacking,
    /// Read how far the packing of a batch is, with the kits to check.
    ReadPacking,
    /// Record what was found in the sample of a packed batch, as a second person.
    CheckSample,
    /// Certify a batch for a country: the first of the two steps.
    CertifyBatch,
    /// Release a batch in a country: the second of the two steps.
    ReleaseBatch,
    /// Shorten the label expiry of a batch, at once.
    ShortenExpiry,
    /// Propose to extend the label expiry of a batch.
    ProposeExtension,
    /// Confirm an extension that another person proposed.
    ConfirmExtension,
    /// Call a whole batch back.
    RecallBatch,
    /// Read which kits of a true lot its recall would hit, and what that would reveal to whom.
    ReadLotStatement,
    /// Call one true lot of a batch back.
    RecallLot,
    /// Read where the kits of a recalled batch are.
    ReadRecall,
    /// Print the labels of a batch.
    PrintLabels,
    /// Receive kits at a site.
    ReceiveKits,
    /// Have resupply planned for a site, and the shipment picked that follows.
    PlanResupply,
    /// Have kits picked for a shipment.
    RequestShipment,
    /// Dispatch a shipment, or give it up before it leaves.
    DispatchShipment,
    /// Receive a shipment, at the site or the depot that it goes to.
    ReceiveShipment,
    /// Read shipments with their kits.
    ReadShipments,
    /// Set aside all kits of a site or a depot, or record what happened to one.
    ReportIncident,
    /// Decide about kits in quarantine.
    DecideQuarantine,
    /// Count what came back of a kit: the site's alone (KIT-20).
    ReturnKit,
    /// Read what became of every kit at a site, with subjects and doses.
    ReadAccountability,
    /// Sign for the kits of a place that are finished with.
    SignKitReconciliation,
    /// Confirm what another person signed for.
    ConfirmKitReconciliation,
    /// Propose reconciled kits for destruction.
    ProposeDestruction,
    /// Authorize a destruction that another person proposed, for the sponsor.
    AuthorizeDestruction,
    /// Read reconciliations and destructions of kits.
    ReadDisposals,
    /// Read the alerts that stand, as far as the role may see them.
    ReadAlerts,
    /// Acknowledge an alert: its owner alone.
    AcknowledgeAlert,
    /// Generate an allocation list.
    GenerateList,
    /// Read the state of a list, without its positions.
    ReadList,
    /// Approve a list that another person generated.
    ApproveList,
    /// Activate an approved list.
    ActivateList,
    /// Discard a list.
    DiscardList,
    /// Read the positions of a list with their arms.
    ReadPositions,
    /// Print the sealed envelopes of the list in use (UNB-06).
    PrintEnvelopes,
    /// Read list against allocated against dispensed.
    ReadReconciliation,
    /// Read the block sizes of the design, and how well an arm can be guessed by them.
    ReadBlockSizes,
    /// Read how many kits of each type there are in the sponsor's stock and in depots; never at a site.
    ReadStockByType,
    /// Read, export and checkpoint the journal in the reader's own view.
    ReadJournal,
    /// Propose that a text be redacted.
    ProposeRedaction,
    /// Confirm a redaction that another person proposed.
    ConfirmRedaction,
    /// Read what was proposed for redaction, and what was redacted.
    ReadRedactions,
}

impl Action {
    /// The roles that have the right. A role that is not named has not (BLD-02).
    pub const fn roles(self) -> &'static [Role] {
        use Role::{
            Administrator, Depot, Investigator, Monitor, Pharmacist, Quality, Statistician, SupplyManager,
            UnblindedReviewer,
        };
        match self {
            Self::InviteUser | Self::ReadUsers | Self::ResetUser => &[Administrator],
            Self::GrantRole | Self::RevokeRole => &[Administrator],
            Self::ReadStudy => &Role::OF_A_STUDY,
            Self::ReadSubjects | Self::ReadJournal => &Role::WITH_SUBJECTS,
            Self::PlaceHold | Self::ReleaseHold => &[Investigator, Monitor, UnblindedReviewer],
            Self::ScreenSubject | Self::FailScreening | Self::WithdrawSubject => &[Investigator],
            Self::RecordVisit | Self::Randomize => &[Investigator],
            Self::Unblind | Self::NoteUnblinding => &[Investigator],
            Self::Dispense | Self::ConfirmHandover | Self::ReplaceKit => &[Pharmacist],
            Self::ReceiveKits | Self::PrepareUnits => &[Pharmacist],
            Self::GiveUnit | Self::DiscardUnit => &[Investigator, Pharmacist],
            Self::ReadDispensations => &[Investigator, Pharmacist, Monitor, Statistician, UnblindedReviewer],
            Self::ReadKits => &[Pharmacist, Monitor, Depot, Quality, SupplyManager, UnblindedReviewer],
            Self::CertifyBatch => &[Quality],
            Self::RegisterKits | Self::ReleaseBatch | Self::ProposeExtension => &[SupplyManager],
            Self::ExportPackagingList | Self::RecordPacking => &[SupplyManager],
            Self::ReadPacking | Self::CheckSample => &[SupplyManager, UnblindedReviewer],
            Self::ReadLotStatement => &[SupplyManager, UnblindedReviewer],
            Self::PrintLabels | Self::RecallLot => &[SupplyManager],
            Self::ShortenExpiry | Self::ConfirmExtension | Self::RecallBatch => &[Quality],
            Self::ReadRecall => {
                &[Investigator, Pharmacist, Monitor, Depot, Quality, SupplyManager, UnblindedReviewer]
            }
            Self::PlanResupply | Self::RequestShipment | Self::DispatchShipment => &[Depot],
            Self::ReceiveShipment | Self::ReportIncident => &[Pharmacist, Depot],
            Self::ReadShipments => &[Pharmacist, Monitor, Depot, Quality, SupplyManager, UnblindedReviewer],
            Self::DecideQuarantine => &[Quality],
            Self::ReturnKit => &[Pharmacist],
            Self::ReadAccountability => &[Investigator, Pharmacist, Monitor, Statistician, UnblindedReviewer],
            Self::SignKitReconciliation | Self::ProposeDestruction => &[Pharmacist, Depot],
            Self::ConfirmKitReconciliation => &[Monitor],
            Self::AuthorizeDestruction => &[Quality],
            Self::ReadDisposals => &[Pharmacist, Monitor, Depot, Quality, UnblindedReviewer],
            Self::ReadAlerts => &Role::OF_A_STUDY,
            Self::AcknowledgeAlert => &[Pharmacist, Depot, Quality, SupplyManager, Statistician],
            Self::GenerateList | Self::ActivateList => &[Statistician],
            Self::ReadList | Self::ApproveList | Self::DiscardList => &[Statistician, UnblindedReviewer],
            Self::ReadPositions | Self::PrintEnvelopes => &[Statistician, UnblindedReviewer],
            Self::ReadReconciliation => &[Statistician, UnblindedReviewer],
            // Whoever makes the list is the only one who may know them (SEQ-11).
            Self::ReadBlockSizes => &[Statistician],
            Self::ReadStockByType => &[SupplyManager, UnblindedReviewer],
            Self::ProposeRedaction | Self::ReadRedactions => &Role::WITH_SUBJECTS,
            // They alone may see every text, and so can say that this one may go.
            Self::ConfirmRedaction => &[Statistician, UnblindedReviewer],
        }
    }

    /// Whether the act must be signed: re-authentication for exactly this act and body (SIG-02, SIG-08, SIG-09).
    pub const fn needs_signature(self) -> bool {
        match self {
            Self::Randomize | Self::Unblind | Self::GrantRole => true,
            Self::CertifyBatch | Self::ReleaseBatch | Self::DecideQuarantine => true,
            Self::ShortenExpiry | Self::ProposeExtension | Self::ConfirmExtension => true,
            Self::RecallBatch | Self::RecallLot | Self::CheckSample => true,
            Self::ExportPackagingList | Self::RecordPacking | Self::ReadPacking => false,
            Self::GenerateList | Self::ApproveList | Self::ActivateList | Self::DiscardList => true,
            Self::InviteUser | Self::ReadUsers | Self::ResetUser | Self::RevokeRole | Self::ReadStudy => {
                false
            }
            Self::PlaceHold | Self::ReleaseHold | Self::ReadSubjects | Self::ScreenSubject => false,
            Self::FailScreening | Self::WithdrawSubject | Self::RecordVisit | Self::Dispense => false,
            Self::ConfirmHandover | Self::NoteUnblinding | Self::ReadKits | Self::RegisterKits => false,
            Self::ReceiveKits | Self::ReadList | Self::ReadPositions | Self::ReadReconciliation => false,
            Self::ReadBlockSizes | Self::ReadStockByType => false,
            Self::RequestShipment | Self::DispatchShipment | Self::ReceiveShipment => false,
            Self::PlanResupply | Self::ReadShipments | Self::ReportIncident => false,
            Self::PrintLabels | Self::ReadLotStatement => false,
            Self::SignKitReconciliation | Self::ConfirmKitReconciliation => true,
            Self::ProposeDestruction | Self::AuthorizeDestruction => true,
            Self::ReturnKit | Self::ReadAccountability | Self::ReadDisposals => false,
            Self::ReadDispensations | Self::PrintEnvelopes | Self::ReplaceKit => false,
            Self::ReadJournal | Self::ReadRedactions | Self::ReadRecall => false,
            Self::ReadAlerts | Self::AcknowledgeAlert => false,
            Self::PrepareUnits | Self::GiveUnit | Self::DiscardUnit => false,
            Self::ProposeRedaction | Self::ConfirmRedaction => true,
        }
    }

    /// Whether the act is one of the installation's administrators, in whichever study it has its effect.
    pub const fn is_of_the_installation(self) -> bool {
        matches!(
            self,
            Self::InviteUser | Self::ReadUsers | Self::ResetUser | Self::GrantRole | Self::RevokeRole
        )
    }

    /// Whether the act hands out a position or a kit, and so stops when this instance cannot trust its database.
    pub const fn allocates(self) -> bool {
        matches!(
            self,
            Self::Randomize
                | Self::Dispense
                | Self::ReplaceKit
                | Self::GenerateList
                | Self::ActivateList
                | Self::RequestShipment
                | Self::PlanResupply
        )
    }
}

/// A role that a person holds now.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldRole {
    /// The role.
    pub role: Role,
    /// The study; none for the administrator.
    pub study: Option<StudyId>,
    /// The site, for a role of one site.
    pub site: Option<SiteId>,
}

/// The person who asks, with the roles that the database gives them at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// The roles held now, in every study.
    pub roles: Vec<HeldRole>,
}

/// The right to an action, with the sites over which it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The role that gives the right; the first of [`Role`] when several do.
    pub role: Role,
    /// The sites over which it reaches.
    pub reach: Reach,
}

/// Over which sites a right reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// All sites of the study.
    Study,
    /// These sites.
    Sites(BTreeSet<SiteId>),
}

impl Authority {
    /// The site, when the right reaches exactly one: what is recorded of such a person concerns no other site.
    pub fn only_site(&self) -> Option<&SiteId> {
        match &self.reach {
            Reach::Sites(sites) if sites.len() == 1 => sites.first(),
            Reach::Study | Reach::Sites(_) => None,
        }
    }

    /// Refuses, as if the thing did not exist, what lies at a site out of reach.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub fn reaches(&self, site: &SiteId) -> Result<(), Refusal> {
        match &self.reach {
            Reach::Sites(sites) if !sites.contains(site) => Err(Refusal::NotFound),
            Reach::Study | Reach::Sites(_) => Ok(()),
        }
    }
}

/// Decides whether the actor may do this in the study (BLD-02, USR-01).
///
/// Whoever holds no role in the study does not even learn that it exists; whoever holds one without the right is
/// told so; both are the same whether or not the thing asked for exists.
///
/// # Errors
/// [`Refusal::NotFound`] without any role in the study, [`Refusal::Forbidden`] with roles that lack the right.
pub fn authorize(actor: &Actor, action: Action, study: &StudyId) -> Result<Authority, Refusal> {
    let held: Vec<&HeldRole> = actor.roles.iter().filter(|held| held.study.as_ref() == Some(study)).collect();
    if held.is_empty() {
        return Err(Refusal::NotFound);
    }
    let giving = held.into_iter().filter(|held| action.roles().contains(&held.role));
    authority_of(giving).ok_or(Refusal::Forbidden)
}

/// Decides whether the actor may do this in the installation: administrators only (USR-05).
///
/// # Errors
/// [`Refusal::Forbidden`].
pub fn authorize_in_installation(actor: &Actor, action: Action) -> Result<Authority, Refusal> {
    let giving =
        actor.roles.iter().filter(|held| held.study.is_none() && action.roles().contains(&held.role));
    authority_of(giving).ok_or(Refusal::Forbidden)
}

fn authority_of<'a>(giving: impl Iterator<Item = &'a HeldRole>) -> Option<Authority> {
    let giving: Vec<&HeldRole> = giving.collect();
    let role = giving.iter().map(|held| held.role).min()?;
    let sites: Option<BTreeSet<SiteId>> = giving.iter().map(|held| held.site.clone()).collect();
    Some(Authority { role, reach: sites.map_or(Reach::Study, Reach::Sites) })
}

/// Whether a person with this history in a study may be given the role there (BLD-13, SEQ-05, USR-05).
///
/// Blinded and unblinded roles exclude each other over the whole history, revoked grants included; an administrator
/// holds no role in any study, and nobody with a role in a study becomes an administrator.
pub fn may_be_granted(
    role: Role,
    history_in_study: &[Role],
    is_administrator: bool,
    has_any_study: bool,
) -> bool {
    if role == Role::Administrator {
        return !has_any_study;
    }
    !is_administrator && history_in_study.iter().all(|past| past.is_unblinded() == role.is_unblinded())
}

/// The table of roles and rights, printed for the people who review it.
pub fn table() -> String {
    let mut text = String::from("| action | signed |");
    for role in Role::VARIANTS {
        text.push_str(&format!(" {} |", role));
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(Role::VARIANTS.len()));
    text.push('\n');
    for action in Action::VARIANTS {
        let signed = if action.needs_signature() { "yes" } else { "" };
        text.push_str(&format!("| {} | {signed} |", action));
        for role in Role::VARIANTS {
            text.push_str(if action.roles().contains(role) { " x |" } else { " |" });
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{
        Action, Actor, HeldRole, Reach, authorize, authorize_in_installation, may_be_granted, table,
    };
    use crate::{Refusal, Role};
    use terms::{SiteId, StudyId, UserId};

    fn study(id: &str) -> StudyId {
        StudyId::parse(id).expect("a study id")
    }

    fn actor(roles: &[(Role, Option<&str>, Option<&str>)]) -> Actor {
        let held = |(role, of, site): &(Role, Option<&str>, Option<&str>)| HeldRole {
            role: *role,
            study: of.map(study),
            site: site.map(|site| SiteId::parse(site).expect("a site id")),
        };
        Actor { user: UserId::parse("u").expect("a user id"), roles: roles.iter().map(held).collect() }
    }

    #[test]
    fn the_table_of_rights_is_the_published_one() {
        let published = include_str!("../../../docs/ROLES.md");
        assert!(published.contains(&table()), "docs/ROLES.md should hold this table:\n{}", table());
    }

    #[test]
    fn usr_01_a_role_gives_its_rights_in_its_study_and_at_its_site_alone() {
        let both = actor(&[
            (Role::Investigator, Some("imodals"), Some("34-001")),
            (Role::Monitor, Some("mirocals"), None),
        ]);
        let authority = authorize(&both, Action::Randomize, &study("imodals")).expect("the right");
        assert_eq!(authority.role, Role::Investigator);
        let reaches = |site| authority.reaches(&SiteId::parse(site).expect("a site id"));
        assert_eq!(reaches("34-001"), Ok(()));
        assert_eq!(reaches("30-001"), Err(Refusal::NotFound));
        let refused = |action, of| authorize(&both, action, &study(of)).expect_err("no right");
        assert_eq!(refused(Action::Randomize, "mirocals"), Refusal::Forbidden);
        assert_eq!(refused(Action::Dispense, "imodals"), Refusal::Forbidden);
        assert_eq!(refused(Action::ReadStudy, "lupil-2"), Refusal::NotFound);
    }

    #[test]
    fn a_role_of_the_whole_study_reaches_every_site() {
        let monitor = actor(&[(Role::Monitor, Some("imodals"), None)]);
        let authority = authorize(&monitor, Action::ReadSubjects, &study("imodals")).expect("the right");
        assert_eq!(authority.reach, Reach::Study);
    }

    #[test]
    fn usr_05_an_administrator_has_no_right_in_a_study_and_a_study_role_none_in_the_installation() {
        let administrator = actor(&[(Role::Administrator, None, None)]);
        assert_eq!(authorize(&administrator, Action::ReadStudy, &study("imodals")), Err(Refusal::NotFound));
        assert!(authorize_in_installation(&administrator, Action::GrantRole).is_ok());
        let statistician = actor(&[(Role::Statistician, Some("imodals"), None)]);
        let refused = authorize_in_installation(&statistician, Action::GrantRole);
        assert_eq!(refused, Err(Refusal::Forbidden));
    }

    #[test]
    fn bld_13_blinded_and_unblinded_exclude_each_other_over_the_whole_history() {
        use Role::{Administrator, Investigator, Monitor, Pharmacist, Statistician, SupplyManager};
        let may = |role, history: &[Role]| may_be_granted(role, history, false, !history.is_empty());
        assert!(may(Investigator, &[]) && may(Statistician, &[]));
        assert!(may(Investigator, &[Monitor, Pharmacist]) && may(Statistician, &[SupplyManager]));
        assert!(!may(Investigator, &[Statistician]) && !may(SupplyManager, &[Monitor]));
        assert!(!may_be_granted(Monitor, &[], true, false), "an administrator holds no study role");
        assert!(!may_be_granted(Administrator, &[], false, true), "nor the other way round");
        assert!(may_be_granted(Administrator, &[], false, false));
    }
}
