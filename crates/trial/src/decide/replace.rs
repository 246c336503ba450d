//! Replacing a kit of a dispensation: lost, damaged, not taken, out of date, in quarantine, or recalled.

use ledger::{KitState, Move};
use terms::{Arm, Day, KitNumber, Sealed, SubjectId, VisitId};

use super::dispense::may_be_treated;
use super::supply::{self, Allocation, Need, Shelf};
use crate::rebuild::OUT_OF_DATE;
use crate::study::{SealedDesign, StudyDesign};
use crate::{Refusal, ReplaceReason, SubjectState};

/// The kit that is to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Old {
    /// The number on the kit.
    pub number: KitNumber,
    /// Its state.
    pub state: KitState,
    /// The label expiry.
    pub label_expiry: Day,
    /// The day at the site on which it was handed over.
    pub given: Option<Day>,
    /// Whether its batch was called back.
    pub is_recalled: bool,
}

/// What is known when the decision is taken.
pub struct Facts {
    /// The subject.
    pub subject: SubjectId,
    /// What has become of the subject so far.
    pub state: SubjectState,
    /// Whether the subject's code was broken.
    pub code_broken: bool,
    /// Whether dispensing is on hold, in the study or at the site.
    pub on_hold: bool,
    /// Whether a later visit has been dispensed.
    pub later_dispensed: bool,
    /// The day at the site.
    pub today: Day,
    /// The visit of the dispensation.
    pub visit: VisitId,
    /// The last allocation for the visit, from 1.
    pub attempt: u32,
    /// The kit.
    pub old: Old,
    /// How many kits of the subject were replaced before.
    pub replaced: u32,
    /// Whether an explanation was given.
    pub explained: bool,
    /// The subject's arm.
    pub arm: Sealed<Arm>,
    /// The site's shelf.
    pub shelf: Shelf,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// The new kit.
    pub allocation: Allocation,
    /// What happens to the old one; nothing when its state is true already.
    pub old_moves: Option<Move>,
    /// Whether the subject has now had more replacements than the design expects.
    pub over_limit: bool,
}

/// Decides on a replacement. The new kit lasts through the dosing days that would begin today: doses that were missed
/// may be made up, so a kit for the rest of the course alone might not do.
///
/// Checked in this order: the subject's state, what a code break ends, a hold, a later visit, the state of the old
/// kit, the limit, the shelf. The limit warns and asks for an explanation; it never withholds a dose.
///
/// # Errors
/// The first check that fails: [`Refusal::KitState`] when the kit cannot be replaced for this reason,
/// [`Refusal::ReplacementLimit`], [`Refusal::SupplyShort`].
pub fn decide(
    design: &StudyDesign,
    sealed: &SealedDesign,
    why: ReplaceReason,
    facts: &Facts,
) -> Result<Replacement, Refusal> {
    may_be_treated(design, facts.state, facts.code_broken)?;
    if facts.on_hold {
        return Err(Refusal::OnHold("dispensing"));
    }
    if facts.later_dispensed {
        return Err(Refusal::VisitOutOfOrder);
    }
    let dispensing = design.dispensing_at(&facts.visit).ok_or(Refusal::NoDispensingVisit)?;
    let through = dispensing.last_dosing_day(facts.today);
    let meant = dispensing.last_dosing_day(facts.old.given.unwrap_or(facts.today));
    let margin = design.supply.expiry_margin_days;
    let lasts = ledger::usable_through(facts.old.label_expiry, meant, margin);
    if !is_true_of(why, &facts.old) || (why == ReplaceReason::Expired && lasts) {
        return Err(Refusal::KitState(facts.old.number.to_string()));
    }
    let over_limit = facts.replaced >= design.supply.replacements_per_subject;
    if over_limit && !facts.explained {
        return Err(Refusal::ReplacementLimit);
    }
    let need = Need {
        study: &design.id,
        subject: &facts.subject,
        visit: &facts.visit,
        attempt: facts.attempt.saturating_add(1),
        through,
        count: 1,
    };
    let allocation = supply::allocate(design, sealed, &facts.shelf, &need, &facts.arm)?;
    Ok(Replacement { allocation, old_moves: old_moves(why, facts.old.state), over_limit })
}

/// Whether a kit as it stands can be said to be so, and to need a replacement (KIT-17).
const fn is_true_of(why: ReplaceReason, old: &Old) -> bool {
    use KitState as S;
    let state = old.state;
    match why {
        ReplaceReason::Lost => matches!(state, S::Allocated | S::Dispensed | S::Lost),
        ReplaceReason::Damaged => matches!(state, S::Allocated | S::Dispensed | S::Damaged),
        ReplaceReason::NotTaken => matches!(state, S::Dispensed | S::ReturnedUnused | S::ReturnedPartlyUsed),
        ReplaceReason::Expired => matches!(state, S::Allocated | S::Dispensed),
        ReplaceReason::Quarantined => matches!(state, S::Quarantined),
        ReplaceReason::Recalled => old.is_recalled && matches!(state, S::Quarantined | S::Dispensed),
    }
}

/// What a replacement makes of the old kit. What was handed over and is not lost stays with the subject until it comes
/// back.
pub const fn old_moves(why: ReplaceReason, state: KitState) -> Option<Move> {
    match (why, state) {
        (ReplaceReason::Lost, KitState::Allocated | KitState::Dispensed) => Some(Move::Lose),
        (ReplaceReason::Damaged, KitState::Allocated) => Some(Move::Damage),
        (ReplaceReason::Expired, KitState::Allocated) => Some(Move::Quarantine),
        _ => None,
    }
}

/// The code of the reason with which the old kit moves.
pub const fn because(why: ReplaceReason) -> &'static str {
    match why {
        ReplaceReason::Lost => "lost-and-replaced",
        ReplaceReason::Damaged => "damaged-and-replaced",
        ReplaceReason::NotTaken => "not-taken-and-replaced",
        ReplaceReason::Expired => OUT_OF_DATE,
        ReplaceReason::Quarantined => "quarantined-and-replaced",
        ReplaceReason::Recalled => "recalled-and-replaced",
    }
}

#[cfg(test)]
mod tests;
