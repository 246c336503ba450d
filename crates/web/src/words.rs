//! The words on the pages and in what is printed from them, in English and in French, from one catalogue:
//! `words/*.toml`, an entry for each message.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use serde::Deserialize;
use trial::Language;
use trial::study::{Levels, Translations};

/// The cookie of the language.
pub(crate) const LANGUAGE: &str = "iwrs-language";

/// The files of the catalogue.
pub(crate) const FILES: [&str; 10] = [
    include_str!("../words/frame.toml"),
    include_str!("../words/codes.toml"),
    include_str!("../words/subjects.toml"),
    include_str!("../words/breaks.toml"),
    include_str!("../words/supply.toml"),
    include_str!("../words/pharmacy.toml"),
    include_str!("../words/statistics.toml"),
    include_str!("../words/oversight.toml"),
    include_str!("../words/people.toml"),
    include_str!("../words/plots.toml"),
];

/// A message in both languages. In braces stand the names of what is put in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message {
    pub(crate) en: String,
    pub(crate) fr: String,
}

type Catalogue = BTreeMap<String, Message>;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    // A file that cannot be read leaves its keys as words on the pages; a test reads every file.
    let files = FILES.iter().map(|file| toml::from_str::<Catalogue>(file).unwrap_or_default());
    files.flatten().collect()
});

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Language);

impl Words {
    /// The language that was chosen, or else the first of ours that is asked for.
    pub(crate) fn asked(request: &HttpRequest) -> Self {
        let chosen = request.cookie(LANGUAGE).and_then(|cookie| cookie.value().parse().ok());
        let asked = || {
            let header = request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            header.split(',').find_map(|range| range.trim().get(..2)?.to_lowercase().parse().ok())
        };
        Self(chosen.or_else(asked).unwrap_or(Language::En))
    }

    /// A message; its key, when there is none.
    pub(crate) fn say(self, key: &'static str) -> &'static str {
        self.find(key).unwrap_or(key)
    }

    /// A message with values for what stands in braces.
    pub(crate) fn fill(self, key: &'static str, values: &[(&str, &dyn Display)]) -> String {
        filled(self.say(key), values)
    }

    /// The word for a code of a closed list, of this kind; the code itself, when there is none.
    pub(crate) fn code(self, kind: &str, code: impl Display) -> String {
        let code = code.to_string();
        self.find(&format!("{kind}.{code}")).map_or(code, str::to_owned)
    }

    /// The message for a code of a closed list, of this kind, with values for what stands in braces; the code itself,
    /// when there is none.
    pub(crate) fn code_with<'v>(self, kind: &str, code: &str, values: &'v [(&'v str, String)]) -> String {
        let shown = |(name, value): &'v (&'v str, String)| -> (&'v str, &'v dyn Display) { (*name, value) };
        let values: Vec<(&str, &dyn Display)> = values.iter().map(shown).collect();
        self.find(&format!("{kind}.{code}")).map_or_else(|| code.to_owned(), |text| filled(text, &values))
    }

    /// Yes or no.
    pub(crate) fn yes_no(self, is: bool) -> &'static str {
        if is { self.say("frame.yes") } else { self.say("frame.no") }
    }

    /// The language by its code, for `lang`.
    pub(crate) fn language(self) -> &'static str {
        self.0.into()
    }

    /// A message that may not be there.
    pub(crate) fn find(self, key: &str) -> Option<&'static str> {
        let message = CATALOGUE.get(key)?;
        Some(match self.0 {
            Language::En => &message.en,
            Language::Fr => &message.fr,
        })
    }
}

/// A stratum by its factors and levels, as the design translates them. A study without strata has one, of all subjects.
pub(crate) fn stratum(words: Words, translations: &Translations, levels: &Levels) -> String {
    let said = |text| translations.say(words.0, text);
    let named: Vec<String> =
        levels.0.iter().map(|(factor, level)| format!("{}: {}", said(factor), said(level))).collect();
    if named.is_empty() { words.say("positions.everybody").to_owned() } else { named.join(", ") }
}

/// The message with its places filled, each once: a value with braces in it stays as it is.
fn filled(message: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut parts = message.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            text.push_str(&value.to_string());
        }
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests;
