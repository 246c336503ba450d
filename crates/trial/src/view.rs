//! What a reader sees of a study's journal. A blinded and an unblinded reader verify the same tree; they differ in
//! which leaves are shown and which commitments are opened (BLD-04, AUD-12).

use terms::StudyId;

use crate::act::{Act, AlertRaised, Leaf};
use crate::{Authority, Reach, Role, alerts};

/// The origin of a study's checkpoints, which names its tree.
pub fn origin(study: &StudyId) -> String {
    format!("iwrs/{study}")
}

/// Whether the reader sees the leaf itself; otherwise its hash stands for it.
///
/// Leaves of a site are shown at that site and to those whose right reaches over the study. A supply manager knows
/// what is in a kit, and so never sees which subject got it.
pub fn shows(reader: &Authority, leaf: &Leaf) -> bool {
    let reaches = match (&reader.reach, &leaf.site) {
        (Reach::Sites(sites), Some(site)) => sites.contains(site),
        (Reach::Study, _) | (_, None) => true,
    };
    // What was asked again may name a kit that a subject has, and tells when somebody was at the counter.
    let asked_again = matches!(leaf.act, Act::AskedAgain { .. });
    let tells = asked_again
        || ties_kit_to_subject(&leaf.act)
        || (leaf.site.is_some() && tells_what_became_of_kits(&leaf.act));
    reaches && !(reader.role == Role::SupplyManager && tells)
}

/// Whether the reader sees what stands behind the commitments in the field of this name. A leaf's commitment binds the
/// name of the field in which it stands.
///
/// Blinded readers see no opening at all, free text included: who wrote it may have broken a code before, or be
/// unblinded. The seeds stay sealed for everybody until the final release. Block sizes are the statistician's
/// (SEQ-11).
pub fn opens(role: Role, field: &str) -> bool {
    match role {
        Role::SupplyManager => matches!(field, "kit_type" | "lots" | "lot" | "statement_file"),
        Role::UnblindedReviewer => !is_seed(field) && field != "sealed",
        Role::Statistician => !is_seed(field),
        Role::Administrator | Role::Investigator | Role::Pharmacist => false,
        Role::Monitor | Role::Depot | Role::Quality => false,
    }
}

/// Whether the reader sees the arms of the positions of the lists: they are committed by one root for each list.
pub const fn opens_lists(role: Role) -> bool {
    matches!(role, Role::Statistician | Role::UnblindedReviewer)
}

/// Whether what is committed in the field of this name was written by a person. All else is needed to prove what was
/// done.
pub fn is_free_text(field: &str) -> bool {
    matches!(field, "reason" | "duplicate_reason" | "correction_reason" | "scanned" | "text" | "recipient")
}

fn is_seed(field: &str) -> bool {
    matches!(field, "seed" | "kit_number_seed" | "pick_seed")
}

/// Which kits of a site are not yet handed over, or have been, or how many: two such lists tell which kit went to
/// whoever came in between, and two such numbers how many of a type were left when its lot was called back.
fn tells_what_became_of_kits(act: &Act) -> bool {
    matches!(
        act,
        Act::KitsQuarantined { .. }
            | Act::QuarantineDecided { .. }
            | Act::KitIncident { .. }
            | Act::KitReturned { .. }
            | Act::KitReconciliationSigned { .. }
            | Act::KitsReconciled { .. }
            | Act::DestructionProposed { .. }
            | Act::KitsDestroyed { .. }
            | Act::KitsShortened(_)
            | Act::KitsExtended(_)
            | Act::KitsRecalled(_)
            | Act::ResupplyPlanned(_)
            | Act::AlertAcknowledged(_)
            | Act::AlertCleared(_)
    ) || matches!(act, Act::AlertRaised(raised) if tells_what_is_left(raised))
}

fn tells_what_is_left(raised: &AlertRaised) -> bool {
    !alerts::sees(Role::SupplyManager, raised.kind, &raised.place)
}

fn ties_kit_to_subject(act: &Act) -> bool {
    matches!(
        act,
        Act::KitsAllocated { .. }
            | Act::KitsSetAside { .. }
            | Act::Dispensed { .. }
            | Act::KitChecked(_)
            | Act::HandedOver { .. }
            | Act::KitReplaced { .. }
            | Act::UnitsPrepared(_)
            | Act::UnitGiven(_)
            | Act::UnitDiscarded(_)
            | Act::UnitStopped(_)
    )
}
