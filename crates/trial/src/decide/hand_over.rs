//! Confirming a handover by the scanned kit number.

use terms::{Day, KitNumber};

use crate::Refusal;
use crate::study::{Dispensing, StudyDesign};

/// A kit of the dispensation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kit {
    /// The number on the kit.
    pub number: KitNumber,
    /// The label expiry.
    pub label_expiry: Day,
    /// Whether it has been handed over.
    pub handed_over: bool,
}

/// What the scan means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// It is a kit of this dispensation: hand it over.
    Right(KitNumber),
    /// It is anything else: stop, and record it.
    Wrong,
}

/// Decides what a scan means (KIT-16). Whatever is not exactly a kit of this dispensation is wrong: a mistyped number,
/// a kit of another subject or another study, or nonsense.
///
/// # Errors
/// [`Refusal::OnHold`]; [`Refusal::AlreadyHandedOver`]; [`Refusal::KitState`] when the right kit no longer lasts
/// through the dosing days that would begin today (KIT-07).
pub fn decide(
    design: &StudyDesign,
    dispensing: &Dispensing,
    kits: &[Kit],
    on_hold: bool,
    today: Day,
    scanned: &str,
) -> Result<Scan, Refusal> {
    if on_hold {
        return Err(Refusal::OnHold("dispensing"));
    }
    let number = KitNumber::parse(scanned.trim()).ok();
    let Some(kit) = kits.iter().find(|kit| Some(kit.number) == number) else { return Ok(Scan::Wrong) };
    if kit.handed_over {
        return Err(Refusal::AlreadyHandedOver);
    }
    let through = dispensing.last_dosing_day(today);
    if ledger::usable_through(kit.label_expiry, through, design.supply.expiry_margin_days) {
        Ok(Scan::Right(kit.number))
    } else {
        Err(Refusal::KitState(kit.number.to_string()))
    }
}
