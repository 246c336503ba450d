//! Studies: opening and amending one, which is for the installation's operator, and reading it.

mod amend;
mod contact;
mod desk;
mod holders;
mod open;
pub(crate) mod operator;
mod oversight;
mod people;
mod read;
mod versions;

pub use amend::amend;
pub use contact::{Contact, contacts};
pub use desk::{Desk, Site, admitted, desk};
pub use holders::{Holder, holders};
pub use open::open;
pub use oversight::{Enrolled, Kits, Oversight, SiteStatus, oversight};
pub use people::{NewDepot, NewRecipient, NewSite, add_depot, add_recipient, add_site};
pub use read::{Overview, Summary, find, of_caller};
pub use versions::{Designs, Version, versions};

use trial::study::{Problem, SealedDesign, StudyDesign, lint};

use crate::Failure;

/// Why a design did not come into force.
#[derive(Debug)]
pub enum NoDesign {
    /// The public design has these problems: all of them.
    Public(Vec<Problem>),
    /// The sealed design has these problems: all of them. They repeat nothing out of it.
    Sealed(Vec<Problem>),
    /// The design is in order, but the act is refused, or the machine failed.
    Failure(Failure),
}

impl<F: Into<Failure>> From<F> for NoDesign {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

/// Reads both parts of a design, which must belong together, and must not tell by what everybody can see (KIT-25).
fn parse(public: &str, sealed: &str) -> Result<StudyDesign, NoDesign> {
    let design = StudyDesign::from_toml(public).map_err(NoDesign::Public)?;
    let sealed = SealedDesign::from_toml(sealed, &design).map_err(NoDesign::Sealed)?;
    let told = lint(public, &sealed);
    if told.is_empty() { Ok(design) } else { Err(NoDesign::Sealed(told)) }
}
