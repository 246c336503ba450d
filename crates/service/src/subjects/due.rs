//! Which visits are to come: of each subject in the study the next one with its window, the ones before it of which the
//! window has closed, and the visit whose kits come next. Nothing here knows an arm.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use store::Conn;
use store::rows::{dispensation, randomization, subject, unblinding, visit};
use strum::{Display, IntoStaticStr, VariantArray};
use terms::{Day, RandomizationNumber, SiteId, StudyId, SubjectId, VisitId};
use trial::study::{StudyDesign, Visit};
use trial::{Action, SubjectState};

use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::Shared;
use crate::site::{day_in, zones};

/// A visit that is to come, or to which nobody came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The subject.
    pub subject: SubjectId,
    /// The site.
    pub site: SiteId,
    /// The visit.
    pub visit: VisitId,
    /// The planned day with the first and the last day of the window.
    pub days: [Day; 3],
    /// How its window lies to the day at the site.
    pub timing: Timing,
    /// Whether it is still to take place: it is neither recorded, nor were kits dispensed at it or a later one.
    pub is_to_take_place: bool,
    /// Whether kits are still to be dispensed at it.
    pub has_kits: bool,
}

/// How a window lies to today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Timing {
    /// It has closed.
    Late,
    /// Today lies in it.
    Open,
    /// It has not opened yet.
    Ahead,
}

/// The visits that are due to the subjects within the reader's reach who are in the study, by the day on which their
/// windows open.
///
/// # Errors
/// The refusals of authorization.
pub fn due(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Due>, Failure> {
    case::read(service, caller, study, Action::ReadSubjects, |conn, scene| {
        let mut within = subject::standing(conn, study)?;
        within.retain(|row| scene.authority.reaches(&row.site).is_ok());
        let mut known = Known::read(conn, scene)?;
        if within.iter().any(|row| is_followed(row.state) && !known.day_one.contains_key(&row.id)) {
            known.begin(&randomization::numbered(conn, study)?)?;
        }
        let mut due = Vec::new();
        for row in within {
            due.extend(known.due_to(scene, &row)?);
        }
        due.sort_by(|one, other| (one.days[1], &one.subject).cmp(&(other.days[1], &other.subject)));
        Ok(due)
    })
}

/// A subject as it stands on the list of them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The screening number.
    pub id: SubjectId,
    /// The site.
    pub site: SiteId,
    /// What has become of the subject.
    pub state: SubjectState,
    /// What the site wrote down at randomization.
    pub number: Option<RandomizationNumber>,
    /// Whether the code was broken.
    pub is_broken: bool,
    /// The visits that are to take place, or to which nobody came.
    pub due: Vec<Due>,
}

/// The subjects within the reader's reach with what is due to them, in the order of their screening numbers.
///
/// # Errors
/// The refusals of authorization.
pub fn listed(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Listed>, Failure> {
    case::read(service, caller, study, Action::ReadSubjects, |conn, scene| {
        let randomized = randomization::numbered(conn, study)?;
        let mut known = Known::read(conn, scene)?;
        known.begin(&randomized)?;
        let numbers: BTreeMap<_, _> = randomized.into_iter().map(|row| (row.subject, row.number)).collect();
        let broken = unblinding::all(conn, study)?.into_iter();
        let broken: BTreeSet<SubjectId> = broken.map(|broken| broken.subject).collect();
        let rows = subject::standing(conn, study)?.into_iter();
        let within = rows.filter(|row| scene.authority.reaches(&row.site).is_ok());
        let listed = within.map(|row| {
            let mut due = known.due_to(scene, &row)?;
            due.retain(|due| due.is_to_take_place);
            let (number, is_broken) = (numbers.get(&row.id).copied(), broken.contains(&row.id));
            let subject::Standing { id, site, state } = row;
            Ok(Listed { id, site, state, number, is_broken, due })
        });
        listed.collect()
    })
}

/// Visits of each subject who has any.
type Visits = BTreeMap<SubjectId, BTreeSet<VisitId>>;

/// What is known of all subjects of the study, read at once.
struct Known {
    zones: BTreeMap<SiteId, Tz>,
    /// Day 1 of each subject who has one.
    day_one: BTreeMap<SubjectId, Day>,
    dispensed: Visits,
    recorded: Visits,
}

impl Known {
    fn read(conn: &mut Conn, scene: &Scene<'_>) -> Result<Self, Failure> {
        let zones = zones(conn, &scene.study)?;
        let mut day_one = BTreeMap::new();
        let mut dispensed = Visits::new();
        for (subject, visit, day) in dispensation::days(conn, &scene.study)? {
            let first: &mut Day = day_one.entry(subject.clone()).or_insert(day);
            *first = day.min(*first);
            dispensed.entry(subject).or_default().insert(visit);
        }
        let mut recorded = Visits::new();
        for record in visit::all(conn, &scene.study)? {
            recorded.entry(record.subject).or_default().insert(record.visit);
        }
        Ok(Self { zones, day_one, dispensed, recorded })
    }

    /// Until somebody is given kits, day 1 is that of the randomization.
    fn begin(&mut self, randomized: &[randomization::Numbered]) -> Result<(), Failure> {
        for row in randomized.iter().filter(|row| !self.dispensed.contains_key(&row.subject)) {
            let zone = self.zones.get(&row.site).ok_or_else(|| missing("site"))?;
            self.day_one.insert(row.subject.clone(), day_in(*zone, row.at));
        }
        Ok(())
    }

    fn due_to(&self, scene: &Scene<'_>, row: &subject::Standing) -> Result<Vec<Due>, Failure> {
        let Some(day_one) = self.day_one.get(&row.id) else { return Ok(Vec::new()) };
        let zone = self.zones.get(&row.site).ok_or_else(|| missing("site"))?;
        let kits = self.next_kits(scene, row);
        let [recorded, dispensed] = [&self.recorded, &self.dispensed].map(|visits| visits.get(&row.id));
        let came = |visit: &Visit| {
            [recorded, dispensed].into_iter().flatten().any(|visits| visits.contains(&visit.id))
        };
        let today = day_in(*zone, scene.now);
        let timing = Timing::to_come(scene.design(), row.state, Some(*day_one), today, came);
        let due = scene.design().visits.iter();
        let due = due.filter(|visit| timing.contains_key(&visit.id) || kits == Some(&visit.id));
        let read = |visit: &Visit| Due {
            subject: row.id.clone(),
            site: row.site.clone(),
            visit: visit.id.clone(),
            days: visit.days(*day_one),
            timing: Timing::of(visit.days(*day_one), today),
            is_to_take_place: timing.contains_key(&visit.id),
            has_kits: kits == Some(&visit.id),
        };
        Ok(due.map(read).collect())
    }

    /// The visit whose kits come next: the first after the last one that had some, while the subject is in treatment.
    fn next_kits<'a>(&self, scene: &'a Scene<'_>, row: &subject::Standing) -> Option<&'a VisitId> {
        if row.state != SubjectState::InTreatment {
            return None;
        }
        let visits: Vec<_> = scene.design().dispensing_visits().map(|(visit, _)| &visit.id).collect();
        let dispensed = self.dispensed.get(&row.id);
        let has = |visit: &VisitId| dispensed.is_some_and(|visits| visits.contains(visit));
        let next = visits.iter().rposition(|visit| has(visit)).map_or(0, |last| last + 1);
        visits.get(next).copied()
    }
}

/// Whether visits are still to come.
const fn is_followed(state: SubjectState) -> bool {
    matches!(state, SubjectState::InTreatment | SubjectState::OffDrug)
}

impl Timing {
    /// The visits that are to come of a subject: the next one, and those before it of which the window has closed and
    /// to which nobody came since the last visit that took place. What was planned before day 1 is past when there is
    /// one.
    pub(super) fn to_come(
        design: &StudyDesign,
        state: SubjectState,
        day_one: Option<Day>,
        today: Day,
        came: impl Fn(&Visit) -> bool,
    ) -> BTreeMap<VisitId, Self> {
        let Some(day_one) = day_one.filter(|_day| is_followed(state)) else { return BTreeMap::new() };
        let planned: Vec<&Visit> = design.visits.iter().filter(|visit| visit.offset() >= 0).collect();
        let first = planned.iter().rposition(|visit| came(visit)).map_or(0, |last| last + 1);
        let mut to_come = BTreeMap::new();
        for visit in planned.iter().skip(first) {
            let timing = Self::of(visit.days(day_one), today);
            to_come.insert(visit.id.clone(), timing);
            if timing != Self::Late {
                break;
            }
        }
        to_come
    }

    /// How the window lies to the day.
    pub fn of([_planned, earliest, latest]: [Day; 3], today: Day) -> Self {
        if latest < today {
            Self::Late
        } else if earliest <= today {
            Self::Open
        } else {
            Self::Ahead
        }
    }
}
