//! Asking which kits to hand over (`POST /studies/{study}/subjects/{subject}/dispensations`).

use ledger::{KitState, Move, Place};
use store::rows::kit::ShelfAt;
use store::rows::{dispensation, hold, kit, randomization, replacement, subject, unblinding};
use store::{Conn, Tx};
use terms::{Day, DispensationId, KitNumber, Moment, StudyId, SubjectId, UserId, VisitId};
use trial::act::Act;
use trial::decide::dispense::{self as decide, Facts, Handover, Past, Waiting};
use trial::rebuild::OUT_OF_DATE;
use trial::{Action, HoldOn, Refusal};

use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::posting::{Step, post};
use crate::randomize::arm_of;
use crate::request::{Caller, Envelope};
use crate::service::Shared;
use crate::{shelf, shortage, site};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The visit.
    pub visit: VisitId,
    /// Why it is outside its window.
    pub reason: Option<String>,
}

/// A dispensation as everybody at the site may see it. It has no field for what is in the kits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispensed {
    /// Its id.
    pub id: DispensationId,
    /// The subject.
    pub subject: SubjectId,
    /// The visit.
    pub visit: VisitId,
    /// The kits to hand over, by slot.
    pub kits: Vec<KitNumber>,
    /// The day at the site.
    pub day: Day,
    /// Whether that day lies in the visit's window.
    pub in_window: bool,
    /// The last dosing day that the kits cover.
    pub through: Day,
    /// When it was asked.
    pub at: Moment,
    /// By whom.
    pub by: UserId,
}

/// A dispensation with what has been handed over of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// The dispensation.
    pub dispensed: Dispensed,
    /// The kits that have been handed over.
    pub handed_over: Vec<KitNumber>,
    /// Each kit that was replaced, with the one that took its place, in order.
    pub replaced: Vec<(KitNumber, KitNumber)>,
}

/// Says which kits to hand over at a visit, once: asked again, even under another key, it is the same dispensation.
///
/// # Errors
/// [`Refusal::NotFound`] for a subject out of reach, the refusals of [`trial::decide::dispense`], of authorization and
/// of the idempotency key.
pub fn dispense(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    command: Command,
) -> Result<Dispensed, Failure> {
    let (caller, study, of) = (envelope.caller.clone(), envelope.study.clone(), subject.clone());
    let visit = command.visit.clone();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &subject, &command);
    let outcome = once(service, envelope, effect, answer);
    if let Err(Failure::Refusal(Refusal::SupplyShort)) = &outcome {
        shortage::tell(service, &caller, &study, Action::Dispense, of, Some(visit));
    }
    outcome
}

/// The dispensations to a subject, in order.
///
/// # Errors
/// [`Refusal::NotFound`] for a subject out of reach, and the refusals of authorization.
pub fn dispensations(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    subject: &SubjectId,
) -> Result<Vec<Followed>, Failure> {
    case::read(service, caller, study, Action::ReadDispensations, |conn, scene| {
        let row = subject::find(conn, study, subject)?.ok_or(Refusal::NotFound)?;
        scene.authority.reaches(&row.site)?;
        let handovers = dispensation::handovers_to(conn, study, subject)?;
        let replacements = replacement::of_subject(conn, study, subject)?;
        let rows = dispensation::of_subject(conn, study, subject)?;
        let follow = |row: dispensation::Dispensation| {
            let of_it = handovers.iter().filter(|handover| handover.dispensation == row.id);
            let handed_over = of_it.map(|handover| handover.kit).collect();
            let of_it = replacements.iter().filter(|replaced| replaced.dispensation == row.id);
            let replaced = of_it.map(|replaced| (replaced.kit, replaced.new_kit)).collect();
            Ok(Followed { dispensed: dispensed(conn, scene, row)?, handed_over, replaced })
        };
        rows.into_iter().map(follow).collect()
    })
}

/// Decides a dispensation, writes it, and gives its id.
pub(crate) fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &SubjectId,
    command: &Command,
) -> Result<String, Failure> {
    let row = subject::find(tx, &scene.study, subject)?.ok_or(Refusal::NotFound)?;
    scene.authority.reaches(&row.site)?;
    let done = dispensation::of_subject(tx, &scene.study, subject)?;
    if let Some(done) = done.iter().find(|done| done.visit == command.visit) {
        let act = Act::AskedAgain { action: Action::Dispense.to_string(), effect: done.id.to_string() };
        scene.append(tx, Some(&row.site), act)?;
        return Ok(done.id.to_string());
    }
    let facts = facts(tx, scene, &row, &done, command)?;
    let decided = decide::decide(scene.design(), &scene.sealed_design(tx)?, &command.visit, &facts)?;
    append(tx, scene, &row, command, &decided, facts.today)
}

fn facts(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    done: &[dispensation::Dispensation],
    command: &Command,
) -> Result<Facts, Failure> {
    let randomized = randomization::of_subject(tx, &scene.study, &row.id)?.ok_or(Refusal::NotRandomized)?;
    Ok(Facts {
        subject: row.id.clone(),
        state: row.state,
        code_broken: unblinding::of_subject(tx, &scene.study, &row.id)?.is_some(),
        on_hold: hold::is_on_hold(tx, &scene.study, &row.site, HoldOn::Dispensing)?,
        today: site::today(tx, scene, &row.site)?,
        past: past(tx, scene, row, done)?,
        waiting: waiting(tx, scene, row, &command.visit)?,
        reason_given: command.reason.is_some(),
        arm: arm_of(tx, scene, &randomized)?,
        shelf: shelf::load(tx, scene, ShelfAt::Site(&row.site))?,
    })
}

fn past(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &subject::Subject,
    done: &[dispensation::Dispensation],
) -> Result<Vec<Past>, Failure> {
    let handovers = dispensation::handovers_to(conn, &scene.study, &row.id)?;
    let mut past = Vec::new();
    for done in done {
        let of_it = handovers.iter().filter(|handover| handover.dispensation == done.id);
        let last = of_it.map(|handover| handover.at).max();
        let handed_over = last.map(|at| site::day_at(conn, scene, &row.site, at)).transpose()?;
        past.push(Past { visit: done.visit.clone(), day: done.day, handed_over });
    }
    Ok(past)
}

/// The latest allocation for the visit, with those of its kits that still lie at the subject's site for it.
fn waiting(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &subject::Subject,
    visit: &VisitId,
) -> Result<Option<Waiting>, Failure> {
    let mut allocated = kit::allocated_to(conn, &scene.study, &row.id)?;
    allocated.retain(|kit| kit.visit == *visit);
    let Some(attempt) = allocated.iter().map(|kit| kit.attempt).max() else { return Ok(None) };
    let mut kits = Vec::new();
    for one in allocated.iter().filter(|kit| kit.attempt == attempt) {
        let kit = kit::find(conn, &scene.study, one.kit)?.ok_or_else(|| missing("kit"))?;
        if kit.state == KitState::Allocated && kit.place.site() == Some(&row.site) {
            kits.push((kit.number, kit.label_expiry));
        }
    }
    Ok(Some(Waiting { attempt, kits }))
}

/// Writes what is put aside, what is allocated anew, and the dispensation.
fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    command: &Command,
    decided: &Handover,
    today: Day,
) -> Result<String, Failure> {
    set_aside(tx, scene, row, command, decided)?;
    if decided.newly_allocated {
        shelf::allocate(tx, scene, &row.site, &row.id, &decided.allocation)?;
    }
    let reason = command.reason.as_ref().map(|text| scene.vault.seal_text(tx, "reason", text)).transpose()?;
    let id: DispensationId = scene.service.entropy.id()?;
    let act = Act::Dispensed {
        dispensation: id.clone(),
        subject: row.id.clone(),
        visit: command.visit.clone(),
        attempt: decided.allocation.attempt,
        kits: decided.allocation.kits.clone(),
        in_window: decided.in_window,
        reason: reason.as_ref().map(|reason| reason.commitment),
    };
    scene.append(tx, Some(&row.site), act)?;
    let new = dispensation::Dispensation {
        id: id.clone(),
        subject: row.id.clone(),
        visit: command.visit.clone(),
        attempt: decided.allocation.attempt,
        day: today,
        in_window: decided.in_window,
        reason: reason.map(|reason| reason.opening),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    dispensation::add(tx, &new)?;
    Ok(id.to_string())
}

/// KIT-07: what no longer lasts through its dosing days goes into quarantine at the moment it would be used.
fn set_aside(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    command: &Command,
    decided: &Handover,
) -> Result<(), Failure> {
    if decided.set_aside.is_empty() {
        return Ok(());
    }
    let (subject, visit) = (row.id.clone(), command.visit.clone());
    let act = Act::KitsSetAside { subject, visit, kits: decided.set_aside.clone() };
    let entry = scene.append(tx, Some(&row.site), act)?;
    for number in &decided.set_aside {
        let step = Step::new(Move::Quarantine, Place::Site(row.site.clone())).because(OUT_OF_DATE);
        post(tx, scene, entry, *number, step)?;
    }
    Ok(())
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Dispensed, Failure> {
    let id = DispensationId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = dispensation::find(tx, &scene.study, &id)?.ok_or_else(|| missing("dispensation"))?;
    let subject = subject::find(tx, &scene.study, &row.subject)?.ok_or_else(|| missing("subject"))?;
    // Whoever asks again may have moved to another site since.
    scene.authority.reaches(&subject.site)?;
    dispensed(tx, scene, row)
}

/// The dispensation out of rows that nothing changes any more.
fn dispensed(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: dispensation::Dispensation,
) -> Result<Dispensed, Failure> {
    let planned = scene.design().dispensing_at(&row.visit).ok_or_else(|| missing("visit"))?;
    Ok(Dispensed {
        kits: kits_of(conn, scene, &row)?,
        id: row.id,
        subject: row.subject,
        visit: row.visit,
        day: row.day,
        in_window: row.in_window,
        through: planned.last_dosing_day(row.day),
        at: row.at,
        by: row.by,
    })
}

/// The kits that a dispensation revealed, by slot.
pub(crate) fn kits_of(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &dispensation::Dispensation,
) -> Result<Vec<KitNumber>, Failure> {
    let allocated = kit::allocated_to(conn, &scene.study, &row.subject)?.into_iter();
    let revealed = allocated.filter(|kit| kit.visit == row.visit && kit.attempt == row.attempt);
    Ok(revealed.map(|kit| kit.kit).collect())
}

/// The kits to hand over as it stands now: each that was replaced has given its place to another one.
pub(crate) fn kits_now(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &dispensation::Dispensation,
) -> Result<Vec<KitNumber>, Failure> {
    let mut kits = kits_of(conn, scene, row)?;
    let replaced = replacement::of_subject(conn, &scene.study, &row.subject)?.into_iter();
    for replaced in replaced.filter(|replaced| replaced.dispensation == row.id) {
        let places = kits.iter_mut().filter(|kit| **kit == replaced.kit);
        places.for_each(|kit| *kit = replaced.new_kit);
    }
    Ok(kits)
}
