//! Breaking one subject's code, what is written down afterwards, and what anybody may read.

mod act;
mod emergency;
mod glass;
mod list;
mod note;
mod shown;

use strum::VariantArray;
use trial::BreakReason;

use super::form::{Field, Form, Kind};
use crate::Problem;
use crate::words::Words;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/break-glass", |at| at.get(glass::show)),
    ("/studies/{study}/break", |at| at.get(act::show).post(act::submit)),
    ("/studies/{study}/emergency-break", |at| at.get(emergency::show).post(emergency::submit)),
    ("/studies/{study}/breaks", |at| at.get(list::show)),
    ("/studies/{study}/breaks/{unblinding}", |at| at.get(note::show).post(note::submit)),
];

const NUMBERS: [(&str, &str); 3] = [
    ("screening_number", "subject.screening_number"),
    ("randomization_number", "subject.randomization_number"),
    ("kit_number", "kit.number"),
];

/// The three numbers, of which one is filled in, and the reason.
fn fields(words: Words) -> impl Iterator<Item = Field> {
    let numbers = NUMBERS.iter().map(move |(name, word)| {
        let kind = if *name == "kit_number" { Kind::Scan } else { Kind::Text };
        Field::new(*name, words.say(word), kind).one_of()
    });
    let reasons = BreakReason::VARIANTS.iter();
    let reasons = reasons.map(|reason| (reason.to_string(), words.code("break_reason", reason))).collect();
    numbers.chain([Field::new("reason", words.say("break.reason"), Kind::Radio(reasons))])
}

/// The form with what is not filled in, when something is not: exactly one of the numbers, and all else.
fn unfilled(words: Words, form: &Form) -> Option<Form> {
    let filled = form.fields.iter().filter(|field| is_number(field) && is_filled(field)).count();
    let form = form.clone().marked(words, "form.empty", Field::is_left_empty);
    let form = form.marked(words, "break.one_number", |field| is_number(field) && filled == 0);
    let form =
        form.marked(words, "break.only_one", |field| is_number(field) && is_filled(field) && filled > 1);
    form.trouble.is_some().then_some(form)
}

/// The form with a word at the number, when nobody has it.
fn unknown(words: Words, form: Form, problem: &Problem) -> Form {
    let is_unknown = problem.code() == "not-found";
    form.marked(words, "break.unknown", |field| is_unknown && is_number(field) && is_filled(field))
}

fn is_number(field: &Field) -> bool {
    NUMBERS.iter().any(|(name, _)| *name == field.name)
}

fn is_filled(field: &Field) -> bool {
    !field.value.trim().is_empty()
}
