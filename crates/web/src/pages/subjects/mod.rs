//! The pages of subjects, as everybody at the site may see them: nothing here knows an arm.

mod dispense;
mod doses;
mod fail;
mod list;
mod one;
mod randomize;
mod record;
mod screen;
mod stop;
mod visits;

use service::subjects::Timing;
use terms::Day;
use trial::SubjectState;

use super::form::Form;
use super::table::Cell;
use crate::words::Words;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/studies/{study}/visits", |at| at.get(visits::show)),
    ("/studies/{study}/subjects", |at| at.get(list::show)),
    ("/studies/{study}/subjects/new", |at| at.get(screen::show).post(screen::submit)),
    ("/studies/{study}/subjects/{subject}", |at| at.get(one::show)),
    ("/studies/{study}/subjects/{subject}/kits", |at| at.get(dispense::show).post(dispense::submit)),
    ("/studies/{study}/subjects/{subject}/doses", |at| at.get(doses::show)),
    ("/studies/{study}/subjects/{subject}/randomize", |at| at.get(randomize::show).post(randomize::submit)),
    ("/studies/{study}/subjects/{subject}/visits/{visit}", |at| at.get(record::show).post(record::submit)),
    ("/studies/{study}/subjects/{subject}/screen-failure", |at| at.get(fail::show).post(fail::submit)),
    ("/studies/{study}/subjects/{subject}/withdrawal", |at| at.get(stop::show).post(stop::submit)),
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

/// How a window lies to today, as a badge.
fn timing(words: Words, timing: Timing) -> Cell {
    let kind = match timing {
        Timing::Late => "bad",
        Timing::Open => "good",
        Timing::Ahead => "plain",
    };
    Cell::text(words.code("timing", timing)).badge(kind)
}

/// The window of a visit in words.
fn window(words: Words, [_planned, earliest, latest]: [Day; 3]) -> String {
    words.fill("visit.from_to", &[("from", &earliest), ("to", &latest)])
}

/// The page on which what will be recorded is read once more, with what the button says.
fn once_more(words: Words, form: Form, submit: &'static str) -> Form {
    Form { submit: words.say(submit).to_owned(), ..form.into_confirmation(words) }
}
