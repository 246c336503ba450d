//! The subjects of a rehearsal: when they come, which arm they have, what they are due.

use std::collections::BTreeMap;

use ledger::VisitDue;
use terms::{Arm, Day, SubjectId, VisitId};

use super::chance::Chance;
use super::later;
use crate::study::{Anchor, Dispensing, StudyDesign, Visit};

/// Everybody who will come, in order of coming.
pub(super) struct Enrolled<'d> {
    design: &'d StudyDesign,
    visits: Vec<(&'d Visit, &'d Dispensing)>,
    subjects: Vec<Subject>,
    randomized: u32,
    by_stratum: Vec<u32>,
}

struct Subject {
    id: SubjectId,
    comes: Day,
    stratum: u32,
    treatment: Option<Treatment>,
}

/// What is known of a subject who is randomized.
struct Treatment {
    arm: Arm,
    day_one: Day,
    /// How many visits with kits were served.
    served: usize,
    /// When the subject comes for the next one.
    next: Day,
}

/// A subject who comes for kits.
pub(super) struct Visiting<'d> {
    pub(super) place: usize,
    pub(super) visit: VisitId,
    pub(super) dispensing: &'d Dispensing,
}

impl<'d> Enrolled<'d> {
    pub(super) fn new(design: &'d StudyDesign, first: Day, days: u32, chance: &mut Chance) -> Self {
        let strata = u32::try_from(design.strata().len()).unwrap_or(1);
        let mut comes: Vec<Day> =
            (0..design.allocation.target).map(|_| later(first, chance.up_to(days.max(1) - 1))).collect();
        comes.sort_unstable();
        let subject = |(number, comes): (u32, Day)| {
            let id = SubjectId::parse(&format!("S{number:04}")).ok()?;
            Some(Subject { id, comes, stratum: chance.up_to(strata - 1), treatment: None })
        };
        Self {
            design,
            visits: design.dispensing_visits().collect(),
            subjects: (1..).zip(comes).filter_map(subject).collect(),
            randomized: 0,
            by_stratum: design.strata().iter().map(|_| 0).collect(),
        }
    }

    /// Whether everybody has all kits.
    pub(super) fn is_complete(&self) -> bool {
        let done = |subject: &Subject| {
            subject.treatment.as_ref().is_some_and(|treatment| treatment.served >= self.visits.len())
        };
        self.subjects.iter().all(done)
    }

    pub(super) fn to_randomize(&self) -> u32 {
        self.design.allocation.target.saturating_sub(self.randomized)
    }

    pub(super) fn subject(&self, place: usize) -> Option<&SubjectId> {
        self.subjects.get(place).map(|subject| &subject.id)
    }

    pub(super) fn arm(&self, place: usize) -> Option<Arm> {
        self.subjects.get(place)?.treatment.as_ref().map(|treatment| treatment.arm)
    }

    pub(super) fn arms(&self) -> BTreeMap<SubjectId, Arm> {
        let arm = |subject: &Subject| Some((subject.id.clone(), subject.treatment.as_ref()?.arm));
        self.subjects.iter().filter_map(arm).collect()
    }

    /// Who has come and is not randomized yet.
    pub(super) fn waiting(&self, today: Day) -> Vec<usize> {
        let waits = |(_, subject): &(usize, &Subject)| subject.treatment.is_none() && subject.comes <= today;
        self.subjects.iter().enumerate().filter(waits).map(|(place, _)| place).collect()
    }

    /// The stratum of a subject and the next position of its list.
    pub(super) fn next_position(&self, place: usize) -> (u32, u32) {
        let stratum = self.subjects.get(place).map_or(0, |subject| subject.stratum);
        let used = usize::try_from(stratum).ok().and_then(|stratum| self.by_stratum.get(stratum));
        (stratum, used.copied().unwrap_or(0))
    }

    pub(super) fn randomize(
        &mut self,
        place: usize,
        arm: Arm,
        today: Day,
        chance: &mut Chance,
    ) -> Option<SubjectId> {
        let (stratum, _) = self.next_position(place);
        let next = self.comes_next(today, 0, today, chance);
        let subject = self.subjects.get_mut(place)?;
        subject.treatment = Some(Treatment { arm, day_one: today, served: 0, next });
        self.randomized += 1;
        if let Some(used) = usize::try_from(stratum).ok().and_then(|stratum| self.by_stratum.get_mut(stratum))
        {
            *used += 1;
        }
        Some(subject.id.clone())
    }

    /// Notes that the kits of the next visit were given.
    pub(super) fn served(&mut self, place: usize, today: Day, chance: &mut Chance) {
        let known = self.subjects.get(place).and_then(|subject| subject.treatment.as_ref());
        let Some((day_one, served)) = known.map(|known| (known.day_one, known.served + 1)) else { return };
        let next = self.comes_next(day_one, served, today, chance);
        if let Some(treatment) = self.subjects.get_mut(place).and_then(|subject| subject.treatment.as_mut()) {
            treatment.served = served;
            treatment.next = next;
        }
    }

    /// A day of the visit's window by chance, but not sooner after the course before than is safe.
    fn comes_next(&self, day_one: Day, served: usize, last: Day, chance: &mut Chance) -> Day {
        let Some((visit, _)) = self.visits.get(served) else { return Day::MAX };
        let [_, earliest, latest] = visit.days(self.anchor(day_one, served, last));
        let width = u32::try_from((latest - earliest).num_days()).unwrap_or(0);
        let safe = later(last, self.design.schedule.minimum_days_between_courses);
        later(earliest, chance.up_to(width)).max(safe)
    }

    /// The day 1 from which the next visit is planned.
    fn anchor(&self, day_one: Day, served: usize, last: Day) -> Day {
        let before = served.checked_sub(1).and_then(|before| self.visits.get(before));
        match (self.design.schedule.anchor, before) {
            (Anchor::PreviousCourse, Some((visit, _))) => day_one + (last - visit.planned_day(day_one)),
            _ => day_one,
        }
    }

    /// Who comes for kits today, or was not served on an earlier day.
    pub(super) fn visiting(&self, today: Day) -> Vec<Visiting<'d>> {
        let visiting = |(place, subject): (usize, &Subject)| {
            let treatment = subject.treatment.as_ref().filter(|treatment| treatment.next <= today)?;
            let (visit, dispensing) = self.visits.get(treatment.served)?;
            Some(Visiting { place, visit: visit.id.clone(), dispensing })
        };
        self.subjects.iter().enumerate().filter_map(visiting).collect()
    }

    /// The visits that still need kits, from the first to the last day of their windows, as a plan takes them.
    pub(super) fn due_for_plan(&self, today: Day) -> Vec<VisitDue> {
        let mut due = Vec::new();
        for treatment in self.subjects.iter().filter_map(|subject| subject.treatment.as_ref()) {
            for (visit, dispensing) in self.visits.iter().skip(treatment.served) {
                let [_, earliest, latest] = visit.days(treatment.day_one);
                let through = dispensing.last_dosing_day(latest.max(today));
                due.push(VisitDue { day: earliest.max(today), through, kits: dispensing.kits });
            }
        }
        due
    }

    /// Who is due kits within the lead time, which are not promised to anybody new.
    pub(super) fn due_now(&self, today: Day) -> Vec<(SubjectId, Arm, u32)> {
        let end = later(today, self.design.supply.lead_days);
        let due = |subject: &Subject| {
            let treatment = subject.treatment.as_ref()?;
            let ahead = self.visits.iter().skip(treatment.served);
            let near = ahead.filter(|(visit, _)| visit.planned_day(treatment.day_one) <= end);
            let kits: u32 = near.map(|(_, dispensing)| dispensing.kits).sum();
            (kits > 0).then(|| (subject.id.clone(), treatment.arm, kits))
        };
        self.subjects.iter().filter_map(due).collect()
    }
}
