//! Units that are prepared on site out of a kit, and given to a subject within their limit (KIT-24).

use chrono::{NaiveDate, TimeZone};
use chrono_tz::Tz;
use ledger::KitState;
use terms::{Day, KitNumber, Moment, UnitNumber};

use super::dispense::may_be_treated;
use crate::study::StudyDesign;
use crate::{Refusal, SubjectState, UnitEnd};

/// What is known of the subject at the moment that is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Treatment {
    /// What had become of the subject.
    pub state: SubjectState,
    /// Whether the subject's code was broken.
    pub code_broken: bool,
    /// Whether dispensing was on hold, in the study or at the site.
    pub on_hold: bool,
}

/// A kit that the subject was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its number.
    pub number: KitNumber,
    /// Its state.
    pub state: KitState,
    /// The label expiry in force.
    pub label_expiry: Day,
    /// When it was handed over; not yet when none.
    pub handed_over: Option<Moment>,
    /// Whether it was called back, with its batch or its lot, or another kit has taken its place.
    pub is_withdrawn: bool,
    /// How many units were prepared of it so far.
    pub prepared: u32,
}

/// What somebody has prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preparing {
    /// The kit, as it was scanned.
    pub scanned: String,
    /// How, as the design names it.
    pub preparation: String,
    /// How many units.
    pub units: u32,
    /// When, and which day that was at the site.
    pub at: (Moment, Day),
}

/// What the preparation comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// These units, each to be used within so many hours.
    Units(KitNumber, u32, Vec<UnitNumber>),
    /// The kit is none of this subject: stop, and record it.
    Wrong,
}

/// Decides about a preparation. A unit takes at least one vial, so a kit never gives more units than it has vials,
/// however often something is prepared of it.
///
/// # Errors
/// [`Refusal::NothingPrepared`]; [`Refusal::Field`] for another preparation, no unit or a time to come; what ends
/// the treatment; [`Refusal::OnHold`]; [`Refusal::KitState`] for a kit that is not with its subject any more, that
/// was called back or replaced; [`Refusal::Field`] for a time before the handover or more units than vials are left;
/// [`Refusal::KitExpired`]. In this order, and a wrong kit before what is known of the subject.
pub fn prepare(
    design: &StudyDesign,
    now: Treatment,
    kits: &[Parent],
    wanted: &Preparing,
    clock: Moment,
) -> Result<Prepared, Refusal> {
    let hours = hours(design, &wanted.preparation)?;
    if wanted.units == 0 {
        return Err(Refusal::field("units", "must be at least 1"));
    }
    let (at, day) = wanted.at;
    not_to_come("prepared_at", at, clock)?;
    let number = KitNumber::scanned(&wanted.scanned).ok();
    let Some(kit) = kits.iter().find(|kit| Some(kit.number) == number) else { return Ok(Prepared::Wrong) };
    assert_in_treatment(design, now)?;
    let handed_over = kit.handed_over.filter(|_| kit.state == KitState::Dispensed && !kit.is_withdrawn);
    let handed_over = handed_over.ok_or_else(|| Refusal::KitState(kit.number.to_string()))?;
    if at < handed_over {
        let why = format!("must not be before the kit was handed over, which was at {handed_over}");
        return Err(Refusal::field("prepared_at", why));
    }
    let left = design.supply.vials_per_kit.saturating_sub(kit.prepared);
    if wanted.units > left {
        let why = format!("must be at most {left}: so many vials of the kit are left to prepare from");
        return Err(Refusal::field("units", why));
    }
    if day > kit.label_expiry {
        return Err(Refusal::KitExpired(kit.number.to_string()));
    }
    let first = kit.prepared.saturating_add(1);
    let indices = first..first.saturating_add(wanted.units);
    let units = indices.map(|index| UnitNumber { kit: kit.number, index }).collect();
    Ok(Prepared::Units(kit.number, hours, units))
}

fn hours(design: &StudyDesign, id: &str) -> Result<u32, Refusal> {
    if design.preparations.is_empty() {
        return Err(Refusal::NothingPrepared);
    }
    let preparation = design.preparation(id).ok_or_else(|| {
        let known: Vec<&str> = design.preparations.iter().map(|known| known.id.as_str()).collect();
        Refusal::field("preparation", format!("must be one of {}", known.join(", ")))
    })?;
    Ok(preparation.hours)
}

/// A unit of the subject, as it stood at the moment that is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its number.
    pub number: UnitNumber,
    /// When it was prepared.
    pub prepared_at: Moment,
    /// Until when it may be used: see [`use_by`].
    pub use_by: Moment,
    /// What became of it.
    pub end: Option<UnitEnd>,
    /// Whether its kit was called back, with its batch or its lot, or another kit has taken the place of it.
    pub is_withdrawn: bool,
}

/// What the scan of a unit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// It is a unit of this subject, in time: give it.
    Right(UnitNumber),
    /// It is past its limit: stop, and record it.
    Late(UnitNumber),
    /// It is anything else: stop, and record it.
    Wrong,
}

/// Decides whether a unit is given. Everything is judged by the moment at which it is given: what became known after
/// it does not keep a dose that was given from being written down. What is wrong or late is so before what is known
/// of the subject: nothing keeps it from being recorded.
///
/// # Errors
/// [`Refusal::NothingPrepared`]; [`Refusal::Field`] for a time to come or before the preparation;
/// [`Refusal::UnitState`] for a unit that was given or thrown away; what ends the treatment; [`Refusal::OnHold`];
/// [`Refusal::KitState`] after a recall or a replacement.
pub fn give(
    design: &StudyDesign,
    then: Treatment,
    units: &[Unit],
    scanned: &str,
    at: Moment,
    clock: Moment,
) -> Result<Scan, Refusal> {
    if design.preparations.is_empty() {
        return Err(Refusal::NothingPrepared);
    }
    not_to_come("given_at", at, clock)?;
    let number = UnitNumber::scanned(scanned).ok();
    let Some(unit) = units.iter().find(|unit| Some(unit.number) == number) else { return Ok(Scan::Wrong) };
    discard(unit.number, unit.end)?;
    if at < unit.prepared_at {
        let why = format!("must not be before the unit was prepared, which was at {}", unit.prepared_at);
        return Err(Refusal::field("given_at", why));
    }
    if at > unit.use_by {
        return Ok(Scan::Late(unit.number));
    }
    assert_in_treatment(design, then)?;
    if unit.is_withdrawn {
        Err(Refusal::KitState(unit.number.kit.to_string()))
    } else {
        Ok(Scan::Right(unit.number))
    }
}

/// Decides whether a unit is thrown away: late or not, while nothing else has become of it.
///
/// # Errors
/// [`Refusal::UnitState`].
pub fn discard(number: UnitNumber, end: Option<UnitEnd>) -> Result<(), Refusal> {
    end.map_or(Ok(()), |end| Err(Refusal::UnitState(number.to_string(), end.into())))
}

fn assert_in_treatment(design: &StudyDesign, treatment: Treatment) -> Result<(), Refusal> {
    may_be_treated(design, treatment.state, treatment.code_broken)?;
    if treatment.on_hold { Err(Refusal::OnHold("dispensing")) } else { Ok(()) }
}

fn not_to_come(field: &str, at: Moment, clock: Moment) -> Result<(), Refusal> {
    if at > clock { Err(Refusal::field(field, "must not be in the future")) } else { Ok(()) }
}

/// Until when a unit may be used: so many hours after its preparation, which are elapsed time whatever a clock at the
/// site shows, and never after the last second of the kit's own label expiry there.
pub fn use_by(prepared_at: Moment, hours: u32, label_expiry: Day, zone: Tz) -> Moment {
    let limit = prepared_at.plus_seconds(i64::from(hours).saturating_mul(3_600));
    let next = label_expiry.succ_opt().and_then(|next| first_of(next, zone));
    next.map_or(limit, |next| limit.min(next.plus_seconds(-1)))
}

/// The first moment of a day. Where clocks go forward at midnight, the day begins later.
fn first_of(day: NaiveDate, zone: Tz) -> Option<Moment> {
    let begins = |hour| zone.from_local_datetime(&day.and_hms_opt(hour, 0, 0)?).earliest();
    (0..4).find_map(begins).map(|first| Moment::new(first.to_utc()))
}

#[cfg(test)]
mod tests;
