//! Posting to the ledger: what happens to a kit is decided by the ledger alone, and written with what became of it.

use ledger::{Kit, Move, Movement, Place, ReasonCode};
use store::Tx;
use store::rows::kit;
use terms::{KitNumber, Moment, SubjectId, VisitId};
use trial::Refusal;

use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};

/// What is to happen to a kit.
pub(crate) struct Step<'a> {
    pub(crate) a_move: Move,
    /// The place that accounts for the kit afterwards.
    pub(crate) place: Place,
    /// The subject and the visit, where the move names them.
    pub(crate) whose: Option<(&'a SubjectId, &'a VisitId)>,
    /// The code of the reason.
    pub(crate) reason: Option<&'a str>,
    /// When it happened, where that was before now.
    pub(crate) happened: Option<Moment>,
}

impl<'a> Step<'a> {
    pub(crate) const fn new(a_move: Move, place: Place) -> Self {
        Self { a_move, place, whose: None, reason: None, happened: None }
    }

    pub(crate) fn of(self, subject: &'a SubjectId, visit: &'a VisitId) -> Self {
        Self { whose: Some((subject, visit)), ..self }
    }

    pub(crate) fn because(self, reason: &'a str) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

/// Posts a step of a kit that stands in the database, under the leaf with the index `entry`.
///
/// The ledger is double-entry: each posting takes the kit out of exactly the state and place in which it stands and
/// into one other, so the accounts balance after every transaction, for every kit type and place (KIT-05).
///
/// # Errors
/// [`Refusal::KitState`] when the ledger does not allow the step.
pub(crate) fn post(
    tx: &mut Tx,
    scene: &Scene<'_>,
    entry: u64,
    number: KitNumber,
    step: Step<'_>,
) -> Result<Kit, Failure> {
    let row = kit::find(tx, &scene.study, number)?.ok_or_else(|| missing("kit"))?;
    post_after(tx, scene, entry, number, Some(&row.in_ledger()), step)
}

/// The same for a kit whose standing is known: several steps under one leaf, or one that comes to exist.
pub(crate) fn post_after(
    tx: &mut Tx,
    scene: &Scene<'_>,
    entry: u64,
    number: KitNumber,
    before: Option<&Kit>,
    step: Step<'_>,
) -> Result<Kit, Failure> {
    let refused = || Refusal::KitState(number.to_string());
    let from = before.map(|kit| kit.state);
    let movement = Movement {
        kit: number,
        from,
        to: ledger::next(from, step.a_move).map_err(|_illegal| refused())?,
        a_move: step.a_move,
        place: step.place,
        subject: step.whose.map(|(subject, _)| subject.clone()),
        visit: step.whose.map(|(_, visit)| visit.clone()),
        happened: step.happened.unwrap_or(scene.now),
        recorded: scene.now,
        reason: step.reason.map(ReasonCode::parse).transpose().map_err(instrument)?,
    };
    let after = Kit::after(before, &movement).map_err(|_bad| refused())?;
    kit::move_kit(tx, entry, &movement, &after)?;
    Ok(after)
}
