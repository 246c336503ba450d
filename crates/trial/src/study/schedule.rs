//! Visits, courses, and how they hang together.
//!
//! Study days are counted as at the bedside: day 1 is the day of the first dose, the day before it is day -1, and
//! there is no day 0. An *offset* is the plain number of calendar days after day 1.

use std::collections::BTreeSet;

use terms::VisitId;

use super::fields::Fields;

/// From which day the later visits are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// From day 1, whatever happened since.
    FirstDose,
    /// From the actual day of the visit that handed out the course before.
    PreviousCourse,
}

/// What becomes of the treatment of a subject whose code was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterUnblinding {
    /// The subject goes on; the clinician may stop the drug by an act of its own.
    Continues,
    /// Nothing more is handed out to the subject.
    StopsTreatment,
}

/// The study's rules about time between visits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// From which day later visits are planned.
    pub anchor: Anchor,
    /// At least this many days from the first day of one course to the first of the next, 0 to 3650. It blocks;
    /// visit windows only warn.
    pub minimum_days_between_courses: u32,
    /// What follows a code break.
    pub after_unblinding: AfterUnblinding,
}

/// One course of treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// The course's number, from 1 without gaps.
    pub number: u32,
    /// The planned study day of its first dose, 1 or later.
    pub day: i32,
    /// The days in a row on which doses are given, 1 to 3650.
    pub dosing_days: u32,
}

/// One planned visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The visit's id, for example `D29`.
    pub id: VisitId,
    /// The planned study day; never 0.
    pub day: i32,
    /// How many days before the planned day are still in the window.
    pub before: u32,
    /// How many days after the planned day are still in the window.
    pub after: u32,
    /// What is handed out at this visit, if anything.
    pub dispensing: Option<Dispensing>,
}

/// What is handed out at a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispensing {
    /// The numbers of the courses that are handed out, in order, at least one.
    pub courses: Vec<u32>,
    /// How many kits that takes, in order of courses.
    pub kits: u32,
    /// The last dosing day covered, in days after the day of the visit.
    pub last_dosing_offset: u32,
}

impl Visit {
    /// The planned day as calendar days after day 1; negative before it.
    pub fn offset(&self) -> i32 {
        offset(self.day)
    }

    /// The first day of the window, as calendar days after day 1.
    pub fn earliest_offset(&self) -> i32 {
        self.offset().saturating_sub_unsigned(self.before)
    }

    /// The last day of the window, as calendar days after day 1.
    pub fn latest_offset(&self) -> i32 {
        self.offset().saturating_add_unsigned(self.after)
    }
}

/// Calendar days after day 1: there is no day 0, so day -1 is one day before day 1.
fn offset(day: i32) -> i32 {
    if day > 0 { day - 1 } else { day }
}

/// A study lasts at most this many days on either side of day 1.
const LONGEST: i64 = 3_650;

const ANCHORS: [(&str, Anchor); 2] =
    [("first_dose", Anchor::FirstDose), ("previous_course", Anchor::PreviousCourse)];

const AFTER_UNBLINDING: [(&str, AfterUnblinding); 2] =
    [("continues", AfterUnblinding::Continues), ("stops_treatment", AfterUnblinding::StopsTreatment)];

pub(super) fn read(root: &mut Fields<'_>) -> Option<Schedule> {
    root.table("schedule", |fields| {
        let anchor = fields.choice("anchor", &ANCHORS);
        let minimum = fields.whole("minimum_days_between_courses", 0..=LONGEST);
        let after_unblinding = fields.choice("after_unblinding", &AFTER_UNBLINDING);
        Some(Schedule {
            anchor: anchor?,
            minimum_days_between_courses: minimum?,
            after_unblinding: after_unblinding?,
        })
    })
}

pub(super) fn courses(root: &mut Fields<'_>) -> Option<Vec<Course>> {
    let mut next = 0;
    let courses = root.tables("courses", |fields| {
        next += 1;
        let number = course_number(fields, next);
        let day = fields.whole("day", 1..=LONGEST);
        let dosing_days = fields.whole("dosing_days", 1..=LONGEST);
        Some(Course { number: number?, day: day?, dosing_days: dosing_days? })
    })?;
    if courses.is_empty() {
        root.problem("courses", "must hold at least one course");
        return None;
    }
    Some(courses)
}

fn course_number(fields: &mut Fields<'_>, expected: u32) -> Option<u32> {
    let number: u32 = fields.whole("number", 1..=LONGEST)?;
    if number == expected {
        return Some(number);
    }
    fields.problem("number", format!("must be {expected}: courses are numbered from 1 in order"));
    None
}

/// The plan itself must keep the minimum between courses, or no subject ever could.
pub(super) fn check_distance(root: &Fields<'_>, courses: &[Course], schedule: Schedule) {
    let minimum = schedule.minimum_days_between_courses;
    for (i, pair) in courses.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let distance = i64::from(second.day) - i64::from(first.day);
        if distance < i64::from(minimum.max(1)) {
            let message = format!("must be at least {} days after the course before", minimum.max(1));
            root.problem_at(format!("courses[{}].day", i + 1), message);
        }
    }
}

/// Reads the visits; `courses` and `kits_per_course` are absent when they could not be read themselves.
pub(super) fn visits(
    root: &mut Fields<'_>,
    courses: Option<&[Course]>,
    kits_per_course: Option<u32>,
) -> Option<Vec<Visit>> {
    let mut ids = BTreeSet::new();
    let mut last_day = None;
    let mut handed_out: u32 = 0;
    let visits = root.tables("visits", |fields| {
        let id = visit_id(fields, &mut ids);
        let day = visit_day(fields, &mut last_day);
        let before = fields.whole("before", 0..=LONGEST);
        let after = fields.whole("after", 0..=LONGEST);
        let numbers: Option<Vec<u32>> = fields.wholes("courses", 1..=LONGEST);
        let dispensing = dispensing(fields, &numbers?, day?, courses?, kits_per_course?, &mut handed_out);
        Some(Visit { id: id?, day: day?, before: before?, after: after?, dispensing: dispensing? })
    })?;
    check_all_handed_out(root, courses?, handed_out);
    Some(visits)
}

fn visit_id(fields: &mut Fields<'_>, ids: &mut BTreeSet<String>) -> Option<VisitId> {
    let id = VisitId::parse(&fields.unique_text("id", ids)?);
    id.map_err(|bad| fields.problem("id", bad.to_string())).ok()
}

fn visit_day(fields: &mut Fields<'_>, last_day: &mut Option<i32>) -> Option<i32> {
    let day: i32 = fields.whole("day", -LONGEST..=LONGEST)?;
    if day == 0 {
        fields.problem("day", "must not be 0: the day before day 1 is day -1");
    } else if last_day.is_some_and(|last| day <= last) {
        fields.problem("day", "must be later than the visit before");
    }
    *last_day = Some(day);
    Some(day)
}

/// What a visit hands out: the next courses in order, none of which may have begun before the visit.
fn dispensing(
    fields: &Fields<'_>,
    numbers: &[u32],
    day: i32,
    courses: &[Course],
    kits_per_course: u32,
    handed_out: &mut u32,
) -> Option<Option<Dispensing>> {
    let mut last_dosing_offset = 0;
    for (i, number) in numbers.iter().enumerate() {
        let path = format!("{}[{i}]", fields.at("courses"));
        *handed_out += 1;
        let course = courses.iter().find(|course| course.number == *number);
        let Some(course) = course.filter(|course| course.number == *handed_out) else {
            fields
                .problem_at(path, format!("must be {handed_out}: every course is handed out once, in order"));
            return None;
        };
        let Ok(wait) = u32::try_from(offset(course.day) - offset(day)) else {
            fields.problem_at(path, "begins before this visit");
            return None;
        };
        last_dosing_offset = wait + course.dosing_days - 1;
    }
    if numbers.is_empty() {
        return Some(None);
    }
    let kits = kits_per_course * u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    Some(Some(Dispensing { courses: numbers.to_vec(), kits, last_dosing_offset }))
}

fn check_all_handed_out(root: &Fields<'_>, courses: &[Course], handed_out: u32) {
    for (i, course) in courses.iter().enumerate() {
        if course.number > handed_out {
            root.problem_at(format!("courses[{i}]"), "is handed out at no visit");
        }
    }
}
