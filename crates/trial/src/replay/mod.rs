//! The meaning of a study's journal, replayed: not whether the leaves are the ones that were signed, which
//! [`journal::verify`] says, but whether what they tell can have happened under the rules.
//!
//! It reads an export and what is given with it, and nothing else: no database, no clock. It takes no decision of the
//! service again; it states each promise in its own words, so that it checks the decisions and is checked by them.

mod accountability;
mod alerts;
mod batches;
mod checks;
mod days;
mod expiry;
mod kits;
mod labels;
mod lists;
mod lots;
mod openings;
mod packing;
mod records;
mod rights;
mod shipments;
mod subjects;
mod texts;
mod unblinding;
mod units;

use journal::{Check, Export, Outcome};

use crate::study::{SealedDesign, StudyDesign};
use records::Records;

/// What the reader has besides the export, each to be had from elsewhere than the service.
#[derive(Default)]
pub struct Given {
    /// The public design.
    pub design: Option<StudyDesign>,
    /// The sealed design.
    pub sealed: Option<SealedDesign>,
    /// The seeds of allocation lists, in any order.
    pub seeds: Vec<[u8; 32]>,
}

/// Why a rule does not hold.
enum Wrong {
    /// What is shown contradicts itself.
    Contradiction(String),
    /// Something that had to come before is not there; a leaf that is only a hash may be it.
    Missing(String),
    /// The rule needs something that neither the view nor what is given with it holds.
    Unknown(String),
}

type Held = Result<(), Wrong>;

type Rule = fn(&Records<'_>) -> Held;

/// The rules, in the order in which they are told.
const RULES: [(&str, Rule); 41] = [
    ("leaves are records", records::are_readable),
    ("records stand at their index", records::stand_at_their_index),
    ("time does not go back", records::times_do_not_go_back),
    ("the study is opened once, first", records::study_is_opened_first),
    ("designs are in order, and fixed by the first subject", records::designs_are_in_order),
    ("the design given is the one in force", records::design_given_is_in_force),
    ("acts are within the rights of their role", rights::acts_are_within_rights),
    ("roles are held when they act", rights::roles_are_held),
    ("lists are approved by another person before use", lists::are_approved_before_use),
    ("positions are given in order, each once", lists::positions_are_in_order),
    ("positions are of the list in use", lists::positions_are_of_the_list_in_use),
    ("subjects are randomized once, after screening", subjects::are_randomized_once),
    ("randomization numbers have no gap", subjects::numbers_have_no_gap),
    ("holds are respected", subjects::holds_are_respected),
    ("visits are dispensed once, in treatment", subjects::visits_are_dispensed_once),
    ("the time between courses is kept", subjects::time_between_courses_is_kept),
    ("codes are broken before they are looked at", unblinding::breaks_come_first),
    ("kits are allocated once", kits::are_allocated_once),
    ("kits are handed over once, as dispensed", kits::are_handed_over_as_dispensed),
    ("kits are checked by another where the design asks", checks::are_by_another),
    ("kits move as the ledger allows", kits::move_as_the_ledger_allows),
    ("batches are packed and checked before release", packing::are_packed_and_checked),
    ("samples are those of the batch", packing::samples_are_of_the_batch),
    ("kits are used where they are released", kits::are_used_where_they_are_released),
    ("counts of kits add up or say why not", accountability::counts_are_explained),
    ("kits are reconciled and destroyed by two", accountability::takes_two_people),
    ("label expiries change as they may", batches::expiries_change_as_they_may),
    ("label expiries are within the lots", batches::labels_are_within_the_lots),
    ("recalls reach every kit", batches::recalls_reach_every_kit),
    ("recalled kits are not used", batches::recalled_kits_are_not_used),
    ("true lots are recalled after their statement", lots::are_recalled_after_their_statement),
    ("recalls of a lot reach all of it, and nothing else", lots::recalls_reach_the_lot_alone),
    ("labels are of whole batches, again for a reason", labels::are_of_whole_batches),
    ("kits last through their dosing days", expiry::last_through_dosing_days),
    ("units are prepared of what was handed over, and used in time", units::are_used_in_time),
    ("alerts are acknowledged once, by their owner", alerts::are_acknowledged_by_their_owner),
    ("texts are redacted by two", texts::are_redacted_by_two),
    ("texts are opened or redacted", texts::are_opened_or_redacted),
    ("opened lists are whole", openings::lists_are_whole),
    ("kits are of the arm's type", openings::kits_are_of_the_arms_type),
    ("lists follow from their seeds", openings::lists_follow_from_seeds),
];

/// Replays an export. Every check is listed every time, in the same order.
///
/// In a view in which leaves are only hashes, a rule can be seen to be broken, but not to hold.
pub fn replay(export: &Export, given: &Given) -> Vec<Check> {
    let records = Records::read(export, given);
    let check =
        |(name, rule): (&'static str, Rule)| Check { name, outcome: outcome(&records, rule(&records)) };
    RULES.into_iter().map(check).collect()
}

fn outcome(records: &Records<'_>, held: Held) -> Outcome {
    let hidden = records.hidden;
    match held {
        Err(Wrong::Contradiction(why)) => Outcome::Failed(why),
        Err(Wrong::Unknown(why)) => Outcome::NotCheckable(why),
        Err(Wrong::Missing(why)) if hidden == 0 => Outcome::Failed(why),
        Err(Wrong::Missing(why)) => {
            Outcome::NotCheckable(format!("{why}, and {hidden} leaves of this view are hashes"))
        }
        Ok(()) if hidden == 0 => Outcome::Passed,
        Ok(()) => Outcome::NotCheckable(format!(
            "what is shown agrees, and {hidden} leaves of this view are hashes"
        )),
    }
}

/// Passes when the condition holds, and is a contradiction otherwise.
fn holds(condition: bool, why: impl FnOnce() -> String) -> Held {
    if condition { Ok(()) } else { Err(Wrong::Contradiction(why())) }
}

/// What had to come before; a hidden leaf may be it.
fn before<T>(found: Option<T>, why: impl FnOnce() -> String) -> Result<T, Wrong> {
    found.ok_or_else(|| Wrong::Missing(why()))
}
