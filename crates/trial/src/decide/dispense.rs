//! Asking which kits to hand over at a visit.

use terms::{Arm, Day, KitNumber, Sealed, SubjectId, VisitId};

use super::supply::{self, Allocation, Need, Shelf};
use crate::study::{Dispensing, SealedDesign, StudyDesign, Visit};
use crate::{Refusal, SubjectState};

/// A dispensation that was made before, with the day on which it was made at the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The visit.
    pub visit: VisitId,
    /// The day.
    pub day: Day,
}

/// Kits that are allocated to the visit and not yet revealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which allocation for this visit it is, from 1.
    pub attempt: u32,
    /// The kits by slot, with the label expiry of each.
    pub kits: Vec<(KitNumber, Day)>,
}

/// What is known when the decision is taken.
pub struct Facts {
    /// The subject.
    pub subject: SubjectId,
    /// What has become of the subject so far.
    pub state: SubjectState,
    /// Whether dispensing is on hold, in the study or at the site.
    pub on_hold: bool,
    /// The day at the site.
    pub today: Day,
    /// The dispensations so far.
    pub past: Vec<Past>,
    /// The kits that wait for this visit.
    pub waiting: Option<Waiting>,
    /// Whether a reason for a visit outside its window was given.
    pub reason_given: bool,
    /// The subject's arm.
    pub arm: Sealed<Arm>,
    /// The site's shelf.
    pub shelf: Shelf,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The kits to hand over.
    pub allocation: Allocation,
    /// Whether they were allocated now; otherwise they had been waiting.
    pub newly_allocated: bool,
    /// Kits that had been waiting and no longer last through the dosing days: they are put aside.
    pub set_aside: Vec<KitNumber>,
    /// Whether today lies in the visit's window.
    pub in_window: bool,
}

/// Decides which kits to hand over (KIT-06, KIT-07, KIT-16).
///
/// Checked in this order: the subject's state, a hold, the visit, the order of visits, the safety minimum between
/// courses, the window, the shelf. A window warns and asks for a reason; only the safety minimum blocks.
///
/// # Errors
/// The first check that fails.
pub fn decide(
    design: &StudyDesign,
    sealed: &SealedDesign,
    visit: &VisitId,
    facts: &Facts,
) -> Result<Handover, Refusal> {
    match facts.state {
        SubjectState::InTreatment => {}
        SubjectState::Screened => return Err(Refusal::NotRandomized),
        state => return Err(Refusal::SubjectState(state.words())),
    }
    if facts.on_hold {
        return Err(Refusal::OnHold("dispensing"));
    }
    let planned = design.visit(visit).ok_or(Refusal::NoDispensingVisit)?;
    let dispensing = planned.dispensing.as_ref().ok_or(Refusal::NoDispensingVisit)?;
    check_order(design, planned, facts)?;
    check_minimum(design, facts)?;
    let in_window = is_in_window(planned, facts);
    if !in_window && !facts.reason_given {
        return Err(Refusal::OutsideWindow);
    }
    choose(design, sealed, (visit, dispensing), facts, in_window)
}

/// The first dispensing visit comes first, and none is dispensed after a later one.
fn check_order(design: &StudyDesign, visit: &Visit, facts: &Facts) -> Result<(), Refusal> {
    let is_first = design.first_dispensing == visit.id;
    let is_later = |past: &Past| design.visit(&past.visit).is_some_and(|done| done.day > visit.day);
    let later_done = facts.past.iter().any(is_later);
    if later_done || (facts.past.is_empty() && !is_first) { Err(Refusal::VisitOutOfOrder) } else { Ok(()) }
}

/// The safety minimum counts from the first day of one course to the first day of the next.
fn check_minimum(design: &StudyDesign, facts: &Facts) -> Result<(), Refusal> {
    let Some(last) = facts.past.iter().map(|past| past.day).max() else { return Ok(()) };
    let minimum = chrono::Days::new(u64::from(design.schedule.minimum_days_between_courses));
    let earliest = last.checked_add_days(minimum).unwrap_or(Day::MAX);
    if facts.today < earliest { Err(Refusal::TooSoon(earliest.to_string())) } else { Ok(()) }
}

/// The window is counted from the day of the first dispensation; at that one itself, today is day 1.
fn is_in_window(visit: &Visit, facts: &Facts) -> bool {
    let day_one = facts.past.iter().map(|past| past.day).min();
    day_one.is_none_or(|day_one| visit.window_holds(day_one, facts.today))
}

fn choose(
    design: &StudyDesign,
    sealed: &SealedDesign,
    (visit, dispensing): (&VisitId, &Dispensing),
    facts: &Facts,
    in_window: bool,
) -> Result<Handover, Refusal> {
    let through = dispensing.last_dosing_day(facts.today);
    let margin = design.supply.expiry_margin_days;
    if let Some(waiting) = &facts.waiting
        && waiting.kits.iter().all(|(_, expiry)| ledger::usable_through(*expiry, through, margin))
    {
        let kits = waiting.kits.iter().map(|(kit, _)| *kit).collect();
        let allocation = Allocation { visit: visit.clone(), attempt: waiting.attempt, through, kits };
        return Ok(Handover { allocation, newly_allocated: false, set_aside: Vec::new(), in_window });
    }
    let (before, set_aside) = match &facts.waiting {
        Some(waiting) => (waiting.attempt, waiting.kits.iter().map(|(kit, _)| *kit).collect()),
        None => (0, Vec::new()),
    };
    let need = Need {
        study: &design.id,
        subject: &facts.subject,
        visit,
        attempt: before.saturating_add(1),
        through,
        count: dispensing.kits,
    };
    let allocation = supply::allocate(design, sealed, &facts.shelf, &need, &facts.arm)?;
    Ok(Handover { allocation, newly_allocated: true, set_aside, in_window })
}
