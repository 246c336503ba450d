//! Reading subjects (`GET /studies/{study}/subjects`, `GET .../subjects/{subject}`), as everybody at the site may see
//! them: no field could hold an arm, and of a code break it is told that, when and by whom, never what (UNB-05).

use std::collections::BTreeMap;

use store::Conn;
use store::rows::{dispensation, randomization, subject, unblinding, visit};
use terms::{Day, Moment, RandomizationNumber, SiteId, StudyId, SubjectId, UserId, VisitId};
use trial::decide::visit::can_take_place;
use trial::study::{Levels, Visit};
use trial::{Action, Sex, SubjectState};

use super::due::Timing;
use super::leave::Left;
use super::record::{RecordedVisit, recorded};
use super::{day_one, within_reach};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::Shared;
use crate::site;

/// A subject, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The screening number.
    pub id: SubjectId,
    /// The site.
    pub site: SiteId,
    /// The year of birth.
    pub birth_year: u16,
    /// The sex.
    pub sex: Sex,
    /// What has become of the subject.
    pub state: SubjectState,
    /// Who entered the subject.
    pub screened_by: UserId,
    /// When.
    pub screened_at: Moment,
    /// What the site wrote down at randomization.
    pub number: Option<RandomizationNumber>,
    /// Whether the code was broken.
    pub is_broken: bool,
}

/// A subject with its visits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The subject.
    pub summary: Summary,
    /// When it was randomized, and to which place of the list.
    pub randomized: Option<(Moment, Placed)>,
    /// That the code was broken.
    pub broken: Option<Broken>,
    /// What the subject left, in order.
    pub ends: Vec<Left>,
    /// The visits of the design, in order.
    pub visits: Vec<PlannedVisit>,
    /// The day at the site.
    pub today: Day,
}

/// A place of the list by the words that an envelope has outside: so the right one is found with the service down
/// (UNB-06).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The levels of its stratum.
    pub levels: Levels,
    /// The position in it, from 0.
    pub position: u32,
}

/// That a code was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: UserId,
}

/// A visit of the design, with its days for this subject and what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedVisit {
    /// The visit.
    pub visit: VisitId,
    /// The planned day with the first and the last day of the window; none before randomization.
    pub days: Option<[Day; 3]>,
    /// Whether it can be recorded by now.
    pub is_recordable: bool,
    /// Whether kits are handed out at it.
    pub is_dispensing: bool,
    /// The day on which the pharmacist was told the kits.
    pub dispensed: Option<Day>,
    /// What was recorded last.
    pub recorded: Option<RecordedVisit>,
    /// How its window lies to today, while it is to come.
    pub timing: Option<Timing>,
}

/// The subjects within the reader's reach, in the order of their screening numbers.
///
/// # Errors
/// The refusals of authorization.
pub fn list(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Summary>, Failure> {
    case::read(service, caller, study, Action::ReadSubjects, |conn, scene| {
        let randomized = randomization::numbered(conn, &scene.study)?.into_iter();
        let numbers: BTreeMap<_, _> = randomized.map(|row| (row.subject, row.number)).collect();
        let broken = unblinding::all(conn, &scene.study)?;
        let rows = subject::all(conn, &scene.study)?.into_iter();
        let within = rows.filter(|row| scene.authority.reaches(&row.site).is_ok());
        let summed = within.map(|row| {
            let number = numbers.get(&row.id).copied();
            let is_broken = broken.iter().any(|broken| broken.subject == row.id);
            summary(row, number, is_broken)
        });
        Ok(summed.collect())
    })
}

/// One subject with its visits.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for a subject out of reach; the refusals of authorization.
pub fn one(service: &Shared, caller: &Caller, study: &StudyId, id: &SubjectId) -> Result<View, Failure> {
    case::read(service, caller, study, Action::ReadSubjects, |conn, scene| {
        let row = within_reach(conn, scene, id)?;
        let randomized = randomization::of_subject(conn, &scene.study, id)?;
        let broken = unblinding::of_subject(conn, &scene.study, id)?;
        let today = site::today(conn, scene, &row.site)?;
        let visits = visits(conn, scene, &row, today)?;
        let ends = subject::ends(conn, &scene.study, id)?.into_iter().map(Left::from).collect();
        let placed = randomized.as_ref().map(|row| Ok::<_, Failure>((row.at, placed(conn, scene, row)?)));
        Ok(View {
            summary: summary(row, randomized.as_ref().map(|row| row.number), broken.is_some()),
            randomized: placed.transpose()?,
            broken: broken.map(|broken| Broken { at: broken.at, by: broken.by }),
            ends,
            visits,
            today,
        })
    })
}

/// The place of the list that a subject was given.
pub(crate) fn placed(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &randomization::Randomization,
) -> Result<Placed, Failure> {
    let design = scene.design_of(conn, row.design_version)?;
    let levels = design.levels(row.stratum).ok_or_else(|| missing("stratum"))?;
    Ok(Placed { levels, position: row.position.index() })
}

pub(super) fn summary(
    row: subject::Subject,
    number: Option<RandomizationNumber>,
    is_broken: bool,
) -> Summary {
    Summary {
        id: row.id,
        site: row.site,
        birth_year: row.birth_year,
        sex: row.sex,
        state: row.state,
        screened_by: row.screened_by,
        screened_at: row.screened_at,
        number,
        is_broken,
    }
}

fn visits(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &subject::Subject,
    today: Day,
) -> Result<Vec<PlannedVisit>, Failure> {
    let day_one = day_one(conn, scene, row)?;
    let dispensed = dispensation::of_subject(conn, &scene.study, &row.id)?;
    let records = visit::of_subject(conn, &scene.study, &row.id)?;
    let came = |visit: &Visit| {
        dispensed.iter().any(|done| done.visit == visit.id)
            || records.iter().any(|record| record.visit == visit.id)
    };
    let timing = Timing::to_come(scene.design(), row.state, day_one, today, came);
    let planned = |visit: &Visit| PlannedVisit {
        timing: timing.get(&visit.id).copied(),
        visit: visit.id.clone(),
        days: day_one.map(|day_one| visit.days(day_one)),
        is_recordable: can_take_place(visit, day_one),
        is_dispensing: visit.dispensing.is_some(),
        dispensed: dispensed.iter().find(|done| done.visit == visit.id).map(|done| done.day),
        // The records come in the order of recording: the last one counts.
        recorded: records.iter().rfind(|record| record.visit == visit.id).cloned().map(recorded),
    };
    Ok(scene.design().visits.iter().map(planned).collect())
}
