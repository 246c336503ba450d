//! The logs: of a subject (`GET /studies/{study}/subjects/{subject}/accountability`), of a site
//! (`GET /studies/{study}/accountability`) and of a kit (`GET /studies/{study}/kits/{number}/accountability`).

use std::ops::Range;

use chrono_tz::Tz;
use ledger::Movement;
use store::Conn;
use store::rows::{kit, movement, subject};
use terms::{KitNumber, Moment, SiteId, StudyId, SubjectId, UserId};
use trial::decide::accountability::{Doses, doses_of_the_study};
use trial::{Action, Reach, Refusal};

pub use super::lines::{Counted, Line};
use super::{is_in_reach, lines};
use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::kits::read::rows as kit_rows;
use crate::request::Caller;
use crate::service::Shared;
use crate::units::{self, Unit};

/// What stands over a log that is printed: of what it is, when and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The study.
    pub study: StudyId,
    /// Its title.
    pub title: String,
    /// Who asked for it.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// The zone by whose clock it is printed: that of the site it is about, or else of the reader's only one.
    pub zone: Tz,
}

fn head(conn: &mut Conn, scene: &Scene<'_>, site: Option<&SiteId>) -> Result<Head, Failure> {
    let only = match &scene.authority.reach {
        Reach::Sites(sites) if sites.len() == 1 => sites.first(),
        _ => None,
    };
    let zone = match site.or(only) {
        Some(site) => crate::site::zone(conn, scene, site)?,
        None => Tz::UTC,
    };
    let (study, title) = (scene.study.clone(), scene.design().title.clone());
    Ok(Head { study, title, by: scene.actor.user.clone(), at: scene.now, zone })
}

/// What a subject was given and what came back of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfSubject {
    /// What stands over it when it is printed.
    pub head: Head,
    /// The subject.
    pub subject: SubjectId,
    /// The kits that were dispensed to the subject or handed over.
    pub lines: Vec<Line>,
    /// The doses that the study plans for a subject.
    pub planned: u32,
    /// The doses of the kits that came back and were counted.
    pub counted: Doses,
}

/// The log of a subject.
///
/// # Errors
/// [`Refusal::NotFound`] for a subject out of reach, and the refusals of authorization.
pub fn of_subject(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: &SubjectId,
) -> Result<OfSubject, Failure> {
    case::read(service, caller, study, Action::ReadAccountability, |conn, scene| {
        let row = subject::find(conn, study, id)?.ok_or(Refusal::NotFound)?;
        scene.authority.reaches(&row.site)?;
        let kits = kit::of_subject(conn, study, id)?;
        let mut lines = lines::of(conn, scene, kits)?;
        lines.retain(|line| line.is_of(id));
        let counted = Doses::sum(lines.iter().filter_map(Line::doses));
        let planned = doses_of_the_study(scene.design());
        let head = head(conn, scene, Some(&row.site))?;
        Ok(OfSubject { head, subject: row.id, lines, planned, counted })
    })
}

/// What became of the kits of a site, or of all places within reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPlaces {
    /// What stands over it when it is printed.
    pub head: Head,
    /// How many kits there are.
    pub kits: usize,
    /// One line for each kit that was asked for, in the order of their numbers.
    pub lines: Vec<Line>,
}

/// The log of a site, or of all places within reach: those lines that are wanted of so many.
///
/// # Errors
/// [`Refusal::NotFound`] for a site out of reach, and the refusals of authorization.
pub fn of_places(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    site: Option<&SiteId>,
    wanted: impl FnOnce(usize) -> Range<usize>,
) -> Result<OfPlaces, Failure> {
    case::read(service, caller, study, Action::ReadAccountability, |conn, scene| {
        if let Some(site) = site {
            scene.authority.reaches(site)?;
        }
        let head = head(conn, scene, site)?;
        let mut rows = kit_rows(conn, scene, site)?;
        rows.retain(|row| is_in_reach(scene, &row.place));
        let (kits, wanted) = (rows.len(), wanted(rows.len()));
        let rows = rows.into_iter().skip(wanted.start).take(wanted.len()).collect();
        Ok(OfPlaces { head, kits, lines: lines::of(conn, scene, rows)? })
    })
}

/// The log of a kit: its line, the units that were prepared of it, and every movement that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfKit {
    /// What stands over it when it is printed.
    pub head: Head,
    /// Its line.
    pub line: Line,
    /// The units that were prepared of it.
    pub units: Vec<Unit>,
    /// Every movement, in order.
    pub moves: Vec<Movement>,
}

/// The log of a kit.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown kit and one out of reach, and the refusals of authorization.
pub fn of_kit(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    number: KitNumber,
) -> Result<OfKit, Failure> {
    case::read(service, caller, study, Action::ReadAccountability, |conn, scene| {
        let row = kit::find(conn, study, number)?.filter(|row| is_in_reach(scene, &row.place));
        let row = row.ok_or(Refusal::NotFound)?;
        let line = lines::of(conn, scene, vec![row])?.pop().ok_or(Refusal::NotFound)?;
        let units = units::of_kit(conn, scene, number)?;
        let moves = movement::of_kit(conn, study, number)?.into_iter();
        let moves = moves.map(|posted| posted.movement).collect();
        let head = head(conn, scene, line.place.site())?;
        Ok(OfKit { head, line, units, moves })
    })
}
