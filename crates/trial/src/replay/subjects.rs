//! Subjects: screening, randomization, holds and visits.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use terms::{Day, SiteId, SubjectId, VisitId};

use super::days::Days;
use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::act::{Act, ReplacedKit};
use crate::study::{StudyDesign, Visit};
use crate::{HoldOn, Stops, SubjectState};

/// Each subject is entered once, at one site, and randomized at most once, while in screening.
pub(super) fn are_randomized_once(records: &Records<'_>) -> Held {
    let mut subjects: BTreeMap<&SubjectId, (SubjectState, &Option<SiteId>)> = BTreeMap::new();
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::SubjectScreened { subject, .. } => {
                let again = subjects.insert(subject, (SubjectState::Screened, &leaf.site)).is_some();
                holds(!again, || format!("leaf {index} enters subject {subject} again"))?;
            }
            Act::ScreeningFailed { subject, .. } | Act::Randomized { subject, .. } => {
                let of = before(subjects.get_mut(subject), || {
                    format!("leaf {index} names subject {subject}, who was not entered")
                })?;
                holds(of.0 == SubjectState::Screened, || {
                    format!("leaf {index}: subject {subject} is {} already", of.0.words())
                })?;
                holds(*of.1 == leaf.site, || format!("leaf {index}: subject {subject} is of another site"))?;
                let randomized = matches!(leaf.act, Act::Randomized { .. });
                of.0 = if randomized { SubjectState::InTreatment } else { SubjectState::ScreenFailed };
            }
            _ => {}
        }
    }
    Ok(())
}

/// The n-th randomization of the study has the number n.
pub(super) fn numbers_have_no_gap(records: &Records<'_>) -> Held {
    let mut last = 0;
    let mut gap = None;
    for Record { index, leaf } in &records.shown {
        let Act::Randomized { number, .. } = &leaf.act else { continue };
        holds(number.ordinal() > last, || format!("leaf {index} gives number {number} again or late"))?;
        if number.ordinal() != last + 1 && gap.is_none() {
            gap = Some(format!("leaf {index} gives number {number}, and the last before it was {last}"));
        }
        last = number.ordinal();
    }
    gap.map_or(Ok(()), |why| Err(Wrong::Missing(why)))
}

/// Nobody is randomized, and nothing is dispensed or handed over, where that is on hold.
pub(super) fn holds_are_respected(records: &Records<'_>) -> Held {
    let mut placed = BTreeMap::new();
    for Record { index, leaf } in &records.shown {
        let stopped_by = match &leaf.act {
            Act::HoldPlaced { hold, on, .. } => {
                placed.insert(hold, (*on, &leaf.site));
                continue;
            }
            Act::HoldReleased { hold, .. } => {
                before(placed.remove(hold), || {
                    format!("leaf {index} releases hold {hold}, which is not on")
                })?;
                continue;
            }
            Act::Randomized { .. } => HoldOn::Randomization,
            Act::Dispensed { .. } | Act::HandedOver { .. } | Act::KitReplaced { .. } => HoldOn::Dispensing,
            Act::KitChecked(_) => HoldOn::Dispensing,
            _ => continue,
        };
        let on_hold =
            placed.values().any(|(on, site)| *on == stopped_by && (site.is_none() || **site == leaf.site));
        holds(!on_hold, || format!("leaf {index} was done while {stopped_by} was on hold"))?;
    }
    Ok(())
}

/// One dispensation for a visit of a subject, randomized before, and none once the drug was stopped.
pub(super) fn visits_are_dispensed_once(records: &Records<'_>) -> Held {
    let (mut randomized, mut stopped, mut done) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::Randomized { subject, .. } => drop(randomized.insert(subject)),
            Act::SubjectStopped { subject, stops: Stops::Drug | Stops::Study, .. } => {
                stopped.insert(subject);
            }
            Act::KitReplaced(ReplacedKit { subject, .. }) => holds(!stopped.contains(subject), || {
                format!("leaf {index} replaces a kit of subject {subject}, who had stopped")
            })?,
            Act::Dispensed { subject, visit, .. } => {
                before(randomized.get(subject), || {
                    format!("leaf {index} dispenses to subject {subject}, who was not randomized")
                })?;
                holds(!stopped.contains(subject), || {
                    format!("leaf {index} dispenses to subject {subject}, who had stopped")
                })?;
                holds(done.insert((subject, visit)), || {
                    format!("leaf {index} dispenses visit {visit} of subject {subject} again")
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The safety minimum, from the first day of the last course handed out to the first day of the next, in days at the
/// site.
pub(super) fn time_between_courses_is_kept(records: &Records<'_>) -> Held {
    let design = records.given.design.as_ref();
    let design = design.ok_or_else(|| Wrong::Unknown("no design was given".to_owned()))?;
    let minimum = TimeDelta::days(i64::from(design.schedule.minimum_days_between_courses));
    let (mut days, mut begun): (Days<'_>, BTreeMap<&SubjectId, Day>) = Default::default();
    for Record { index, leaf } in &records.shown {
        days.learn(leaf)?;
        let Act::Dispensed { subject, visit, .. } = &leaf.act else { continue };
        let (first, last) = waits(design, visit).ok_or_else(|| {
            Wrong::Contradiction(format!("leaf {index} dispenses visit {visit}, which hands out nothing"))
        })?;
        let day = days.of(leaf)?;
        let soonest = begun.get(subject).and_then(|begun| begun.checked_add_signed(minimum - first));
        holds(soonest.is_none_or(|soonest| soonest <= day), || {
            format!("leaf {index} dispenses to subject {subject} too soon after the last course")
        })?;
        begun.insert(subject, day.checked_add_signed(last).unwrap_or(Day::MAX));
    }
    Ok(())
}

/// How long after the visit the first and the last of its courses begin.
fn waits(design: &StudyDesign, visit: &VisitId) -> Option<(TimeDelta, TimeDelta)> {
    let visit = design.visit(visit)?;
    let courses = &visit.dispensing.as_ref()?.courses;
    Some((wait(design, visit, *courses.first()?)?, wait(design, visit, *courses.last()?)?))
}

fn wait(design: &StudyDesign, visit: &Visit, number: u32) -> Option<TimeDelta> {
    let course = design.courses.iter().find(|course| course.number == number)?;
    // Courses begin on day 1 or later, so there is no missing day 0 between.
    Some(TimeDelta::days(i64::from(course.day.saturating_sub(1).saturating_sub(visit.offset()))))
}
