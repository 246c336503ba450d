//! The gate before a resupply plan: the complete observer is asked what the shipment would tell a blinded reader.

use std::fmt;
use std::sync::Arc;

use draw::Key;
use store::rows::{notice, randomization};
use store::{Conn, Tree};
use terms::{Day, DepotId, KitNumber, ShipmentId, SiteId, StudyId};
use trial::observed::{Watched, judge as ask, watch};
use trial::study::{SealedDesign, StudyDesign};
use trial::{Action, Refusal};

use super::{At, request, resupply};
use crate::case::{self, Scene};
use crate::failure::{Failure, instrument};
use crate::journal::leaves;
use crate::mail::UnblindedEvent;
use crate::notices;
use crate::request::Envelope;
use crate::service::Shared;
use crate::site;

/// A study with more subjects than this is not judged: the observer would take too long.
const MOST_SUBJECTS: u32 = 150;

/// Seconds without another notice after one.
const QUIET: i64 = 15 * 60;

/// A shipment and what the observer said to it.
pub(super) struct Judged {
    pub(super) shipment: ShipmentId,
    /// The kits that it was asked about; none when it was not asked about any.
    pub(super) kits: Option<Vec<KitNumber>>,
    pub(super) verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The observer proves nothing that it did not prove before.
    TellsNothing,
    /// It would prove of more pairs of subjects whether they share an arm.
    Leaks,
    /// It could not be asked, and why not.
    Unknown(&'static str),
}

/// The verdict in words that everybody may read.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TellsNothing => {
                f.write_str("The observer proves nothing more of any pair of subjects by it.")
            }
            Self::Leaks => f.write_str("The observer would prove more of some pair of subjects by it."),
            Self::Unknown(why) => write!(f, "The observer was not asked: {why}."),
        }
    }
}

/// What is known before anything is judged.
enum Asked {
    /// The study is too large for the observer, so there is nothing to hold the plan to.
    TooLarge(ShipmentId),
    /// The observer is to be asked.
    Of(Box<Prepared>),
}

/// What is judged, read in one go; to be judged after it, so that nothing waits meanwhile.
struct Prepared {
    design: Arc<StudyDesign>,
    sealed: SealedDesign,
    watched: Watched,
    today: Day,
    shipment: ShipmentId,
    kits: Vec<KitNumber>,
}

/// Judges what a plan for the site would send today. The observer may think for seconds, so this is done under no lock,
/// and the plan is accepted only if it still sends the same kits then. None when nothing would be sent, or when the
/// plan will be refused.
pub(super) fn judge(
    service: &Shared,
    envelope: &Envelope,
    site: &SiteId,
    from: Option<&DepotId>,
) -> Result<Option<Judged>, Failure> {
    let (caller, study) = (&envelope.caller, &envelope.study);
    let prepared = case::read(service, caller, study, Action::PlanResupply, |conn, scene| {
        match prepare(conn, scene, site, from) {
            // The plan itself says so, after it has looked for the receipt of an earlier one.
            Err(Failure::Refusal(_)) => Ok(None),
            prepared => prepared,
        }
    });
    let prepared = match prepared? {
        None => return Ok(None),
        Some(Asked::TooLarge(shipment)) => {
            let verdict = Verdict::Unknown("the study has too many subjects for it");
            return Ok(Some(Judged { shipment, kits: None, verdict }));
        }
        Some(Asked::Of(prepared)) => prepared,
    };
    // One at a time: what thinks for seconds must not take every thread that a code break could run on.
    let Ok(_turn) = service.observer.try_lock() else { return Err(Refusal::Busy.into()) };
    Ok(Some(prepared.judge(site)))
}

fn prepare(
    conn: &mut Conn,
    scene: &Scene<'_>,
    site: &SiteId,
    from: Option<&DepotId>,
) -> Result<Option<Asked>, Failure> {
    if randomization::count(conn, &scene.study)? > MOST_SUBJECTS {
        let today = site::today(conn, scene, site)?;
        return Ok(Some(Asked::TooLarge(shipment_of(&scene.study, site, today)?)));
    }
    let (today, planned) = resupply::planned(conn, scene, site)?;
    let Some(groups) = planned.map(|planned| planned.groups).filter(|groups| *groups > 0) else {
        return Ok(None);
    };
    let sent = request::Command { from: from.cloned(), to: At::Site(site.clone()), groups };
    let shipment = shipment_of(&scene.study, site, today)?;
    let kits = request::choose(conn, scene, &sent, &shipment)?;
    let sealed = scene.sealed_design(conn)?;
    let design = Arc::clone(&scene.in_force.design);
    let sizes = sealed.block_design().sizes().to_vec();
    let watched = watch(&design, Some(&sizes), &leaves(conn, scene)?, site);
    Ok(Some(Asked::Of(Box::new(Prepared { design, sealed, watched, today, shipment, kits }))))
}

/// The id of the shipment that a plan sends: it follows from the plan, so whoever asks again after a refusal has the
/// same kits judged, and does not try until chance lets a shipment pass.
fn shipment_of(study: &StudyId, site: &SiteId, today: Day) -> Result<ShipmentId, Failure> {
    let info = ["iwrs-plan-1", study.as_str(), site.as_str(), &today.to_string()];
    let hex: String = Key::derive(&[0; 32], &info).bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    ShipmentId::parse(hex.get(..26).unwrap_or(&hex)).map_err(instrument)
}

impl Prepared {
    fn judge(self, site: &SiteId) -> Judged {
        let when = (site, self.today);
        let verdict = match ask(&self.design, &self.sealed, &self.watched, when, &self.kits) {
            Err(_contradiction) => {
                tracing::error!(%site, "what was seen of a site contradicts itself; its plan is not judged");
                Verdict::Unknown("what was seen contradicts itself")
            }
            Ok(judged) if judged.besides == 0 => Verdict::TellsNothing,
            Ok(_) => Verdict::Leaks,
        };
        Judged { shipment: self.shipment, kits: Some(self.kits), verdict }
    }
}

/// Tells the unblinded recipients that a plan was not accepted. The refusal has undone its transaction, so this is one
/// of its own, and the refusal stands whether or not it works.
pub(super) fn tell(service: &Shared, envelope: &Envelope, site: &SiteId) {
    let (caller, study, site) = (&envelope.caller, &envelope.study, site.clone());
    let queued = case::write(service, caller, study, Action::PlanResupply, move |tx, scene| {
        let tree = Tree::Study(scene.study.clone());
        let last = notice::last_queued_about(tx, &tree, "resupply_held_back", site.as_str())?;
        if last.is_some_and(|last| scene.now < last.plus_seconds(QUIET)) {
            return Ok(());
        }
        notices::tell_unblinded(tx, scene, Some(&site), UnblindedEvent::ResupplyHeldBack {})
    });
    if let Err(failure) = queued {
        tracing::error!(?failure, "a notice that a resupply plan was held back could not be queued");
    }
}
