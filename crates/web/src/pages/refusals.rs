//! What a refusal says on a page: in English its own sentence, in French the one of the catalogue.

use trial::Language;

use super::words::Words;
use crate::Problem;

/// The sentence for a person.
pub(crate) fn sentence(words: Words, problem: &Problem) -> String {
    // The words about JSON are for programs.
    if problem.code() == "malformed-request" && problem.field.is_some() {
        return words.say("form.unreadable").to_owned();
    }
    let own = problem.on_a_page();
    match words.find(&format!("refusal.{}", problem.code())) {
        Some(message) => message.replace("{detail}", &own),
        None if words.0 == Language::En => own,
        None => format!("{} {own}", words.say("refusal.in_english")),
    }
}
