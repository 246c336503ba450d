//! Asking which kits to hand over at a visit.

use chrono::TimeDelta;
use terms::{Arm, Day, KitNumber, Sealed, SubjectId, VisitId};

use super::supply::{self, Allocation, Need, Shelf};
use crate::study::{AfterUnblinding, Anchor, Dispensing, SealedDesign, StudyDesign, Visit};
use crate::{Refusal, SubjectState};

/// A dispensation that was made before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The visit.
    pub visit: VisitId,
    /// The day at the site on which it was made.
    pub day: Day,
    /// The last day at the site on which a kit of it was handed over; none so far.
    pub handed_over: Option<Day>,
}

/// The latest allocation for the visit, not yet revealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Which allocation for this visit it is, from 1.
    pub attempt: u32,
    /// Its kits that still lie at the site for the subject, by slot, with the label expiry of each.
    pub kits: Vec<(KitNumber, Day)>,
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
    /// Kits that had been waiting, in a set that no longer lasts through the dosing days: they are put aside
    /// together.
    pub set_aside: Vec<KitNumber>,
    /// Whether today lies in the visit's window.
    pub in_window: bool,
}

/// Decides which kits to hand over (KIT-06, KIT-07, KIT-16).
///
/// Checked in this order: the subject's state, what a code break ends, a hold, the visit, the order of visits, the
/// safety minimum between courses, the window, the shelf. A window warns and asks for a reason; only the safety
/// minimum blocks.
///
/// # Errors
/// The first check that fails.
pub fn decide(
    design: &StudyDesign,
    sealed: &SealedDesign,
    visit: &VisitId,
    facts: &Facts,
) -> Result<Handover, Refusal> {
    may_be_treated(design, facts.state, facts.code_broken)?;
    if facts.on_hold {
        return Err(Refusal::OnHold("dispensing"));
    }
    let planned = design.visit(visit).ok_or(Refusal::NoDispensingVisit)?;
    let dispensing = planned.dispensing.as_ref().ok_or(Refusal::NoDispensingVisit)?;
    check_order(design, planned, facts)?;
    check_minimum(design, planned, dispensing, facts)?;
    let in_window = is_in_window(design, planned, facts);
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

/// Whether anything may still be handed to the subject.
///
/// # Errors
/// [`Refusal::NotRandomized`], [`Refusal::SubjectState`].
pub(super) fn may_be_treated(
    design: &StudyDesign,
    state: SubjectState,
    code_broken: bool,
) -> Result<(), Refusal> {
    match state {
        SubjectState::InTreatment => {}
        SubjectState::Screened => return Err(Refusal::NotRandomized),
        state => return Err(Refusal::SubjectState(state.words())),
    }
    match design.schedule.after_unblinding {
        AfterUnblinding::StopsTreatment if code_broken => Err(Refusal::SubjectState("unblinded")),
        AfterUnblinding::StopsTreatment | AfterUnblinding::Continues => Ok(()),
    }
}

/// The safety minimum counts from the first day of the last course handed out to the first day of the next. Where
/// courses are handed out ahead, each begins so many days after its kits were given; kits that were given later than
/// they were dispensed began later, too.
fn check_minimum(
    design: &StudyDesign,
    visit: &Visit,
    dispensing: &Dispensing,
    facts: &Facts,
) -> Result<(), Refusal> {
    let last_begun = facts.past.iter().filter_map(|past| {
        let visit = design.visit(&past.visit)?;
        let last = visit.dispensing.as_ref()?.courses.last()?;
        let given = past.handed_over.map_or(past.day, |day| day.max(past.day));
        given.checked_add_signed(wait(design, visit, *last))
    });
    let Some(last_begun) = last_begun.max() else { return Ok(()) };
    let minimum = TimeDelta::days(i64::from(design.schedule.minimum_days_between_courses));
    let first = dispensing.courses.first().map_or(TimeDelta::zero(), |first| wait(design, visit, *first));
    let earliest = last_begun.checked_add_signed(minimum - first).unwrap_or(Day::MAX);
    if facts.today < earliest { Err(Refusal::TooSoon(earliest.to_string())) } else { Ok(()) }
}

/// How long after the visit that hands it out a course begins.
fn wait(design: &StudyDesign, visit: &Visit, course: u32) -> TimeDelta {
    let course = design.courses.iter().find(|planned| planned.number == course);
    // Courses begin on day 1 or later, so their offset is one less than their day.
    let offset = course.map_or(visit.offset(), |course| course.day.saturating_sub(1));
    TimeDelta::days(i64::from(offset.saturating_sub(visit.offset())))
}

/// The window is counted from the day of the first dispensation or, where the design says so, from that of the one
/// before; at the first itself, today is day 1.
fn is_in_window(design: &StudyDesign, visit: &Visit, facts: &Facts) -> bool {
    let day_one = match design.schedule.anchor {
        Anchor::FirstDose => facts.past.iter().map(|past| past.day).min(),
        Anchor::PreviousCourse => facts.past.iter().max_by_key(|past| past.day).map(|past| {
            let offset = design.visit(&past.visit).map_or(0, Visit::offset);
            past.day.checked_sub_signed(TimeDelta::days(i64::from(offset))).unwrap_or(Day::MIN)
        }),
    };
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
    let count = usize::try_from(dispensing.kits).unwrap_or(usize::MAX);
    let lasts = |(_, expiry): &(KitNumber, Day)| ledger::usable_through(*expiry, through, margin);
    let kits = |waiting: &Waiting| waiting.kits.iter().map(|(kit, _)| *kit).collect();
    let (before, set_aside) = match &facts.waiting {
        Some(waiting) if waiting.kits.len() == count && waiting.kits.iter().all(lasts) => {
            let visit = visit.clone();
            let allocation = Allocation { visit, attempt: waiting.attempt, through, kits: kits(waiting) };
            return Ok(Handover { allocation, newly_allocated: false, set_aside: Vec::new(), in_window });
        }
        Some(waiting) => (waiting.attempt, kits(waiting)),
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

#[cfg(test)]
mod tests;
