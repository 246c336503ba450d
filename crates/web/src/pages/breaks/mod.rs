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
        Field::new(*name, words.say(word), kind).optional()
    });
    let reasons = BreakReason::VARIANTS.iter();
    let reasons = reasons.map(|reason| (reason.to_string(), words.code("break_reason", reason))).collect();
    numbers.chain([Field::new("reason", words.say("break.reason"), Kind::Radio(reasons))])
}

/// The form with what is not filled in, when something is not: exactly one of the numbers, and all else.
fn unfilled(words: Words, form: &Form) -> Option<Form> {
    let is_number = |field: &Field| NUMBERS.iter().any(|(name, _)| *name == field.name);
    let numbers = form.fields.iter().filter(|field| is_number(field) && !field.value.trim().is_empty());
    let has_one = numbers.count() == 1;
    let form = form.clone().marked(words, "form.empty", Field::is_left_empty);
    let form = form.marked(words, "break.one_number", |field| is_number(field) && !has_one);
    form.trouble.is_some().then_some(form)
}
