//! Entering a subject (`POST /studies/{study}/subjects`).

use chrono::Datelike;
use store::Tx;
use store::rows::{site as sites, subject};
use terms::{SiteId, SubjectId};
use trial::act::Act;
use trial::decide::screen as decide;
use trial::{Refusal, Sex, SubjectState};

use super::view::{Summary, summary};
use super::within_reach;
use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::once::once;
use crate::request::Envelope;
use crate::service::Shared;
use crate::site;

/// What is known of a subject, and nothing else (PRV-01, PRV-02).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSubject {
    /// The screening number that the site wrote down.
    pub id: SubjectId,
    /// The site.
    pub site: SiteId,
    /// The year of birth.
    pub birth_year: u16,
    /// The sex.
    pub sex: Sex,
    /// Why it is another person than the one of the same year of birth and sex at the site.
    pub duplicate_reason: Option<String>,
}

/// Enters a subject at screening, once.
///
/// # Errors
/// [`Refusal::NotFound`] for a site out of reach, the refusals of [`trial::decide::screen`], of authorization and of
/// the idempotency key.
pub fn screen(service: &Shared, envelope: Envelope, new: NewSubject) -> Result<Summary, Failure> {
    let effect = move |tx: &mut Tx, scene: &Scene<'_>| {
        enter(tx, scene, &new)?;
        Ok(new.id.to_string())
    };
    once(service, envelope, effect, answer)
}

/// Decides about a subject, and enters it.
pub(crate) fn enter(tx: &mut Tx, scene: &Scene<'_>, new: &NewSubject) -> Result<(), Failure> {
    scene.authority.reaches(&new.site)?;
    sites::find(tx, &scene.study, &new.site)?.ok_or(Refusal::NotFound)?;
    let facts = facts(tx, scene, new)?;
    decide::decide(&facts, new.birth_year, new.duplicate_reason.is_some())?;
    append(tx, scene, new)
}

fn facts(tx: &mut Tx, scene: &Scene<'_>, new: &NewSubject) -> Result<decide::Facts, Failure> {
    let alike = |row: &subject::Subject| row.birth_year == new.birth_year && row.sex == new.sex;
    let at_site = subject::at_site(tx, &scene.study, &new.site)?;
    // Two numbers that differ in capitals alone are taken for one another by whoever types in a hurry.
    let is_read_the_same = |row: &subject::Subject| row.id.as_str().eq_ignore_ascii_case(new.id.as_str());
    Ok(decide::Facts {
        number_in_use: at_site.iter().any(is_read_the_same)
            || subject::find(tx, &scene.study, &new.id)?.is_some(),
        similar_at_site: at_site.iter().any(alike),
        this_year: site::today(tx, scene, &new.site)?.year(),
    })
}

fn append(tx: &mut Tx, scene: &Scene<'_>, new: &NewSubject) -> Result<(), Failure> {
    let reason = new.duplicate_reason.as_ref();
    let reason = reason.map(|text| scene.vault.seal_text(tx, "duplicate_reason", text)).transpose()?;
    let act = Act::SubjectScreened {
        subject: new.id.clone(),
        birth_year: new.birth_year,
        sex: new.sex,
        duplicate_reason: reason.as_ref().map(|reason| reason.commitment),
    };
    scene.append(tx, Some(&new.site), act)?;
    let row = subject::Subject {
        id: new.id.clone(),
        site: new.site.clone(),
        birth_year: new.birth_year,
        sex: new.sex,
        duplicate_reason: reason.map(|reason| reason.opening),
        screened_by: scene.actor.user.clone(),
        screened_at: scene.now,
        state: SubjectState::Screened,
    };
    Ok(subject::add(tx, &row)?)
}

/// As it was entered: what became of the subject since does not change the answer to this request.
fn answer(tx: &mut Tx, scene: &Scene<'_>, id: &str) -> Result<Summary, Failure> {
    let id = SubjectId::parse(id).map_err(|_malformed| missing("receipt"))?;
    let row = within_reach(tx, scene, &id)?;
    Ok(summary(subject::Subject { state: SubjectState::Screened, ..row }, None, false))
}
