//! Replacing a kit of a dispensation (`POST /studies/{study}/dispensations/{id}/replacements`).

use ledger::Place;
use store::rows::kit::ShelfAt;
use store::rows::replacement::{self, Replacement as Row};
use store::rows::{dispensation, hold, kit, randomization, subject, unblinding};
use store::{Conn, Tx};
use terms::{Day, DispensationId, KitNumber, Moment, SubjectId, UserId, VisitId};
use trial::act::{Act, ReplacedKit};
use trial::decide::replace::{self as decide, Facts, Old, Replacement, because};
use trial::{Action, HoldOn, Refusal, ReplaceReason};

use crate::batches::recall::is_recalled;
use crate::case::Scene;
use crate::dispense::kits_now;
use crate::failure::{Failure, missing};
use crate::mail::BlindedEvent;
use crate::once::once;
use crate::posting::{Step, post};
use crate::randomize::arm_of;
use crate::request::Envelope;
use crate::service::Shared;
use crate::{notices, shelf, shortage, site};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The number of the kit that is to be replaced, as it was typed.
    pub kit: String,
    /// Why.
    pub why: ReplaceReason,
    /// Why the subject needs more replacements than the design expects.
    pub explanation: Option<String>,
}

/// A replacement as everybody at the site may see it. It has no field for what is in the kits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The dispensation, under which the new kit is handed over.
    pub dispensation: DispensationId,
    /// The subject.
    pub subject: SubjectId,
    /// The visit.
    pub visit: VisitId,
    /// The kit that was replaced.
    pub old: KitNumber,
    /// The kit to hand over.
    pub new: KitNumber,
    /// Why.
    pub why: ReplaceReason,
    /// Whether it was one more than the design expects of a subject.
    pub over_limit: bool,
    /// The last dosing day that the new kit covers.
    pub through: Day,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: UserId,
}

/// Replaces a kit, once: asked again, even under another key, it is the same replacement.
///
/// # Errors
/// [`Refusal::NotFound`] for a dispensation out of reach, [`Refusal::Field`] for a kit that is not to be handed over
/// under it, the refusals of [`trial::decide::replace`], of authorization and of the idempotency key.
pub fn replace(
    service: &Shared,
    envelope: Envelope,
    dispensation: DispensationId,
    command: Command,
) -> Result<Replaced, Failure> {
    let (caller, study, of) = (envelope.caller.clone(), envelope.study.clone(), dispensation.clone());
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &dispensation, &command);
    let outcome = once(service, envelope, effect, answer);
    if let Err(Failure::Refusal(Refusal::SupplyShort)) = &outcome {
        shortage::tell_dispensation(service, &caller, &study, Action::ReplaceKit, of);
    }
    outcome
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, id: &DispensationId, command: &Command) -> Result<String, Failure> {
    let row = dispensation::find(tx, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    let subject = subject::find(tx, &scene.study, &row.subject)?.ok_or_else(|| missing("subject"))?;
    scene.authority.reaches(&subject.site)?;
    let unknown = || Refusal::field("kit_number", "is no kit of this dispensation");
    let old = KitNumber::scanned(&command.kit).map_err(|_malformed| unknown())?;
    let done = replacement::of_kit(tx, &scene.study, old)?;
    if done.is_some_and(|done| done.dispensation == row.id) {
        let act = Act::AskedAgain { action: Action::ReplaceKit.to_string(), effect: old.to_string() };
        scene.append(tx, Some(&subject.site), act)?;
        return Ok(old.to_string());
    }
    if !kits_now(tx, scene, &row)?.contains(&old) {
        return Err(unknown().into());
    }
    let facts = facts(tx, scene, &subject, &row, old, command.explanation.is_some())?;
    let decided = decide::decide(scene.design(), &scene.sealed_design(tx)?, command.why, &facts)?;
    append(tx, scene, &subject, &row, command, &facts.old, &decided)?;
    Ok(old.to_string())
}

fn facts(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
    number: KitNumber,
    explained: bool,
) -> Result<Facts, Failure> {
    let study = &scene.study;
    let all = dispensation::of_subject(tx, study, &subject.id)?;
    let planned = |visit| scene.design().visit(visit).map(|visit| visit.day);
    let randomized = randomization::of_subject(tx, study, &subject.id)?;
    let old = kit::find(tx, study, number)?.ok_or_else(|| missing("kit"))?;
    let allocated = kit::allocated_to(tx, study, &subject.id)?.into_iter();
    let attempts = allocated.filter(|kit| kit.visit == row.visit).map(|kit| kit.attempt);
    let replaced = replacement::of_subject(tx, study, &subject.id)?.len();
    Ok(Facts {
        subject: subject.id.clone(),
        state: subject.state,
        code_broken: unblinding::of_subject(tx, study, &subject.id)?.is_some(),
        on_hold: hold::is_on_hold(tx, study, &subject.site, HoldOn::Dispensing)?,
        later_dispensed: all.iter().any(|other| planned(&other.visit) > planned(&row.visit)),
        today: site::today(tx, scene, &subject.site)?,
        visit: row.visit.clone(),
        attempt: attempts.max().unwrap_or(row.attempt),
        old: Old {
            number,
            state: old.state,
            label_expiry: old.label_expiry,
            given: given_on(tx, scene, subject, number)?,
            is_recalled: is_recalled(tx, scene, &old)?,
        },
        replaced: u32::try_from(replaced).unwrap_or(u32::MAX),
        explained,
        arm: arm_of(tx, scene, &randomized.ok_or_else(|| missing("randomization"))?)?,
        shelf: shelf::load(tx, scene, ShelfAt::Site(&subject.site))?,
    })
}

/// The day at the site on which a kit was handed over.
fn given_on(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    number: KitNumber,
) -> Result<Option<Day>, Failure> {
    let mut given = dispensation::handovers_to(tx, &scene.study, &subject.id)?.into_iter();
    let given = given.find(|given| given.kit == number);
    given.map(|given| site::day_at(tx, scene, &subject.site, given.at)).transpose()
}

/// Writes the allocation of the new kit, what becomes of the old one, and the link between both.
fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
    command: &Command,
    old: &Old,
    decided: &Replacement,
) -> Result<(), Failure> {
    let new_kit = *decided.allocation.kits.first().ok_or(Refusal::SupplyShort)?;
    shelf::allocate(tx, scene, &subject.site, &subject.id, &decided.allocation)?;
    let text = command.explanation.as_ref();
    let reason = text.map(|text| scene.vault.seal_text(tx, "reason", text)).transpose()?;
    let replaced = ReplacedKit {
        dispensation: row.id.clone(),
        subject: subject.id.clone(),
        visit: row.visit.clone(),
        attempt: decided.allocation.attempt,
        old: old.number,
        new: new_kit,
        why: command.why,
        over_limit: decided.over_limit,
        reason: reason.as_ref().map(|reason| reason.commitment),
    };
    let entry = scene.append(tx, Some(&subject.site), Act::KitReplaced(replaced))?;
    if let Some(a_move) = decided.old_moves {
        let step = Step::new(a_move, Place::Site(subject.site.clone())).because(because(command.why));
        post(tx, scene, entry, old.number, step)?;
    }
    let new = Row {
        kit: old.number,
        dispensation: row.id.clone(),
        attempt: decided.allocation.attempt,
        new_kit,
        why: command.why,
        over_limit: decided.over_limit,
        reason: reason.map(|reason| reason.opening),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    replacement::add(tx, &new)?;
    tell(tx, scene, subject, row, decided.over_limit)
}

/// More replacements than the design expects are told, without the kits: no mail holds a subject and a kit.
fn tell(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &subject::Subject,
    row: &dispensation::Dispensation,
    over_limit: bool,
) -> Result<(), Failure> {
    if !over_limit {
        return Ok(());
    }
    let event = BlindedEvent::ManyReplacements { subject: subject.id.clone(), visit: row.visit.clone() };
    notices::tell(tx, scene, Some(&subject.site), event)
}

/// The replacement out of rows that nothing changes any more.
fn answer(tx: &mut Tx, scene: &Scene<'_>, old: &str) -> Result<Replaced, Failure> {
    let old = KitNumber::parse(old).map_err(|_malformed| missing("receipt"))?;
    let done = replacement::of_kit(tx, &scene.study, old)?.ok_or_else(|| missing("replacement"))?;
    let row = dispensation::find(tx, &scene.study, &done.dispensation)?;
    let row = row.ok_or_else(|| missing("dispensation"))?;
    let subject = subject::find(tx, &scene.study, &row.subject)?.ok_or_else(|| missing("subject"))?;
    // Whoever asks again may have moved to another site since.
    scene.authority.reaches(&subject.site)?;
    Ok(Replaced {
        through: covered(tx, scene, &subject.id, done.new_kit)?,
        dispensation: done.dispensation,
        subject: subject.id,
        visit: row.visit,
        old: done.kit,
        new: done.new_kit,
        why: done.why,
        over_limit: done.over_limit,
        at: done.at,
        by: done.by,
    })
}

fn covered(
    conn: &mut Conn,
    scene: &Scene<'_>,
    subject: &SubjectId,
    number: KitNumber,
) -> Result<Day, Failure> {
    let allocated = kit::allocated_to(conn, &scene.study, subject)?.into_iter();
    let through = allocated.filter(|kit| kit.kit == number).map(|kit| kit.through).next();
    through.ok_or_else(|| missing("allocation"))
}
