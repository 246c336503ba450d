//! Alerts: what somebody has to see to (NOT-05).
//!
//! Which alerts stand is decided at the moment of reading, from the database as it is or from what was read of it under
//! the same journal on the same day, so nothing has to run for one to be seen. A round of the service raises each that
//! stands, which gives it an id, a leaf and mails, and clears each that was raised and does not stand any more.

pub mod acknowledge;
mod facts;
mod known;
pub mod read;
pub mod round;

pub(crate) use known::KnownFacts;
use store::rows::alert;
use store::{Conn, Tx};
use terms::{AlertId, Moment, UserId};
use trial::alerts::{AlertKind, AlertPlace, Says, sees};
use trial::{Refusal, Role, view};

use crate::case::Scene;
use crate::failure::Failure;

/// An alert as the reader may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What is to be seen to.
    pub kind: AlertKind,
    /// Where.
    pub place: AlertPlace,
    /// The batch, the shipment or the list; else the place.
    pub reference: String,
    /// The role that has to see to it, and alone acknowledges it.
    pub owner: Role,
    /// What is known now; nothing once the alert is told by its record alone.
    pub says: Option<String>,
    /// The same as it is told in other languages than English.
    pub known: Option<Says>,
    /// Its id and when it was raised; none before the next round.
    pub raised: Option<(AlertId, Moment)>,
    /// Who acknowledged it, and when.
    pub acknowledged: Option<(UserId, Moment)>,
    /// What will be done, for unblinded readers alone: what an unblinded person wrote may tell of a treatment (BLD-04).
    pub text: Option<String>,
}

/// Whether the one who asks may see an alert: by any role held in the study, at its site where it is one of a site.
fn is_seen(scene: &Scene<'_>, kind: AlertKind, place: &AlertPlace) -> bool {
    let held = scene.actor.roles.iter().filter(|held| held.study.as_ref() == Some(&scene.study));
    held.into_iter().any(|held| {
        let reaches = match (&held.site, place.site()) {
            (Some(of), Some(site)) => of == site,
            _ => true,
        };
        reaches && sees(held.role, kind, place)
    })
}

/// Whether the one who asks holds this role where the alert is.
fn holds(scene: &Scene<'_>, role: Role, place: &AlertPlace) -> bool {
    let mut held = scene.actor.roles.iter().filter(|held| held.study.as_ref() == Some(&scene.study));
    held.any(|held| held.role == role && (held.site.is_none() || held.site.as_ref() == place.site()))
}

/// The alert of a row that the one who asks may see.
fn found(tx: &mut Tx, scene: &Scene<'_>, id: &AlertId) -> Result<alert::Alert, Failure> {
    let row = alert::find(tx, &scene.study, id)?.filter(|row| is_seen(scene, row.kind, &row.place));
    Ok(row.ok_or(Refusal::NotFound)?)
}

/// What was said when an alert was acknowledged.
fn said(
    conn: &mut Conn,
    scene: &Scene<'_>,
    done: Option<&alert::Acknowledged>,
) -> Result<Option<String>, Failure> {
    match done.and_then(|done| done.text.as_ref()) {
        Some(text) if view::opens(scene.authority.role, "text") => Ok(Some(scene.vault.text(conn, text)?)),
        _ => Ok(None),
    }
}
