//! The pages of subjects, as everybody at the site may see them: nothing here knows an arm.

pub(super) mod dispense;
pub(super) mod list;
pub(super) mod one;
pub(super) mod randomize;
pub(super) mod screen;

use trial::SubjectState;

use super::table::Cell;
use super::words::Words;

/// A subject's state as a badge.
fn state(words: Words, state: SubjectState) -> Cell {
    let kind = match state {
        SubjectState::Screened => "note",
        SubjectState::InTreatment => "good",
        _ => "plain",
    };
    Cell::text(words.code("state", state)).badge(kind)
}
