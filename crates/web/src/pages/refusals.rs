//! What a refusal says on a page: in English its own sentence, in French the one of the catalogue.
//!
//! Where something is put into a sentence, its English is its key: `words/troubles.toml` has the French beside it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use trial::Language;

use crate::Problem;
use crate::words::Words;

const FILE: &str = include_str!("../../words/troubles.toml");

/// The English sentences with their French ones; those with most words of their own first, so that the one that says
/// most fits first.
static TROUBLES: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let pairs: BTreeMap<String, String> = toml::from_str(FILE).unwrap_or_default();
    let mut pairs: Vec<(String, String)> = pairs.into_iter().collect();
    let own = |english: &str| parts(english).map(|(text, _)| text.len()).sum::<usize>();
    pairs.sort_by_key(|(english, _)| std::cmp::Reverse(own(english)));
    pairs
});

/// The sentence for a person, without the marks that set names off for programs.
pub(crate) fn sentence(words: Words, problem: &Problem) -> String {
    as_written(words, problem).replace('`', "")
}

fn as_written(words: Words, problem: &Problem) -> String {
    // The words about JSON are for programs.
    if problem.code() == "malformed-request" && problem.field.is_some() {
        return words.say("form.unreadable").to_owned();
    }
    let own = own(words, problem);
    match words.find(&format!("refusal.{}", problem.code())) {
        Some(message) => message.replace("{detail}", &own),
        None if words.0 == Language::En => own,
        None => format!("{} {own}", words.say("refusal.in_english")),
    }
}

/// A sentence that is recorded in English, as a page tells it.
pub(crate) fn recorded(words: Words, english: &str) -> String {
    let french = (words.0 == Language::Fr).then(|| in_french(english)).flatten();
    french.unwrap_or_else(|| english.to_owned())
}

/// Its own sentence, in the language of the page where it is known in it. Beside a field the field needs no name.
fn own(words: Words, problem: &Problem) -> String {
    let said = |english: &str| match words.0 {
        Language::En => Some(english.to_owned()),
        Language::Fr => in_french(english),
    };
    match problem.trouble() {
        Some(trouble) => {
            let trouble = said(trouble).unwrap_or_else(|| trouble.to_owned());
            words.fill("form.this_field", &[("trouble", &trouble)])
        }
        None => said(&problem.detail).unwrap_or_else(|| problem.detail.clone()),
    }
}

/// The French of a sentence, with what stands in the English one in its places.
fn in_french(english: &str) -> Option<String> {
    TROUBLES.iter().find_map(|(sentence, french)| {
        let values = fit(sentence, english)?;
        let put_in = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{name}}}"), value);
        Some(values.iter().fold(french.clone(), put_in))
    })
}

/// What stands in a text in the places of a sentence, when it is that sentence.
fn fit<'a>(sentence: &'a str, text: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut values = Vec::new();
    let mut rest = text;
    let mut place: Option<&str> = None;
    for (own, next) in parts(sentence) {
        let at = match place {
            None => rest.starts_with(own).then_some(0)?,
            // The last words of the sentence end the text.
            Some(_) if next.is_none() => rest.len().checked_sub(own.len()).filter(|_| rest.ends_with(own))?,
            Some(_) => rest.find(own)?,
        };
        let (value, after) = rest.split_at_checked(at)?;
        values.extend(place.map(|name| (name, value)));
        rest = after.get(own.len()..)?;
        place = next;
    }
    rest.is_empty().then_some(values)
}

/// The words of a sentence, each with the name of the place that comes after it.
fn parts(sentence: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(sentence);
    std::iter::from_fn(move || {
        let (own, after) = match rest?.split_once('{') {
            Some((own, after)) => (own, after.split_once('}')),
            None => (rest?, None),
        };
        rest = after.map(|(_, after)| after);
        Some((own, after.map(|(name, _)| name)))
    })
}

#[cfg(test)]
mod tests;
