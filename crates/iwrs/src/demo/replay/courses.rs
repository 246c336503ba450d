//! The courses: a kit is handed over at each, one is lost and one damaged, and what was taken home comes back.

use serde_json::{Value, json};

use super::Replay;
use super::calendar::Course;
use crate::client::{ClientError, rows_at, text_at};

/// This kit falls down before it is handed over.
const DAMAGED: (&str, usize) = ("S-003", 2);
/// This one is left on the tram.
const LOST: (&str, usize) = ("S-010", 1);
/// These subjects miss a dose of this course.
const MISSED: [(&str, usize); 2] = [("S-012", 1), ("S-030", 3)];

/// How many courses lack a dose.
pub(super) const DOSES_MISSED: usize = MISSED.len();

/// A kit that a subject has taken home, and how many of its vials are going to be used.
pub(super) struct Taken {
    kit: String,
    used: u32,
}

impl Replay {
    /// The courses that begin in this week, of all who were randomized.
    pub(super) fn hand_over(&mut self, week: i64) -> Result<(), ClientError> {
        for course in self.calendar.courses(week) {
            if self.randomized.contains(&course.subject) {
                self.begin_course(&course)?;
            }
            self.progress.inc(1);
        }
        Ok(())
    }

    fn begin_course(&mut self, course: &Course) -> Result<(), ClientError> {
        let path = self.cast.path(&format!("/subjects/{}/dispensations", course.subject));
        let answer = self.cast.act("pharmacist", None, &path, &json!({ "visit": course.visit }));
        let Some(told) = self.unless_short(answer)? else { return Ok(()) };
        let dispensation = text_at(&told, "/dispensation/id");
        for kit in rows_at(&told, "/dispensation/kits") {
            let Some(kit) = self.give(dispensation, course, kit)? else { continue };
            let all = self.design.supply.vials_per_kit;
            let used = if course.is_in(&MISSED) { all.saturating_sub(1) } else { all };
            self.taken.push(Taken { kit, used });
        }
        Ok(())
    }

    /// Hands a kit over, or the one that takes its place; none when there is none to replace it.
    fn give(
        &mut self,
        dispensation: &str,
        course: &Course,
        kit: &Value,
    ) -> Result<Option<String>, ClientError> {
        let mut kit = kit.as_str().unwrap_or_default().to_owned();
        if course.is_in(&[DAMAGED]) {
            let Some(other) = self.replace(dispensation, &kit, "damaged")? else { return Ok(None) };
            kit = other;
        }
        self.confirm(dispensation, &kit)?;
        if course.is_in(&[LOST]) {
            let Some(other) = self.replace(dispensation, &kit, "lost")? else { return Ok(None) };
            kit = other;
            self.confirm(dispensation, &kit)?;
        }
        Ok(Some(kit))
    }

    fn confirm(&self, dispensation: &str, kit: &str) -> Result<(), ClientError> {
        let path = self.cast.path(&format!("/dispensations/{dispensation}/confirmation"));
        self.cast.act("pharmacist", None, &path, &json!({ "kit_number": kit })).map(drop)
    }

    fn replace(&mut self, dispensation: &str, kit: &str, why: &str) -> Result<Option<String>, ClientError> {
        let path = self.cast.path(&format!("/dispensations/{dispensation}/replacements"));
        let body = json!({ "kit_number": kit, "reason": why });
        let answer = self.cast.act("pharmacist", None, &path, &body);
        let replaced = self.unless_short(answer)?;
        Ok(replaced.map(|replaced| text_at(&replaced, "/replacement/kit_number").to_owned()))
    }

    /// What was taken home on the Monday before comes back, and its vials are counted.
    pub(super) fn count_returns(&mut self) -> Result<(), ClientError> {
        for Taken { kit, used } in std::mem::take(&mut self.taken) {
            let unused = self.design.supply.vials_per_kit.saturating_sub(used);
            let count = json!({ "used": used, "unused": unused, "missing": 0 });
            self.cast.act("pharmacist", None, &self.cast.path(&format!("/kits/{kit}/return")), &count)?;
        }
        Ok(())
    }
}

impl Course {
    fn is_in(&self, courses: &[(&str, usize)]) -> bool {
        courses.contains(&(self.subject.as_str(), self.number))
    }
}
