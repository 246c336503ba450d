//! The roles of a study and of the installation.

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// What a person may be. A role is granted for one study and, for site roles, one site; only the administrator's is
/// of the installation and goes with no role in any study (USR-05).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Runs accounts and grants roles; never sees a treatment and holds no role in a study.
    Administrator,
    /// Enrols, randomizes and, on the worst night, breaks one subject's code. Of one site.
    Investigator,
    /// Asks which kit to hand over, and confirms it. Of one site.
    Pharmacist,
    /// Reads what a blinded person may read at every site.
    Monitor,
    /// Packs and dispatches shipments by kit number, and stocks a depot; sees no subject and no treatment.
    Depot,
    /// Certifies batches, and alone decides about kits in quarantine.
    Quality,
    /// Knows true lots and kit types; registers and releases kits.
    SupplyManager,
    /// Makes the allocation list and audits every allocation.
    Statistician,
    /// The second unblinded person: approves lists and audits.
    UnblindedReviewer,
}

impl Role {
    /// The roles that are held in a study, in order.
    pub const OF_A_STUDY: [Self; 8] = [
        Self::Investigator,
        Self::Pharmacist,
        Self::Monitor,
        Self::Depot,
        Self::Quality,
        Self::SupplyManager,
        Self::Statistician,
        Self::UnblindedReviewer,
    ];

    /// The roles that know of subjects, by their numbers. A depot and the quality role need only kits.
    pub const WITH_SUBJECTS: [Self; 6] = [
        Self::Investigator,
        Self::Pharmacist,
        Self::Monitor,
        Self::SupplyManager,
        Self::Statistician,
        Self::UnblindedReviewer,
    ];

    /// Whether the role is held at one site rather than in the whole study.
    pub const fn is_of_a_site(self) -> bool {
        matches!(self, Self::Investigator | Self::Pharmacist)
    }

    /// Whether the role's holder is unblinded. It is the same in every study: what a role may see is written in
    /// the code that shows it, and a study's blinding matrix must say the same.
    pub const fn is_unblinded(self) -> bool {
        matches!(self, Self::SupplyManager | Self::Statistician | Self::UnblindedReviewer)
    }

    /// Whether two administrators must grant it: the unblinded roles (BLD-13), and the administrator's own, else one
    /// administrator could make the second person.
    pub const fn takes_two(self) -> bool {
        self.is_unblinded() || matches!(self, Self::Administrator)
    }
}
