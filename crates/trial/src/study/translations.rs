//! The texts of a design in other languages: what is answered or read at a bedside is told in the reader's own.

use std::collections::{BTreeMap, BTreeSet};

use strum::VariantArray;

use super::StudyDesign;
use super::fields::Fields;
use crate::Language;

/// The texts of a design with what they are called in other languages.
///
/// A language that the file has has all of its texts. A translation holds the numbers of its text, and two texts never
/// have one translation: a dose cannot turn into another one, and no two arms or levels into one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translations(BTreeMap<Language, BTreeMap<String, String>>);

impl Translations {
    /// A text of the design in this language; the text itself, where the design does not translate it.
    pub fn say<'t>(&'t self, language: Language, text: &'t str) -> &'t str {
        self.0.get(&language).and_then(|texts| texts.get(text)).map_or(text, String::as_str)
    }

    /// Every language with its texts, each with its translation.
    pub fn languages(&self) -> impl Iterator<Item = (Language, &BTreeMap<String, String>)> {
        self.0.iter().map(|(language, texts)| (*language, texts))
    }
}

impl StudyDesign {
    /// The study's title in this language.
    pub fn title_in(&self, language: Language) -> &str {
        self.translations.say(language, &self.title)
    }

    /// What of the design people read as text, and not as an id, a name of somebody or a remark.
    fn texts(&self) -> BTreeSet<&str> {
        let arms = self.arms.iter().flat_map(|arm| [&arm.name, &arm.substance, &arm.dose, &arm.schedule]);
        let factors = self.allocation.factors.iter();
        let factors = factors.flat_map(|factor| factor.levels.iter().chain([&factor.name]));
        let criteria = self.criteria.iter().map(|criterion| &criterion.text);
        arms.chain(factors).chain(criteria).chain([&self.title]).map(String::as_str).collect()
    }
}

/// Reads the translations of a public design, which may have none.
pub(super) fn of_public(root: &mut Fields<'_>, design: Option<&StudyDesign>) -> Translations {
    read(root, design.map(StudyDesign::texts))
}

/// Reads those of the texts of a file; where these are not known, nothing is asked of the translations.
pub(super) fn read(root: &mut Fields<'_>, texts: Option<BTreeSet<&str>>) -> Translations {
    let translations = root.table_if_there("translations", |fields| {
        let languages = Language::VARIANTS.iter().filter_map(|language| {
            let translated = fields.table_if_there(language.into(), |fields| match &texts {
                Some(texts) => Some(translated(fields, texts)),
                None => fields.leave(),
            });
            Some((*language, translated?))
        });
        Some(languages.collect())
    });
    Translations(translations.unwrap_or_default())
}

fn translated(fields: &mut Fields<'_>, texts: &BTreeSet<&str>) -> BTreeMap<String, String> {
    let mut seen = BTreeSet::new();
    let read = |text: &&str| {
        let translation = fields.text_for(text, |translation| {
            if numbers(text) != numbers(translation) {
                return Some("must hold the same numbers as the text");
            }
            let is_first = seen.insert(translation.to_lowercase());
            (!is_first).then_some("is the translation of another text, too")
        });
        Some(((*text).to_owned(), translation?))
    };
    texts.iter().filter_map(read).collect()
}

/// The numbers of a text, in whatever order its language has them.
fn numbers(text: &str) -> Vec<&str> {
    let digits = text.split(|sign: char| !sign.is_ascii_digit());
    let mut numbers: Vec<&str> = digits.filter(|digits| !digits.is_empty()).collect();
    numbers.sort_unstable();
    numbers
}
