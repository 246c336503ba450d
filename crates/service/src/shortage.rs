//! Telling the unblinded supply role that a site could not be served.

use store::rows::kit::ShelfAt;
use store::rows::{dispensation, notice, subject};
use store::{Tree, Tx};
use terms::{DispensationId, StudyId, SubjectId, VisitId};
use trial::decide::supply;
use trial::{Action, Refusal};

use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::mail::UnblindedEvent;
use crate::request::Caller;
use crate::service::Shared;
use crate::{notices, shelf, site};

/// Seconds without another alert after one.
const QUIET: i64 = 15 * 60;

/// Queues an alert for every kit type, short or not, at the subject's site: neither the work nor the number of mails
/// goes by what is short. It comes after an act for this visit was refused, or
/// for the first one when none is named (NOT-05). Within a quarter of an hour there is one alert for a site: a client
/// that tries again must not bury the mail of the supply role, and must not silence another site's.
///
/// A refusal undoes its transaction, so this is one of its own; the refusal stands whether or not it works, and
/// nothing that a blinded person can see is changed by it: no leaf, no receipt, no kit.
pub(crate) fn tell(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
    subject: SubjectId,
    visit: Option<VisitId>,
) {
    let queued = case::write(service, caller, study, action, move |tx, scene| {
        queue(tx, scene, &subject, visit.as_ref())
    });
    if let Err(failure) = queued {
        tracing::error!(?failure, "a shortage alert could not be queued");
    }
}

/// The same after a kit of a dispensation could not be replaced.
pub(crate) fn tell_dispensation(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    action: Action,
    id: DispensationId,
) {
    let queued = case::write(service, caller, study, action, move |tx, scene| {
        let row = dispensation::find(tx, &scene.study, &id)?.ok_or(Refusal::NotFound)?;
        queue(tx, scene, &row.subject, Some(&row.visit))
    });
    if let Err(failure) = queued {
        tracing::error!(?failure, "a shortage alert could not be queued");
    }
}

fn queue(
    tx: &mut Tx,
    scene: &Scene<'_>,
    subject: &SubjectId,
    visit: Option<&VisitId>,
) -> Result<(), Failure> {
    let row = subject::find(tx, &scene.study, subject)?.ok_or(Refusal::NotFound)?;
    let (tree, site) = (Tree::Study(scene.study.clone()), row.site.as_str());
    let last = notice::last_queued_about(tx, &tree, "shortage_alert", site)?;
    if last.is_some_and(|last| scene.now < last.plus_seconds(QUIET)) {
        return Ok(());
    }
    let visit = visit.unwrap_or(&scene.design().first_dispensing);
    let planned = scene.design().dispensing_at(visit).ok_or_else(|| missing("visit"))?;
    let today = site::today(tx, scene, &row.site)?;
    let (through, count) = (planned.last_dosing_day(today), planned.kits);
    let shelf = shelf::load(tx, scene, ShelfAt::Site(&row.site))?;
    let due = shelf::due(tx, scene, &row.site, today)?;
    let sealed = scene.sealed_design(tx)?;
    for of_type in supply::shortage(scene.design(), &sealed, &shelf, &due, through, count) {
        let supply::Shortage { kit_type, usable, wanted } = of_type;
        let event = UnblindedEvent::ShortageAlert { kit_type, usable, wanted };
        notices::tell_unblinded(tx, scene, Some(&row.site), event)?;
    }
    Ok(())
}
