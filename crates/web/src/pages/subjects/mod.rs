//! The pages of subjects, as everybody at the site may see them: nothing here knows an arm.

mod dispense;
mod list;
mod one;
mod randomize;
mod screen;

use trial::SubjectState;

use super::table::Cell;
use super::words::Words;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/studies/{study}/subjects", |at| at.get(list::show)),
    ("/studies/{study}/subjects/new", |at| at.get(screen::show).post(screen::submit)),
    ("/studies/{study}/subjects/{subject}", |at| at.get(one::show)),
    ("/studies/{study}/subjects/{subject}/kits", |at| at.get(dispense::show).post(dispense::submit)),
    ("/studies/{study}/subjects/{subject}/randomize", |at| at.get(randomize::show).post(randomize::submit)),
];

/// A subject's state as a badge.
fn state(words: Words, state: SubjectState) -> Cell {
    let kind = match state {
        SubjectState::Screened => "note",
        SubjectState::InTreatment => "good",
        _ => "plain",
    };
    Cell::text(words.code("state", state)).badge(kind)
}
