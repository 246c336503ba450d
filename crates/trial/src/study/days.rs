//! Calendar days of a plan.

use chrono::{Days, TimeDelta};
use ledger::VisitDue;
use terms::{Day, VisitId};

use super::{Dispensing, StudyDesign, Visit};

impl Dispensing {
    /// The last dosing day that is covered when the kits are handed out on this day.
    pub fn last_dosing_day(&self, handed_out: Day) -> Day {
        handed_out.checked_add_days(Days::new(u64::from(self.last_dosing_offset))).unwrap_or(Day::MAX)
    }
}

impl Visit {
    /// The planned day, counted from day 1.
    pub fn planned_day(&self, day_one: Day) -> Day {
        after(day_one, self.offset())
    }

    /// The planned day, and the first and the last day of the window, counted from day 1.
    pub fn days(&self, day_one: Day) -> [Day; 3] {
        [self.offset(), self.earliest_offset(), self.latest_offset()].map(|offset| after(day_one, offset))
    }

    /// Whether the day lies in the visit's window, both ends included, counted from day 1.
    pub fn window_holds(&self, day_one: Day, day: Day) -> bool {
        (after(day_one, self.earliest_offset())..=after(day_one, self.latest_offset())).contains(&day)
    }
}

impl StudyDesign {
    /// The visits at which kits are handed out, in order.
    pub fn dispensing_visits(&self) -> impl Iterator<Item = (&Visit, &Dispensing)> {
        self.visits.iter().filter_map(|visit| Some((visit, visit.dispensing.as_ref()?)))
    }

    /// What is handed out at a visit; `None` for an unknown visit and one without dispensing.
    pub fn dispensing_at(&self, visit: &VisitId) -> Option<&Dispensing> {
        self.visit(visit)?.dispensing.as_ref()
    }

    /// The visits that still need kits of somebody in treatment, each with what it needs: those after the last one
    /// that has some, because an earlier one cannot be dispensed any more.
    pub fn visits_due(&self, has: impl Fn(&VisitId) -> bool, day_one: Day) -> Vec<(&Visit, VisitDue)> {
        let visits: Vec<_> = self.dispensing_visits().collect();
        let still_to_come = visits.into_iter().rev().take_while(|(visit, _)| !has(&visit.id));
        let due = still_to_come.map(|(visit, dispensing)| {
            let day = visit.planned_day(day_one);
            (visit, VisitDue { day, through: dispensing.last_dosing_day(day), kits: dispensing.kits })
        });
        due.collect()
    }
}

fn after(day_one: Day, offset: i32) -> Day {
    let end = if offset < 0 { Day::MIN } else { Day::MAX };
    day_one.checked_add_signed(TimeDelta::days(i64::from(offset))).unwrap_or(end)
}
