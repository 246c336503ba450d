//! What happens on which Monday. The pace of the course starts is that of 2015, week by week from 5 October; before
//! that the kits have to be on their way, and after it they have to come back.

use std::collections::BTreeMap;
use std::ops::Range;

use terms::Moment;
use trial::study::StudyDesign;

use crate::commands::Failure;

/// Subjects who are randomized on each Monday.
const ARRIVALS: [u32; 10] = [4, 4, 3, 4, 3, 4, 4, 3, 4, 3];
/// Weeks between two courses.
const WEEKS_BETWEEN_COURSES: i64 = 4;
/// The first Monday, at ten in the morning in Montpellier.
const FIRST_MONDAY: &str = "2015-10-05T08:00:00Z";
const WEEK: i64 = 7 * 24 * 3600;

/// The weeks of the play, counted from the Monday of the first subjects, which is 0.
pub(super) struct Calendar {
    first: Moment,
    /// The visits at which a course is handed out, in order.
    visits: Vec<String>,
    /// From the order of a shipment to its arrival.
    lead: i64,
}

/// A course of a subject.
pub(super) struct Course {
    pub(super) subject: String,
    /// Which of the subject's courses, from 1.
    pub(super) number: usize,
    pub(super) visit: String,
}

impl Calendar {
    pub(super) fn of(design: &StudyDesign) -> Result<Self, Failure> {
        let first = Moment::parse(FIRST_MONDAY).ok_or_else(|| Failure::Refused("no such day".to_owned()))?;
        let visits = design.dispensing_visits().map(|(visit, _)| visit.id.to_string()).collect();
        Ok(Self { first, visits, lead: i64::from(design.supply.lead_days.div_ceil(7)) })
    }

    /// That Monday, at the hour at which everything happens.
    pub(super) fn at(&self, week: i64) -> Moment {
        self.first.plus_seconds(WEEK * week)
    }

    /// All kits leave the sponsor's stock, early enough to go to the depot and on to the site.
    pub(super) const fn opening(&self) -> i64 {
        -2 * self.lead
    }

    /// The first order for the site; from then on there is one every week.
    pub(super) const fn first_order(&self) -> i64 {
        -self.lead
    }

    /// When it arrives what was sent in this week.
    pub(super) const fn arrival(&self, sent: i64) -> i64 {
        sent + self.lead
    }

    /// The last courses have been taken, and their kits come back.
    pub(super) fn end(&self) -> i64 {
        let later = i64::try_from(self.visits.len().saturating_sub(1)).unwrap_or(0);
        number_of_mondays() + WEEKS_BETWEEN_COURSES * later
    }

    /// The courses that begin in a week.
    pub(super) fn courses(&self, week: i64) -> Vec<Course> {
        let mut courses = Vec::new();
        let mut began = week;
        for (before, visit) in self.visits.iter().enumerate() {
            let of =
                |place| Course { subject: screening_number(place), number: before + 1, visit: visit.clone() };
            courses.extend(arrivals(began).map(of));
            began -= WEEKS_BETWEEN_COURSES;
        }
        courses
    }

    /// The day of every course, by subject and visit.
    pub(super) fn days(&self) -> BTreeMap<(String, String), String> {
        let weeks = (0..self.end()).flat_map(|week| self.courses(week).into_iter().map(move |it| (week, it)));
        weeks.map(|(week, it)| ((it.subject, it.visit), day_of(&self.at(week).to_string()))).collect()
    }

    /// How many subjects and courses there are.
    pub(super) fn size(&self) -> u64 {
        let subjects: u32 = ARRIVALS.iter().sum();
        let courses = u32::try_from(self.visits.len()).unwrap_or(0) * subjects;
        u64::from(subjects + courses)
    }
}

/// The subjects who arrive on a Monday, each by the place in the order of all.
pub(super) fn arrivals(week: i64) -> Range<u32> {
    let Ok(monday) = usize::try_from(week) else { return 0..0 };
    let before: u32 = ARRIVALS.iter().take(monday).sum();
    before..before + ARRIVALS.get(monday).copied().unwrap_or(0)
}

/// The screening number of the subject at this place.
pub(super) fn screening_number(place: u32) -> String {
    format!("S-{:03}", place + 1)
}

/// The day of an instant as an answer has it. Everything happens in the morning, when the day in Montpellier is that of
/// UTC.
pub(super) fn day_of(instant: &str) -> String {
    instant.chars().take_while(|letter| *letter != 'T').collect()
}

fn number_of_mondays() -> i64 {
    i64::try_from(ARRIVALS.len()).unwrap_or(0)
}
