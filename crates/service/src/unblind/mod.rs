//! Breaking one subject's code in an emergency (`POST /studies/{study}/unblindings`).
//!
//! One clinician does it alone. Nothing here asks for a consent, a hold, mail, or the instance's right to allocate.

mod deduced;
mod emergency;
mod list;
mod merge;
mod note;
mod outside;
mod reveal;

use store::rows::{randomization, subject, unblinding};
use store::{Conn, Tx};
use terms::{KitNumber, Moment, RandomizationNumber, SubjectId, UnblindingId};
use trial::act::Act;
use trial::decide::unblind as decide;
use trial::{BreakReason, FoundBy, Refusal};

use crate::break_file::BreakRecord;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::mail::{BlindedEvent, UnblindedEvent};
use crate::notices;
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;
use crate::subjects::within_reach;
use crate::trust::Standing;

pub use deduced::Deduced;
pub(crate) use deduced::deduced;
pub use emergency::{Emergency, emergency};
pub use list::{Listed, list};
pub use merge::{Left, Merged, Why, merge};
pub use note::{Noted, note};
pub use reveal::{Recorded, Revealed, RevealedKit, Treatment};

/// By what the subject is found: one number, which is of one subject (UNB-02, UNB-11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The screening number.
    Screening(SubjectId),
    /// The randomization number.
    Randomization(RandomizationNumber),
    /// The number of a kit that was ever allocated to the subject.
    Kit(KitNumber),
}

impl Lookup {
    const fn found_by(&self) -> FoundBy {
        match self {
            Self::Screening(_) => FoundBy::ScreeningNumber,
            Self::Randomization(_) => FoundBy::RandomizationNumber,
            Self::Kit(_) => FoundBy::KitNumber,
        }
    }

    fn subject(&self, conn: &mut Conn, scene: &Scene<'_>) -> Result<SubjectId, Failure> {
        let found = match self {
            Self::Screening(id) => Some(subject::as_typed(conn, &scene.study, id)?),
            Self::Randomization(number) => {
                randomization::with_number(conn, &scene.study, *number)?.map(|row| row.subject)
            }
            Self::Kit(number) => subject::with_kit(conn, &scene.study, *number)?,
        };
        Ok(found.ok_or(Refusal::NotFound)?)
    }
}

/// Breaks a subject's code, or looks again at a break that was made before.
///
/// The break and the look are recorded in the transaction whose commit comes before the answer leaves, so nothing is
/// shown that is not recorded (UNB-04); the receipt holds the break's id alone.
///
/// # Errors
/// [`Refusal::NotFound`] for a number of nobody within reach, [`Refusal::NotRandomized`]; the refusals of
/// authorization, of the signature and of the idempotency key.
pub fn unblind(
    service: &Shared,
    envelope: Envelope,
    lookup: Lookup,
    reason: BreakReason,
) -> Result<Revealed, Failure> {
    let found_by = lookup.found_by();
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| effect(tx, scene, &lookup, reason);
    let looked = once(service, envelope, effect, move |tx, scene, id| {
        Look::record(tx, scene, &named(id)?, reason, found_by)
    });
    outside::keep(service, looked?)
}

/// A treatment that was looked at, with the record for the break file when the database is not trusted.
struct Look {
    revealed: Revealed,
    outside: Option<BreakRecord>,
}

impl Look {
    /// Records a look in the journal; and when another database may be put in the place of this one, so that what is
    /// in its journal would be lost, prepares the record for the break file. Its receipt tells that this database has
    /// it already.
    fn record(
        tx: &mut Tx,
        scene: &Scene<'_>,
        id: &UnblindingId,
        reason: BreakReason,
        found_by: FoundBy,
    ) -> Result<Self, Failure> {
        let revealed = reveal::reveal(tx, scene, id)?;
        let mut outside = None;
        if scene.standing != Standing::Extends {
            let record = outside::record(scene, revealed.subject.clone(), reason, found_by)?;
            outside::keep_receipt(tx, scene, &record, id)?;
            outside = Some(record);
        }
        Ok(Self { revealed, outside })
    }
}

fn effect(tx: &mut Tx, scene: &Scene<'_>, lookup: &Lookup, reason: BreakReason) -> Result<String, Failure> {
    let subject = lookup.subject(tx, scene)?;
    let row = within_reach(tx, scene, &subject)?;
    let before = unblinding::of_subject(tx, &scene.study, &subject)?.map(|broken| broken.id);
    let facts = decide::Facts { subject, state: row.state, before };
    let new: UnblindingId = scene.service.entropy.id()?;
    match decide::decide(&facts, reason, lookup.found_by(), new.clone())? {
        decide::Break::Before(id) => Ok(id.to_string()),
        decide::Break::New(act) => {
            let broken = unblinding::Unblinding {
                id: new,
                subject: facts.subject,
                reason,
                found_by: lookup.found_by(),
                by: scene.actor.user.clone(),
                at: scene.now,
            };
            append(tx, scene, &row, &broken, None, act)?;
            Ok(broken.id.to_string())
        }
    }
}

/// Writes the break: its leaf, its row, and the notices that tell that it happened, never what (NOT-02).
fn append(
    tx: &mut Tx,
    scene: &Scene<'_>,
    row: &subject::Subject,
    broken: &unblinding::Unblinding,
    happened: Option<Moment>,
    act: Act,
) -> Result<(), Failure> {
    scene.append_happened(tx, Some(&row.site), happened, act)?;
    unblinding::add(tx, broken)?;
    let event = BlindedEvent::CodeBroken { subject: row.id.clone() };
    notices::tell_happened(tx, scene, Some(&row.site), broken.at, event)?;
    // UNB-13: at every break, whatever it tells. What it tells stands in the reconciliation alone, because unblinded
    // notices go to the supply role, too, who must not learn which subjects share an arm.
    notices::tell_unblinded(tx, scene, None, UnblindedEvent::CodeDeducible { subject: row.id.clone() })
}

/// A break of a subject within reach, with the subject.
fn found(
    conn: &mut Conn,
    scene: &Scene<'_>,
    id: &UnblindingId,
) -> Result<(unblinding::Unblinding, subject::Subject), Failure> {
    let broken = unblinding::find(conn, &scene.study, id)?.ok_or(Refusal::NotFound)?;
    let row = within_reach(conn, scene, &broken.subject)?;
    Ok((broken, row))
}

fn named(id: &str) -> Result<UnblindingId, Failure> {
    UnblindingId::parse(id).map_err(|_malformed| missing("receipt"))
}
