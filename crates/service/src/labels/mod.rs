//! Labels to be printed, of kits and of shipments.

pub mod kits;
pub mod shipment;

use print::Unprintable;
use trial::{Language, Refusal};

/// A file to be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: String,
    /// A PDF.
    pub bytes: Vec<u8>,
}

/// A language out of a request.
///
/// # Errors
/// [`Refusal::Field`].
pub fn language(text: &str) -> Result<Language, Refusal> {
    text.parse().map_err(|_unknown| Refusal::field("language", "must be en or fr"))
}

/// What the printer's words mean to whoever asked: the field is one of the design's, or of a place.
fn unprintable(why: Unprintable) -> Refusal {
    Refusal::field(&format!("label.{}", why.field()), why)
}
