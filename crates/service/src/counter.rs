//! What waits at the counter: kits that were told to be handed over and that nobody has yet, with who has checked them.
//! It is for the person who hands over and for the one who checks, and has no field for what is in a kit.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use ledger::KitState;
use store::Conn;
use store::rows::dispensation::{self, Told};
use store::rows::meant::{self, Meant};
use store::rows::{replacement, subject};
use terms::{DispensationId, KitNumber, Moment, SiteId, StudyId, SubjectId, UserId, VisitId};
use trial::{Action, SubjectState};

use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;
use crate::site;
use crate::subjects::within_reach;

/// So many subjects are asked for at a time: few wait at a counter, and of a study there may be thousands.
const AT_A_TIME: usize = 100;

/// So many seconds the longest day at a site lasts: 25 hours, when clocks are put back.
const LONGEST_DAY: i64 = 25 * 3600;

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
    let mut meant = meant::all(conn, &scene.study, only)?;
    meant.retain(|kit| may_wait(kit) && is_in_reach(scene, kit));
    let mut kits = Vec::new();
    if !meant.is_empty() {
        let known = Known::read(conn, scene, only, &meant)?;
        kits.extend(meant.into_iter().filter_map(|kit| known.waiting(scene, kit)));
    }
    Ok(Counter { wants_second_person: scene.design().supply.second_person, kits })
}

fn may_wait(kit: &Meant) -> bool {
    use KitState as S;
    matches!(kit.state, S::Allocated | S::Quarantined | S::Damaged | S::Lost)
}

fn is_in_reach(scene: &Scene<'_>, kit: &Meant) -> bool {
    kit.place.site().is_some_and(|site| scene.authority.reaches(site).is_ok())
}

/// What is known of all kits that may wait, read at once.
struct Known {
    /// The last dispensation to each of their subjects in treatment: a later visit ends what was told for an earlier
    /// one.
    last_told: BTreeMap<SubjectId, Told>,
    /// Kits that have given their place to another one.
    replaced: BTreeSet<KitNumber>,
    /// Under which dispensation a kit took the place of another one.
    in_place: BTreeMap<KitNumber, DispensationId>,
    zones: BTreeMap<SiteId, Tz>,
    checks: BTreeMap<KitNumber, Vec<(UserId, Moment)>>,
}

impl Known {
    fn read(
        conn: &mut Conn,
        scene: &Scene<'_>,
        only: Option<&SubjectId>,
        meant: &[Meant],
    ) -> Result<Self, Failure> {
        let replacements = match only {
            Some(subject) => replacement::of_subject(conn, &scene.study, subject)?,
            None => replacement::all(conn, &scene.study)?,
        };
        let mut checks: BTreeMap<KitNumber, Vec<(UserId, Moment)>> = BTreeMap::new();
        let since = scene.now.plus_seconds(-LONGEST_DAY);
        for (kit, by, at) in dispensation::checks_since(conn, &scene.study, since)? {
            checks.entry(kit).or_default().push((by, at));
        }
        let mut who: Vec<&SubjectId> = meant.iter().map(|kit| &kit.subject).collect();
        who.dedup();
        Ok(Self {
            last_told: last_told(conn, scene, &who)?,
            replaced: replacements.iter().map(|one| one.kit).collect(),
            in_place: replacements.into_iter().map(|one| (one.new_kit, one.dispensation)).collect(),
            zones: site::zones(conn, &scene.study)?,
            checks,
        })
    }

    /// The kit, when it is one to be handed over now.
    fn waiting(&self, scene: &Scene<'_>, kit: Meant) -> Option<Waiting> {
        let told = self.last_told.get(&kit.subject)?;
        let is_of_it = match self.in_place.get(&kit.kit) {
            Some(dispensation) => *dispensation == told.id,
            None => (&kit.visit, kit.attempt) == (&told.visit, told.attempt),
        };
        if !is_of_it || self.replaced.contains(&kit.kit) {
            return None;
        }
        let site = kit.place.site()?.clone();
        let zone = *self.zones.get(&site)?;
        let today = site::day_in(zone, scene.now);
        let checks = self.checks.get(&kit.kit).into_iter().flatten();
        let checks = checks.filter(|(_, at)| site::day_in(zone, *at) == today);
        Some(Waiting {
            dispensation: told.id.clone(),
            subject: kit.subject,
            visit: told.visit.clone(),
            checked_by: checks.map(|(by, _)| by.clone()).collect(),
            site,
            kit: kit.kit,
            state: kit.state,
        })
    }
}

/// The last dispensation to each of these subjects who is in treatment.
fn last_told(
    conn: &mut Conn,
    scene: &Scene<'_>,
    who: &[&SubjectId],
) -> Result<BTreeMap<SubjectId, Told>, Failure> {
    let (mut rows, mut subjects) = (Vec::new(), Vec::new());
    for some in who.chunks(AT_A_TIME) {
        rows.extend(dispensation::told_to(conn, &scene.study, some)?);
        subjects.extend(subject::standing_of(conn, &scene.study, some)?);
    }
    let treated = subjects.into_iter().filter(|row| row.state == SubjectState::InTreatment);
    let treated: BTreeSet<SubjectId> = treated.map(|row| row.id).collect();
    let day = |visit: &VisitId| scene.design().visit(visit).map(|visit| visit.day);
    let mut last: BTreeMap<SubjectId, Told> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| treated.contains(&row.subject)) {
        if last.get(&row.subject).is_none_or(|before| day(&before.visit) < day(&row.visit)) {
            last.insert(row.subject.clone(), row);
        }
    }
    Ok(last)
}
