//! Whom to call about a subject of a study, for everybody: it stands on the label of every kit (UNB-17), so it is no
//! secret, and somebody in another hospital has no log-in (UNB-09).

use store::rows::design;
use terms::StudyId;
use trial::Language;

use crate::case::in_force;
use crate::failure::Failure;
use crate::service::Shared;

/// Whom to call about the subjects of a study, in the words of its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The study.
    pub study: StudyId,
    /// Its title.
    pub title: String,
    /// The main contact.
    pub contact: String,
    /// Its address.
    pub address: String,
    /// Its telephone number, which is answered day and night.
    pub telephone: String,
}

/// Whom to call, of every study that has labels: in this language where there are labels in it, or else in another.
///
/// # Errors
/// Only faults.
pub fn contacts(service: &Shared, language: Language) -> Result<Vec<Contact>, Failure> {
    service.store.read(|conn| {
        let mut contacts = Vec::new();
        for study in design::studies(conn)? {
            let design = in_force(service, conn, &study)?.design;
            let languages = design.label.as_ref().map(|label| &label.languages);
            let words = languages.and_then(|of| of.get(&language).or_else(|| of.values().next()));
            contacts.extend(words.cloned().map(|words| Contact {
                study,
                title: design.title_in(language).to_owned(),
                contact: words.contact,
                address: words.address,
                telephone: words.telephone,
            }));
        }
        Ok(contacts)
    })
}
