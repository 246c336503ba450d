//! What waits at the counter: kits that were told to be handed over and that nobody has yet, with who has checked them.
//! It is for the person who hands over and for the one who checks, and has no field for what is in a kit.

use std::collections::{BTreeMap, BTreeSet};

use ledger::KitState;
use store::Conn;
use store::rows::{dispensation, kit, subject};
use terms::{DispensationId, KitNumber, SiteId, StudyId, SubjectId, UserId, VisitId};
use trial::{Action, SubjectState};

use crate::case::{self, Scene};
use crate::dispense::kits_now;
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;
use crate::site;
use crate::subjects::within_reach;

/// What waits, and whether the study wants two people at the counter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// Whether somebody else has to check a kit before it is handed over.
    pub wants_second_person: bool,
    /// The kits, by dispensation.
    pub kits: Vec<Waiting>,
}

/// A kit that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The dispensation under which it is handed over.
    pub dispensation: DispensationId,
    /// For whom it is.
    pub subject: SubjectId,
    /// For which visit.
    pub visit: VisitId,
    /// Where it lies.
    pub site: SiteId,
    /// The kit.
    pub kit: KitNumber,
    /// Its state: what is not allocated any more has to be replaced before it can be handed over.
    pub state: KitState,
    /// Who has checked it today, at the site.
    pub checked_by: Vec<UserId>,
}

impl Waiting {
    /// Whether it can be handed over as it stands.
    pub fn is_ready(&self) -> bool {
        self.state == KitState::Allocated
    }
}

/// What waits at the counters within the reader's reach.
///
/// # Errors
/// The refusals of authorization.
pub fn waiting(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Counter, Failure> {
    case::read(service, caller, study, Action::ReadDispensations, |conn, scene| read(conn, scene, None))
}

/// What waits at the counter for one subject.
///
/// # Errors
/// [`Refusal::NotFound`](trial::Refusal::NotFound) for a subject out of reach, and the refusals of authorization.
pub fn of_subject(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    subject: &SubjectId,
) -> Result<Counter, Failure> {
    case::read(service, caller, study, Action::ReadDispensations, |conn, scene| {
        within_reach(conn, scene, subject)?;
        read(conn, scene, Some(subject))
    })
}

fn read(conn: &mut Conn, scene: &Scene<'_>, only: Option<&SubjectId>) -> Result<Counter, Failure> {
    let mut last = last_told(conn, scene, only)?;
    let mut kits = Vec::new();
    for (subject, rows) in meant_for(conn, scene, only)? {
        if let Some(told) = last.remove(&subject) {
            let now = kits_now(conn, scene, &told)?;
            for row in rows.iter().filter(|row| now.contains(&row.number)) {
                kits.extend(waits(conn, scene, &told, row)?);
            }
        }
    }
    Ok(Counter { wants_second_person: scene.design().supply.second_person, kits })
}

/// The kits within reach that nobody was given and that are not finished with, by the subjects they are meant for.
fn meant_for(
    conn: &mut Conn,
    scene: &Scene<'_>,
    only: Option<&SubjectId>,
) -> Result<BTreeMap<SubjectId, Vec<kit::Kit>>, Failure> {
    let mut by_subject: BTreeMap<SubjectId, Vec<kit::Kit>> = BTreeMap::new();
    for row in kit::all(conn, &scene.study)?.into_iter().filter(may_wait) {
        let is_within = row.place.site().is_some_and(|site| scene.authority.reaches(site).is_ok());
        if let Some(subject) =
            row.subject.clone().filter(|of| is_within && only.is_none_or(|only| only == of))
        {
            by_subject.entry(subject).or_default().push(row);
        }
    }
    Ok(by_subject)
}

fn may_wait(row: &kit::Kit) -> bool {
    use KitState as S;
    !row.given && matches!(row.state, S::Allocated | S::Quarantined | S::Damaged | S::Lost)
}

/// The last dispensation to each subject in treatment: a later visit ends what was told for an earlier one.
fn last_told(
    conn: &mut Conn,
    scene: &Scene<'_>,
    only: Option<&SubjectId>,
) -> Result<BTreeMap<SubjectId, dispensation::Dispensation>, Failure> {
    let rows = match only {
        Some(subject) => dispensation::of_subject(conn, &scene.study, subject)?,
        None => dispensation::all(conn, &scene.study)?,
    };
    let treated = subject::all(conn, &scene.study)?.into_iter();
    let treated = treated.filter(|row| row.state == SubjectState::InTreatment).map(|row| row.id);
    let treated: BTreeSet<SubjectId> = treated.collect();
    let day = |visit: &VisitId| scene.design().visit(visit).map(|visit| visit.day);
    let mut last: BTreeMap<SubjectId, dispensation::Dispensation> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| treated.contains(&row.subject)) {
        if last.get(&row.subject).is_none_or(|before| day(&before.visit) < day(&row.visit)) {
            last.insert(row.subject.clone(), row);
        }
    }
    Ok(last)
}

fn waits(
    conn: &mut Conn,
    scene: &Scene<'_>,
    told: &dispensation::Dispensation,
    row: &kit::Kit,
) -> Result<Option<Waiting>, Failure> {
    let Some(site) = row.place.site() else { return Ok(None) };
    let zone = site::zone(conn, scene, site)?;
    let today = site::day_in(zone, scene.now);
    let mut checks = dispensation::checks(conn, &scene.study, row.number)?;
    checks.retain(|(_, moment)| site::day_in(zone, *moment) == today);
    Ok(Some(Waiting {
        dispensation: told.id.clone(),
        subject: told.subject.clone(),
        visit: told.visit.clone(),
        site: site.clone(),
        kit: row.number,
        state: row.state,
        checked_by: checks.into_iter().map(|(by, _)| by).collect(),
    }))
}
