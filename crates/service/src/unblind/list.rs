//! The list of code breaks: that, who, when and why; never what (UNB-05, UNB-16).

use std::collections::BTreeMap;

use store::rows::{subject, unblinding};
use terms::{Moment, SiteId, StudyId, SubjectId, UnblindingId, UserId};
use trial::{Action, BreakReason, FoundBy};

use crate::case;
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::Shared;

/// A code break as everybody of the study may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: UnblindingId,
    /// The subject.
    pub subject: SubjectId,
    /// The site.
    pub site: SiteId,
    /// The reason category.
    pub reason: BreakReason,
    /// By which number the subject was found.
    pub found_by: FoundBy,
    /// Who broke the code.
    pub by: UserId,
    /// When.
    pub at: Moment,
    /// Whether somebody wrote down afterwards what happened.
    pub is_noted: bool,
}

/// The code breaks within the reader's reach, in order.
///
/// # Errors
/// The refusals of authorization.
pub fn list(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Vec<Listed>, Failure> {
    case::read(service, caller, study, Action::ReadSubjects, |conn, scene| {
        let subjects = subject::all(conn, &scene.study)?.into_iter();
        let sites: BTreeMap<_, _> = subjects.map(|row| (row.id, row.site)).collect();
        let mut listed = Vec::new();
        for broken in unblinding::all(conn, &scene.study)? {
            let site = sites.get(&broken.subject).cloned().ok_or_else(|| missing("subject"))?;
            if scene.authority.reaches(&site).is_ok() {
                let unblinding::Unblinding { id, subject, reason, found_by, by, at } = broken;
                let is_noted = !unblinding::notes(conn, &id)?.is_empty();
                listed.push(Listed { id, subject, site, reason, found_by, by, at, is_noted });
            }
        }
        Ok(listed)
    })
}
