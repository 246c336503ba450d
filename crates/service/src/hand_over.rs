//! Checking a kit before its handover (`POST /studies/{study}/dispensations/{id}/check`), and confirming the handover
//! (`POST .../confirmation`), each by the scanned number.

use ledger::{Move, Place};
use store::rows::{dispensation, hold, kit, subject, unblinding};
use store::{Conn, Tx};
use terms::{DispensationId, KitNumber, Moment, SubjectId, UserId};
use trial::act::{Act, CheckedKit, WrongKitStopped};
use trial::decide::hand_over::{self as decide, Facts, Kit, Scan};
use trial::study::Dispensing;
use trial::{HoldOn, Refusal};

use crate::case::Scene;
use crate::dispense::kits_now;
use crate::failure::{Failure, instrument, missing};
use crate::kits::leaf_at;
use crate::mail::BlindedEvent;
use crate::once::once;
use crate::posting::{Step, post};
use crate::request::Envelope;
use crate::service::Shared;
use crate::{notices, site};

/// What became of a scan. Both are recorded, so both commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was the kit to hand over.
    HandedOver(HandedOver),
    /// It was any other: the handover stops.
    WrongKit,
}

/// A confirmed handover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// The dispensation.
    pub dispensation: DispensationId,
    /// The subject.
    pub subject: SubjectId,
    /// The kit.
    pub kit: KitNumber,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: UserId,
}

/// What became of the scan of somebody who checks. Both are recorded, so both commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckOutcome {
    /// It is the kit to hand over.
    Checked(Checked),
    /// It is any other.
    WrongKit,
}

/// A kit that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The dispensation.
    pub dispensation: DispensationId,
    /// The kit.
    pub kit: KitNumber,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: UserId,
}

/// Checks that a kit is one to hand over, for another person who then hands it over.
///
/// # Errors
/// [`Refusal::NotFound`] for a dispensation out of reach, the refusals of [`trial::decide::hand_over::check`], of
/// authorization and of the idempotency key.
pub fn check(
    service: &Shared,
    envelope: Envelope,
    dispensation: DispensationId,
    scanned: String,
) -> Result<CheckOutcome, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        let (subject, row, planned, facts) = all(tx, scene, &dispensation)?;
        let entry = match decide::check(scene.design(), &planned, &facts, &scanned)? {
            Scan::Right(kit) => append_checked(tx, scene, &subject, &row, kit)?,
            Scan::Wrong => append_wrong(tx, scene, &subject, &row, &scanned)?,
        };
        Ok(entry.to_string())
    };
    once(service, envelope, effect, check_answer)
}

/// Confirms that a kit is handed over, or stops because another one was scanned, which is recorded.
///
/// # Errors
/// [`Refusal::NotFound`] for a dispensation out of reach, the refusals of [`trial::decide::hand_over`], of
/// authorization and of the idempotency key.
pub fn hand_over(
    service: &Shared,
    envelope: Envelope,
    dispensation: DispensationId,
    scanned: String,
) -> Result<Outcome, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &dispensation, &scanned);
    once(service, envelope, effect, answer)
}

/// Decides about a scan, writes it, and gives its leaf.
pub(crate) fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    id: &DispensationId,
    scanned: &str,
) -> Result<String, Failure> {
    let (subject, row, planned, facts) = all(tx, scene, id)?;
    let entry = match decide::decide(scene.design(), &planned, &facts, scanned, &scene.actor.user)? {
        Scan::Right(kit) => append_right(tx, scene, &subject, &row, kit)?,
        Scan::Wrong => append_wrong(tx, scene, &subject, &row, scanned)?,
    };
    Ok(entry.to_string())
}

/// Everything that a scan is judged by.
fn all(
    tx: &mut Tx,
    scene: &Scene<'_>,
    id: &DispensationId,
) -> Result<(subject::Subject, dispensation::Dispensation, Dispensing, Facts), Failure> {
    let row = dispensation::find(tx, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    let subject = subject::find(tx, &scene.study, &row.subject)?.ok_or_else(|| missing("subject"))?;
    scene.authority.reaches(&subject.site)?;
    let planned = scene.design().dispensing_at(&row.visit).cloned().ok_or_else(|| missing("visit"))?;
    let facts = facts(tx, scene, &subject, &row)?;
    Ok((subject, row, planned, facts))
}

fn facts(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
) -> Result<Facts, Failure> {
    let all = dispensation::of_subject(tx, &scene.study, &subject.id)?;
    let planned = |visit| scene.design().visit(visit).map(|visit| visit.day);
    Ok(Facts {
        state: subject.state,
        code_broken: unblinding::of_subject(tx, &scene.study, &subject.id)?.is_some(),
        on_hold: hold::is_on_hold(tx, &scene.study, &subject.site, HoldOn::Dispensing)?,
        later_dispensed: all.iter().any(|other| planned(&other.visit) > planned(&row.visit)),
        today: site::today(tx, scene, &subject.site)?,
        kits: kits(tx, scene, subject, row)?,
    })
}

fn kits(
    conn: &mut Conn,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
) -> Result<Vec<Kit>, Failure> {
    let zone = site::zone(conn, scene, &subject.site)?;
    let today = site::day_in(zone, scene.now);
    let numbers = kits_now(conn, scene, row)?.into_iter();
    let read = |number| {
        let kit = kit::find(conn, &scene.study, number)?.ok_or_else(|| missing("kit"))?;
        let mut checks = dispensation::checks(conn, &scene.study, number)?;
        checks.retain(|(_, at)| site::day_in(zone, *at) == today);
        let checked_by = checks.into_iter().map(|(by, _)| by).collect();
        Ok(Kit { number, label_expiry: kit.label_expiry, state: kit.state, checked_by })
    };
    numbers.map(read).collect()
}

fn append_checked(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
    kit: KitNumber,
) -> Result<u64, Failure> {
    let act = Act::KitChecked(CheckedKit { dispensation: row.id.clone(), kit });
    let entry = scene.append(tx, Some(&subject.site), act)?;
    dispensation::check(tx, &row.id, entry, kit, &scene.actor.user, scene.now)?;
    Ok(entry)
}

fn append_right(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
    kit: KitNumber,
) -> Result<u64, Failure> {
    let act = Act::HandedOver { dispensation: row.id.clone(), subject: subject.id.clone(), kit };
    let entry = scene.append(tx, Some(&subject.site), act)?;
    let step = Step::new(Move::HandOver, Place::Site(subject.site.clone())).of(&subject.id, &row.visit);
    post(tx, scene, entry, kit, step)?;
    let by = scene.actor.user.clone();
    let new = dispensation::Handover { kit, dispensation: row.id.clone(), by, at: scene.now };
    dispensation::hand_over(tx, &new)?;
    Ok(entry)
}

/// What was scanned may be anything, so it is free text: sealed and committed to.
fn append_wrong(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
    scanned: &str,
) -> Result<u64, Failure> {
    let text = scene.vault.seal_text(tx, "scanned", scanned)?;
    let stopped = WrongKitStopped { dispensation: row.id.clone(), scanned: text.commitment };
    let act = Act::WrongKitStopped(stopped);
    let entry = scene.append(tx, Some(&subject.site), act)?;
    dispensation::add_wrong_scan(tx, &row.id, entry, &text.opening, &scene.actor.user, scene.now)?;
    let event = BlindedEvent::WrongKitScanned { subject: subject.id.clone(), visit: row.visit.clone() };
    notices::tell(tx, scene, Some(&subject.site), event)?;
    Ok(entry)
}

/// The outcome is read back from its leaf, which nothing can change.
fn answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<Outcome, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    // Whoever asks again may have moved to another site since.
    scene.authority.reaches(leaf.site.as_ref().ok_or_else(|| missing("site"))?)?;
    match (leaf.act, leaf.actor) {
        (Act::HandedOver { dispensation, subject, kit }, Some(by)) => {
            Ok(Outcome::HandedOver(HandedOver { dispensation, subject, kit, at: leaf.saved, by }))
        }
        (Act::WrongKitStopped(_), _) => Ok(Outcome::WrongKit),
        _ => Err(missing("handover")),
    }
}

/// The same for a check.
fn check_answer(tx: &mut Tx, scene: &Scene<'_>, entry: &str) -> Result<CheckOutcome, Failure> {
    let leaf = leaf_at(tx, scene, entry.parse().map_err(instrument)?)?;
    scene.authority.reaches(leaf.site.as_ref().ok_or_else(|| missing("site"))?)?;
    match (leaf.act, leaf.actor) {
        (Act::KitChecked(CheckedKit { dispensation, kit }), Some(by)) => {
            Ok(CheckOutcome::Checked(Checked { dispensation, kit, at: leaf.saved, by }))
        }
        (Act::WrongKitStopped(_), _) => Ok(CheckOutcome::WrongKit),
        _ => Err(missing("check")),
    }
}
