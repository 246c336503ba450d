//! Envelopes on paper: for the night in which nothing can be read (UNB-06).

use store::Tx;
use terms::{ListId, StudyId};
use trial::decide::list::{StoredPosition, print_envelopes};
use trial::study::{ArmWords, Levels, StudyDesign, Translations};
use trial::{Action, Grant};

use super::{row, stored};
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::Shared;

/// What is to be printed. It has no `Debug`, so that it cannot slip into a log.
pub struct Envelopes {
    /// The study.
    pub study: StudyId,
    /// Its title.
    pub title: String,
    /// What its texts are called in other languages.
    pub translations: Translations,
    /// The list.
    pub list: ListId,
    /// One for each position, in the order of the list.
    pub envelopes: Vec<Envelope>,
}

/// One position: what stands outside, and what stands inside.
pub struct Envelope {
    /// Outside: the levels of the stratum.
    pub levels: Levels,
    /// Outside: the position in it, from 0, as a subject's page shows it.
    pub position: u32,
    /// Inside: the treatment in the words of the protocol, and nothing else.
    pub treatment: ArmWords,
}

/// An envelope for every position of the list in use. The printing is recorded, and committed before anything is
/// answered (BLD-14).
///
/// # Errors
/// [`trial::Refusal::NotFound`]; those of [`print_envelopes`]; the refusals of authorization.
pub fn envelopes(
    service: &Shared,
    caller: &Caller,
    study: &StudyId,
    id: ListId,
) -> Result<Envelopes, Failure> {
    let record = move |tx: &mut Tx, scene: &Scene<'_>| {
        let row = row(tx, scene, &id)?;
        let (act, grant) = print_envelopes(row.state, id.clone())?;
        scene.append(tx, None, act)?;
        Ok((row, grant))
    };
    case::record_then_read(
        service,
        caller,
        study,
        Action::PrintEnvelopes,
        record,
        |conn, scene, (row, grant)| {
            let design = scene.design_of(conn, row.design_version)?;
            let stored = stored(conn, scene, &row.id)?;
            let envelopes = stored.iter().map(|stored| envelope(stored, &design, &grant));
            let envelopes = envelopes.collect::<Result<_, Failure>>()?;
            let (title, translations) = (design.title.clone(), design.translations.clone());
            Ok(Envelopes { study: scene.study.clone(), title, translations, list: row.id, envelopes })
        },
    )
}

fn envelope(stored: &StoredPosition, design: &StudyDesign, grant: &Grant) -> Result<Envelope, Failure> {
    let levels = design.levels(stored.stratum);
    let treatment = design.arm(*stored.arm.open(grant));
    Ok(Envelope {
        levels: levels.ok_or_else(|| missing("stratum"))?,
        position: stored.position.index(),
        treatment: treatment.ok_or_else(|| missing("arm"))?.clone(),
    })
}
