//! The versions of a study's design: the one in force, and those before it.

use std::sync::Arc;

use store::rows::design;
use terms::{Moment, StudyId};
use trial::Action;
use trial::study::StudyDesign;

use crate::case;
use crate::failure::Failure;
use crate::request::Caller;
use crate::service::Shared;

/// The public design in force, with all versions there ever were.
#[derive(Clone, Debug)]
pub struct Designs {
    /// The public design in force.
    pub in_force: Arc<StudyDesign>,
    /// All versions, the oldest first. The last one is in force.
    pub versions: Vec<Version>,
}

/// A version of the design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The version, from 1.
    pub number: u64,
    /// The SHA-256 of the public design's file.
    pub fingerprint: String,
    /// Since when it was in force.
    pub since: Moment,
}

/// The versions of a study's public design.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn versions(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Designs, Failure> {
    case::read(service, caller, study, Action::ReadStudy, |conn, scene| {
        let version = |row: design::Design| Version {
            number: row.version,
            fingerprint: row.fingerprint,
            since: row.loaded_at,
        };
        let versions = design::all(conn, study)?.into_iter().map(version).collect();
        Ok(Designs { in_force: Arc::clone(&scene.in_force.design), versions })
    })
}
