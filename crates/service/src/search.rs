//! Finding a subject, a kit or a shipment of a study by its number: within the reader's reach, and nothing else is
//! found or hinted at.

use store::Conn;
use store::rows::{dispensation, kit, randomization, shipment, subject};
use terms::{KitNumber, RandomizationNumber, ShipmentId, StudyId, SubjectId};
use trial::Action;

use crate::case::{self, Scene};
use crate::failure::Failure;
use crate::kits::read::{is_in_reach, shown_to};
use crate::request::Caller;
use crate::service::Shared;
use crate::shipments::read::reaches;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A subject: by its screening number or a part of it, by its randomization number or, for whoever does not read
    /// kits, by the number of a kit that it was handed.
    Subject(SubjectId),
    /// A kit, by the number on it.
    Kit(KitNumber),
    /// A shipment.
    Shipment(ShipmentId),
}

/// So many subjects are found at once by a part of their numbers.
const MOST: usize = 25;

/// So long is the part of a shipment's number by which it is found.
const SHIPMENT_PART: usize = 6;

type Search = fn(&mut Conn, &Scene<'_>, &str) -> Result<Vec<Found>, Failure>;

/// What has this number, as far as the caller may read it. A number that is the whole one of something comes alone.
///
/// # Errors
/// The refusals of authorization.
pub fn search(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    number: &str,
) -> Result<Vec<Found>, Failure> {
    let number = number.trim();
    let held = case::read(service, caller, study, Action::ReadStudy, |_conn, scene| {
        Ok(scene.actor.roles.iter().filter(|held| held.study.as_ref() == Some(study)).cloned().collect())
    });
    let held: Vec<trial::HeldRole> = held?;
    let may = |action: Action| held.iter().any(|held| action.roles().contains(&held.role));
    let mut searches: Vec<(Action, Search)> = vec![(Action::ReadSubjects, subjects)];
    searches.push((Action::ReadShipments, of_shipments));
    searches.push((Action::ReadKits, kits));
    if !may(Action::ReadKits) {
        searches.push((Action::ReadDispensations, handed));
    }
    let mut found = Vec::new();
    for (action, find) in searches.into_iter().filter(|(action, _)| may(*action) && !number.is_empty()) {
        found.extend(case::read(service, caller, study, action, |conn, scene| find(conn, scene, number))?);
    }
    Ok(found)
}

fn subjects(conn: &mut Conn, scene: &Scene<'_>, number: &str) -> Result<Vec<Found>, Failure> {
    let mut whose = None;
    if let Some(number) = RandomizationNumber::parse(&number.to_uppercase()) {
        whose = randomization::with_number(conn, &scene.study, number)?.map(|row| row.subject);
    }
    let rows = subject::standing(conn, &scene.study)?.into_iter();
    let within = rows.filter(|row| scene.authority.reaches(&row.site).is_ok()).map(|row| row.id);
    let within: Vec<SubjectId> = within.collect();
    let is_it = |id: &&SubjectId| id.as_str().eq_ignore_ascii_case(number) || Some(*id) == whose.as_ref();
    let mut found: Vec<&SubjectId> = within.iter().filter(is_it).collect();
    if found.is_empty() {
        let part = number.to_lowercase();
        let has_it = |id: &&SubjectId| id.as_str().to_lowercase().contains(&part);
        found = within.iter().filter(has_it).take(MOST).collect();
    }
    Ok(found.into_iter().cloned().map(Found::Subject).collect())
}

/// Only by the whole number: its check digits leave nothing to try.
fn kits(conn: &mut Conn, scene: &Scene<'_>, number: &str) -> Result<Vec<Found>, Failure> {
    let Ok(number) = KitNumber::scanned(number) else { return Ok(Vec::new()) };
    let kit = kit::find(conn, &scene.study, number)?.map(|row| shown_to(scene, row));
    let found = kit.filter(|kit| is_in_reach(scene, kit)).map(|kit| Found::Kit(kit.number));
    Ok(found.into_iter().collect())
}

/// Whose a kit is that was handed over: before that, nobody knows.
fn handed(conn: &mut Conn, scene: &Scene<'_>, number: &str) -> Result<Vec<Found>, Failure> {
    let Ok(number) = KitNumber::scanned(number) else { return Ok(Vec::new()) };
    let Some(id) = subject::with_kit(conn, &scene.study, number)? else { return Ok(Vec::new()) };
    let handed = dispensation::handovers_to(conn, &scene.study, &id)?;
    let row = subject::find(conn, &scene.study, &id)?;
    let is_within = row.is_some_and(|row| scene.authority.reaches(&row.site).is_ok());
    let is_handed = handed.iter().any(|handed| handed.kit == number);
    Ok((is_within && is_handed).then_some(Found::Subject(id)).into_iter().collect())
}

fn of_shipments(conn: &mut Conn, scene: &Scene<'_>, number: &str) -> Result<Vec<Found>, Failure> {
    if number.len() < SHIPMENT_PART {
        return Ok(Vec::new());
    }
    let number = number.to_lowercase();
    let within = shipment::all(conn, &scene.study)?.into_iter();
    let within = within.filter(|row| reaches(scene, &row.to)).map(|row| row.id);
    let found = within.filter(|id| id.as_str().to_lowercase().starts_with(&number));
    Ok(found.map(Found::Shipment).collect())
}
