//! Randomizing a subject (`POST /studies/{study}/subjects/{subject}/randomization`).

use std::collections::BTreeMap;

use store::rows::kit::ShelfAt;
use store::rows::{hold, list, randomization, subject};
use store::{Conn, Tx};
use terms::{Arm, Moment, RandomizationNumber, Sealed, Stratum, StudyId, SubjectId, UserId, VisitId};
use trial::act::Act;
use trial::decide::list::is_in_place;
use trial::decide::randomize::{self as decide, Command, Known, NextPosition, Offer, Stock};
use trial::{Action, HoldOn, Refusal, SubjectState};

use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::mail::BlindedEvent;
use crate::notices;
use crate::once::once;
use crate::request::{Caller, Envelope};
use crate::service::Shared;
use crate::subjects::{self, Placed};
use crate::{shelf, shortage, site};

/// A randomization as everybody at the site may see it. It has no field for an arm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Randomized {
    /// The subject.
    pub subject: SubjectId,
    /// What the site writes down.
    pub number: RandomizationNumber,
    /// The place of the list.
    pub placed: Placed,
    /// When.
    pub at: Moment,
    /// By whom.
    pub by: UserId,
    /// The visit for which kits were allocated.
    pub first_visit: VisitId,
}

/// Randomizes a subject, once.
///
/// # Errors
/// The refusals of [`trial::decide::randomize`], of authorization, of the signature and of the idempotency key.
pub fn randomize(
    service: &Shared,
    envelope: Envelope,
    subject: SubjectId,
    command: Command,
) -> Result<Randomized, Failure> {
    let (caller, study, of) = (envelope.caller.clone(), envelope.study.clone(), subject.clone());
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &subject, &command);
    let outcome = once(service, envelope, effect, answer);
    if let Err(Failure::Refusal(Refusal::SupplyShort)) = &outcome {
        shortage::tell(service, &caller, &study, Action::Randomize, of, None);
    }
    outcome
}

/// Whether a randomization would be in order, as far as that does not depend on the list: nobody is asked to sign what
/// is going to be refused. Nothing is stored, and nothing is promised.
///
/// # Errors
/// The refusals of [`decide::check`] and of authorization.
pub fn rehearse(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    subject: &SubjectId,
    command: &Command,
) -> Result<(), Failure> {
    case::read(service, caller, study, Action::Randomize, |conn, scene| {
        let row = subjects::within_reach(conn, scene, subject)?;
        let known = known(conn, scene, &row)?;
        decide::check(scene.design(), &known, command)?;
        Ok(())
    })
}

/// Decides a randomization, and writes it.
pub(crate) fn effect(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &SubjectId,
    command: &Command,
) -> Result<String, Failure> {
    let row = subjects::within_reach(tx, scene, subject)?;
    let known = known(tx, scene, &row)?;
    let stratum = decide::check(scene.design(), &known, command)?;
    let stock = Stock {
        offer: offer(tx, scene, stratum)?,
        shelf: shelf::load(tx, scene, ShelfAt::Site(&row.site))?,
        due: shelf::due(tx, scene, &row.site, known.today)?,
    };
    let decided = decide::decide(scene.design(), &scene.sealed_design(tx)?, &known, stock)?;
    append(tx, scene, &row, command, &decided)?;
    Ok(subject.to_string())
}

fn known(conn: &mut Conn, scene: &Scene<'_>, row: &subject::Subject) -> Result<Known, Failure> {
    Ok(Known {
        subject: row.id.clone(),
        birth_year: row.birth_year,
        state: row.state,
        on_hold: hold::is_on_hold(conn, &scene.study, &row.site, HoldOn::Randomization)?,
        today: site::today(conn, scene, &row.site)?,
        randomized: randomization::count(conn, &scene.study)?,
    })
}

/// What the active list offers to the stratum: its first position that has not been given (SEQ-08).
fn offer(tx: &mut Tx, scene: &Scene<'_>, stratum: Stratum) -> Result<Offer, Failure> {
    let Some(active) = list::active(tx, &scene.study)? else { return Ok(Offer::NoList) };
    let position = terms::Position::new(randomization::given(tx, &active.id, stratum)?);
    let Some(place) = list::place(tx, &active.id, stratum, position)? else { return Ok(Offer::Exhausted) };
    let arm = arm_at(tx, scene, &active, &place)?;
    Ok(Offer::Next(NextPosition { list: active.id, stratum, position, arm }))
}

/// Writes the randomization and the kits of the first visit: rows, movements and leaves, in one transaction.
fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    command: &Command,
    decided: &decide::Randomization,
) -> Result<(), Failure> {
    let answers = command.answers.iter().map(|(id, answer)| (id.clone(), answer.to_string()));
    let act = Act::Randomized {
        subject: row.id.clone(),
        number: decided.number,
        list: decided.list.clone(),
        stratum: decided.stratum.index(),
        position: decided.position.index(),
        consent: command.consent,
        answers: answers.collect::<BTreeMap<_, _>>(),
    };
    scene.append(tx, Some(&row.site), act)?;
    let randomized = randomization::Randomization {
        subject: row.id.clone(),
        site: row.site.clone(),
        number: decided.number,
        list: decided.list.clone(),
        stratum: decided.stratum,
        position: decided.position,
        consent: command.consent,
        design_version: u64::from(scene.in_force.version),
        by: scene.actor.user.clone(),
        at: scene.now,
    };
    randomization::add(tx, &randomized)?;
    subject::change(tx, &row.id, row.state, SubjectState::InTreatment, scene.now)?;
    let told = BlindedEvent::SubjectRandomized { subject: row.id.clone(), number: decided.number };
    notices::tell(tx, scene, Some(&row.site), told)?;
    shelf::allocate(tx, scene, &row.site, &row.id, &decided.allocation)
}

fn answer(tx: &mut Tx, scene: &Scene<'_>, subject: &str) -> Result<Randomized, Failure> {
    let subject = SubjectId::parse(subject).map_err(|_malformed| missing("receipt"))?;
    let row = randomization::of_subject(tx, &scene.study, &subject)?;
    let row = row.ok_or_else(|| missing("randomization"))?;
    // Whoever asks again may have moved to another site since.
    scene.authority.reaches(&row.site)?;
    let first_visit = scene.design().first_dispensing.clone();
    let placed = subjects::placed(tx, scene, &row)?;
    Ok(Randomized { subject, number: row.number, placed, at: row.at, by: row.by, first_visit })
}

/// The arm of a randomized subject, sealed.
pub(crate) fn arm_of(
    conn: &mut Conn,
    scene: &Scene<'_>,
    row: &randomization::Randomization,
) -> Result<Sealed<Arm>, Failure> {
    let list = list::find(conn, &scene.study, &row.list)?.ok_or_else(|| missing("list"))?;
    let place = list::place(conn, &row.list, row.stratum, row.position)?;
    arm_at(conn, scene, &list, &place.ok_or_else(|| missing("position"))?)
}

/// The arm at a place of a list, when it was sealed for that place and no other.
fn arm_at(
    conn: &mut Conn,
    scene: &Scene<'_>,
    list: &list::List,
    place: &list::Place,
) -> Result<Sealed<Arm>, Failure> {
    let seed = scene.vault.seed(conn, &list.seed)?;
    let stored = scene.vault.position(conn, place)?;
    if is_in_place(&scene.study, &list.id, &seed, &stored) {
        Ok(stored.arm)
    } else {
        Err(missing("arm of this position"))
    }
}
