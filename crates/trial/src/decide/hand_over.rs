//! Checking a kit before its handover, and confirming the handover, by the scanned kit number.

use ledger::KitState;
use terms::{Day, KitNumber, UserId};

use super::dispense::may_be_treated;
use crate::study::{Dispensing, StudyDesign};
use crate::{Refusal, SubjectState};

/// A kit of the dispensation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// The number on the kit.
    pub number: KitNumber,
    /// The label expiry.
    pub label_expiry: Day,
    /// Its state.
    pub state: KitState,
    /// Who has checked it today.
    pub checked_by: Vec<UserId>,
}

/// What is known when the decision is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What has become of the subject so far.
    pub state: SubjectState,
    /// Whether the subject's code was broken.
    pub code_broken: bool,
    /// Whether dispensing is on hold, in the study or at the site.
    pub on_hold: bool,
    /// Whether a later visit has been dispensed: then this one's course must not begin any more.
    pub later_dispensed: bool,
    /// The day at the site.
    pub today: Day,
    /// The kits of the dispensation.
    pub kits: Vec<Kit>,
}

/// What the scan means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// It is a kit of this dispensation: hand it over.
    Right(KitNumber),
    /// It is anything else: stop, and record it.
    Wrong,
}

/// Decides about a handover: the scan is right, and where the design asks for a second person, somebody else has
/// checked the kit on the same day.
///
/// # Errors
/// Those of [`check`], and then [`Refusal::SecondPersonNeeded`].
pub fn decide(
    design: &StudyDesign,
    dispensing: &Dispensing,
    facts: &Facts,
    scanned: &str,
    by: &UserId,
) -> Result<Scan, Refusal> {
    let scan = check(design, dispensing, facts, scanned)?;
    let Scan::Right(number) = scan else { return Ok(scan) };
    let kit = facts.kits.iter().find(|kit| kit.number == number);
    let is_checked = kit.is_some_and(|kit| kit.checked_by.iter().any(|other| other != by));
    if design.supply.second_person && !is_checked { Err(Refusal::SecondPersonNeeded) } else { Ok(scan) }
}

/// Decides what a scan means (KIT-16). Whatever is not exactly a kit of this dispensation is wrong: a mistyped number,
/// a kit of another subject or another study, or nonsense. It is wrong first of all: neither a hold nor anything else
/// keeps it from being recorded.
///
/// # Errors
/// [`Refusal::AlreadyHandedOver`]; what ends the treatment; [`Refusal::OnHold`]; [`Refusal::VisitOutOfOrder`] after a
/// later visit; [`Refusal::KitState`] when the right kit is set aside; [`Refusal::KitExpired`] when it no longer lasts
/// through the dosing days that would begin today (KIT-07). In this order.
pub fn check(
    design: &StudyDesign,
    dispensing: &Dispensing,
    facts: &Facts,
    scanned: &str,
) -> Result<Scan, Refusal> {
    let number = KitNumber::scanned(scanned).ok();
    let Some(kit) = facts.kits.iter().find(|kit| Some(kit.number) == number) else { return Ok(Scan::Wrong) };
    if kit.state == KitState::Dispensed {
        return Err(Refusal::AlreadyHandedOver);
    }
    may_be_treated(design, facts.state, facts.code_broken)?;
    if facts.on_hold {
        return Err(Refusal::OnHold("dispensing"));
    }
    if facts.later_dispensed {
        return Err(Refusal::VisitOutOfOrder);
    }
    let through = dispensing.last_dosing_day(facts.today);
    let lasts = ledger::usable_through(kit.label_expiry, through, design.supply.expiry_margin_days);
    match kit.state {
        KitState::Allocated if lasts => Ok(Scan::Right(kit.number)),
        KitState::Allocated => Err(Refusal::KitExpired(kit.number.to_string())),
        _ => Err(Refusal::KitState(kit.number.to_string())),
    }
}

#[cfg(test)]
mod tests;
