//! What stands on the label of every kit, in every language of the study (Regulation (EU) 536/2014, Annex VI).
//!
//! The words belong to the study and to no kit type, so that no label can tell what is in a kit (KIT-15). What is of
//! one kit or batch alone is no part of them: its number, the batch and the label expiry.

use std::collections::{BTreeMap, BTreeSet};

use strum::VariantArray;
use terms::Gtin;

use super::fields::Fields;
use super::{ArmWords, StudyDesign};
use crate::Language;

/// What the labels of a study say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The GTIN of the packs, one for all kit types; without one, a label's code is the kit number alone.
    pub gtin: Option<Gtin>,
    /// The words in each language, at least one.
    pub languages: BTreeMap<Language, LabelWords>,
}

/// What the labels say in one language; the letters are the items of Annex VI, section A.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelWords {
    /// (a) The main contact for information on the product and the trial, and for emergency unblinding (UNB-17).
    pub contact: String,
    /// (a) Its address.
    pub address: String,
    /// (a) Its telephone number, which is answered day and night.
    pub telephone: String,
    /// (b) The substance with the strengths and the comparator: every kit has the same words.
    pub substance: String,
    /// (c) The pharmaceutical form.
    pub form: String,
    /// (c) The route of administration.
    pub route: String,
    /// (c) How many dosage units are in a kit.
    pub quantity: String,
    /// (h) The directions for use.
    pub directions: String,
    /// (i) That it is for clinical trial use only.
    pub trial_use: String,
    /// (j) The storage conditions.
    pub storage: String,
    /// (l) That it is kept out of reach of children.
    pub children: String,
}

/// What every set of labels needs of the public design, in words.
pub const ITEMS: [&str; 12] = [
    "main contact",
    "address",
    "telephone with emergency unblinding",
    "substance with the comparator",
    "pharmaceutical form",
    "route of administration",
    "quantity of dosage units",
    "directions for use",
    "for clinical trial use only",
    "storage conditions",
    "keep out of reach of children",
    "trial reference",
];

impl LabelWords {
    /// Every text with the name of its field.
    pub fn texts(&self) -> [(&'static str, &str); 11] {
        [
            ("contact", &self.contact),
            ("address", &self.address),
            ("telephone", &self.telephone),
            ("substance", &self.substance),
            ("form", &self.form),
            ("route", &self.route),
            ("quantity", &self.quantity),
            ("directions", &self.directions),
            ("trial_use", &self.trial_use),
            ("storage", &self.storage),
            ("children", &self.children),
        ]
    }
}

impl StudyDesign {
    /// The words of a label in this language.
    ///
    /// # Errors
    /// What is missing, in the words of [`ITEMS`]: of a design without labels, or without this language, all of it; of
    /// one without a registration, the trial reference.
    pub fn label_words(&self, language: Language) -> Result<&LabelWords, Vec<&'static str>> {
        let words = self.label.as_ref().and_then(|label| label.languages.get(&language));
        let is_missing = |item: &&str| match *item {
            "trial reference" => self.registrations.is_empty(),
            _ => words.is_none(),
        };
        let missing: Vec<&str> = ITEMS.into_iter().filter(is_missing).collect();
        words.filter(|_| missing.is_empty()).ok_or(missing)
    }
}

/// Reads the labels. A design that was made before there were any has no such table, and no labels.
pub(super) fn read(root: &mut Fields<'_>) -> Option<Option<Label>> {
    if !root.has("label") {
        return Some(None);
    }
    let label = root.table("label", |fields| {
        let gtin = if fields.has("gtin") { gtin(fields).map(Some) } else { Some(None) };
        let languages = languages(fields);
        Some(Label { gtin: gtin?, languages: languages? })
    });
    label.map(Some)
}

fn gtin(fields: &mut Fields<'_>) -> Option<Gtin> {
    let gtin = Gtin::parse(&fields.text("gtin")?);
    gtin.map_err(|bad| fields.problem("gtin", bad.to_string())).ok()
}

fn languages(fields: &mut Fields<'_>) -> Option<BTreeMap<Language, LabelWords>> {
    let mut seen = BTreeSet::new();
    let languages = fields.tables("languages", |fields| {
        let language = language(fields, &mut seen);
        let words = words(fields);
        Some((language?, words?))
    })?;
    if languages.is_empty() {
        fields.problem("languages", "must hold at least one language");
        return None;
    }
    Some(languages.into_iter().collect())
}

fn language(fields: &mut Fields<'_>, seen: &mut BTreeSet<Language>) -> Option<Language> {
    let codes: Vec<(&str, Language)> =
        Language::VARIANTS.iter().map(|language| (<&str>::from(language), *language)).collect();
    let language = fields.choice("language", &codes)?;
    if seen.insert(language) {
        return Some(language);
    }
    fields.problem("language", "is the same as in an earlier row");
    None
}

fn words(fields: &mut Fields<'_>) -> Option<LabelWords> {
    let contact = fields.text("contact");
    let address = fields.text("address");
    let telephone = telephone(fields);
    let substance = fields.text("substance");
    let form = fields.text("form");
    let route = fields.text("route");
    let quantity = fields.text("quantity");
    let directions = fields.text("directions");
    let trial_use = fields.text("trial_use");
    let storage = fields.text("storage");
    let children = fields.text("children");
    Some(LabelWords {
        contact: contact?,
        address: address?,
        telephone: telephone?,
        substance: substance?,
        form: form?,
        route: route?,
        quantity: quantity?,
        directions: directions?,
        trial_use: trial_use?,
        storage: storage?,
        children: children?,
    })
}

/// In a blind trial every label names the substance together with its comparator (item b): the words of one arm alone
/// are a slip that would stand on the kits of all the others, too.
pub(super) fn check(root: &Fields<'_>, label: &Label, arms: &[ArmWords]) {
    let said: BTreeSet<String> =
        arms.iter().flat_map(|arm| [&arm.name, &arm.substance]).map(|words| words.to_lowercase()).collect();
    for (i, words) in label.languages.values().enumerate() {
        if said.contains(&words.substance.to_lowercase()) {
            let path = format!("label.languages[{i}].substance");
            root.problem_at(
                path,
                "must name the substance together with its comparator, not one arm's alone",
            );
        }
    }
}

/// Whoever needs the code at night must find a number that can be dialled (UNB-17).
fn telephone(fields: &mut Fields<'_>) -> Option<String> {
    let telephone = fields.text("telephone")?;
    if telephone.chars().filter(char::is_ascii_digit).count() >= 6 {
        return Some(telephone);
    }
    fields.problem("telephone", "must hold a telephone number of six digits or more");
    None
}
