//! Labels in words: what stands on every kit of a batch, and on a shipment. Nothing here knows a kit type.

use chrono::Datelike;
use terms::{BatchId, Day, Gtin, KitNumber, ShipmentId};

use crate::study::{LabelWords, StudyDesign};
use crate::{Language, Refusal};

/// The labels of a whole batch. All but the kit numbers is the same on every one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KitLabels {
    /// The language.
    pub language: Language,
    /// The words of the study.
    pub words: LabelWords,
    /// The numbers of the trial, and its sponsor (e).
    pub trial: String,
    /// The batch (d).
    pub batch: BatchId,
    /// The GTIN of the packs, if they have one.
    pub gtin: Option<Gtin>,
    /// The label expiry (k).
    pub label_expiry: Day,
    /// The kits, in the order of their numbers (f).
    pub kits: Vec<KitNumber>,
}

/// The label of a shipment. It says how many kits are in it, and nothing of what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipmentLabel {
    /// The language.
    pub language: Language,
    /// The words of the study.
    pub words: LabelWords,
    /// The numbers of the trial, and its sponsor.
    pub trial: String,
    /// The shipment.
    pub shipment: ShipmentId,
    /// From where, in words; the sponsor's stock when none.
    pub from: Option<String>,
    /// To where, in words.
    pub to: String,
    /// How many kits of all types together.
    pub kits: usize,
}

/// The words around the others, which are the product's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the heading of what its name says")]
pub struct Headings {
    pub kit: &'static str,
    pub batch: &'static str,
    pub month_of_expiry: &'static str,
    pub day_of_expiry: &'static str,
    pub subject: &'static str,
    pub visit: &'static str,
    pub investigator: &'static str,
    pub trial: &'static str,
    pub contact: &'static str,
    pub shipment: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub kits: &'static str,
    pub stock: &'static str,
    pub telephone: &'static str,
    /// Between a heading and what it is of.
    pub colon: &'static str,
}

const ENGLISH: Headings = Headings {
    kit: "Kit number",
    batch: "Batch",
    month_of_expiry: "Expiry (month/year)",
    day_of_expiry: "Expiry (year-month-day)",
    subject: "Subject no.",
    visit: "Visit",
    investigator: "Investigator",
    trial: "Trial",
    contact: "Contact, information and emergency unblinding",
    shipment: "Shipment",
    from: "From",
    to: "To",
    kits: "Kits in total",
    stock: "the sponsor's stock",
    telephone: "Tel.",
    colon: ": ",
};

const FRENCH: Headings = Headings {
    kit: "Numéro de kit",
    batch: "Lot",
    month_of_expiry: "Péremption (mois/année)",
    day_of_expiry: "Péremption (année-mois-jour)",
    subject: "Sujet n°",
    visit: "Visite",
    investigator: "Investigateur",
    trial: "Essai",
    contact: "Contact, information et levée d'aveugle en urgence",
    shipment: "Envoi",
    from: "De",
    to: "À",
    kits: "Kits au total",
    stock: "stock du promoteur",
    telephone: "Tél.",
    colon: " : ",
};

/// The headings in a language.
pub const fn headings(language: Language) -> &'static Headings {
    match language {
        Language::En => &ENGLISH,
        Language::Fr => &FRENCH,
    }
}

impl KitLabels {
    /// The labels of a batch under a design.
    ///
    /// There is no way to leave the label expiry out: the kit is the outer pack (KIT-09).
    ///
    /// # Errors
    /// [`Refusal::LabelIncomplete`] with everything that the design does not say.
    pub fn of(
        design: &StudyDesign,
        language: Language,
        batch: (BatchId, Day),
        kits: Vec<KitNumber>,
    ) -> Result<Self, Refusal> {
        let words = design.label_words(language).map_err(Refusal::LabelIncomplete)?.clone();
        let gtin = design.label.as_ref().and_then(|label| label.gtin);
        let ((batch, label_expiry), trial) = (batch, trial_reference(design));
        Ok(Self { language, words, trial, batch, gtin, label_expiry, kits })
    }

    /// The label expiry as it is printed, under the heading that says how to read it.
    pub fn printed_expiry(&self) -> (&'static str, String) {
        let headings = headings(self.language);
        match month_of_expiry(self.label_expiry) {
            Some(month) => (headings.month_of_expiry, month),
            None => (headings.day_of_expiry, self.label_expiry.to_string()),
        }
    }
}

impl ShipmentLabel {
    /// The label of a shipment under a design.
    ///
    /// # Errors
    /// [`Refusal::LabelIncomplete`] with everything that the design does not say.
    pub fn of(
        design: &StudyDesign,
        language: Language,
        shipment: ShipmentId,
        (from, to): (Option<String>, String),
        kits: usize,
    ) -> Result<Self, Refusal> {
        let words = design.label_words(language).map_err(Refusal::LabelIncomplete)?.clone();
        Ok(Self { language, words, trial: trial_reference(design), shipment, from, to, kits })
    }
}

impl LabelWords {
    /// Contact, address and telephone, after the words that say what they are for.
    pub fn whole_contact(&self, headings: &Headings) -> String {
        let Headings { contact, telephone, colon, .. } = headings;
        format!("{contact}{colon}{}, {}. {telephone} {}", self.contact, self.address, self.telephone)
    }
}

/// MM/YYYY, which on a label means the last day of that month, and so is printed for no other day (KIT-08).
fn month_of_expiry(day: Day) -> Option<String> {
    let is_last_of_month = day.succ_opt().is_none_or(|next| next.month() != day.month());
    is_last_of_month.then(|| day.format("%m/%Y").to_string())
}

/// The number in groups, for reading it aloud: two of four digits, and the check digits. A scanner reads it without.
pub fn read_aloud(kit: KitNumber) -> String {
    let digits: Vec<char> = kit.to_string().chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// All numbers under which the trial is known, and who is responsible for it.
fn trial_reference(design: &StudyDesign) -> String {
    let numbers = design.registrations.iter().map(|known| format!("{} {}", known.registry, known.number));
    let all: Vec<String> = numbers.chain([design.sponsor.clone()]).collect();
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::{Headings, KitLabels, headings, month_of_expiry, read_aloud};
    use crate::study::{ITEMS, StudyDesign};
    use crate::{Language, Refusal};
    use strum::VariantArray;
    use terms::{BatchId, Day, KitNumber};

    const IMODALS: &str = include_str!("../../../config/imodals.toml");
    const MIROCALS: &str = include_str!("../../../tests/data/mirocals-like.toml");

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn design(text: &str) -> StudyDesign {
        StudyDesign::from_toml(text).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    fn labels(design: &StudyDesign, language: Language, expiry: &str) -> Result<KitLabels, Refusal> {
        let batch = BatchId::parse("B-1").expect("a batch");
        KitLabels::of(design, language, (batch, day(expiry)), Vec::new())
    }

    #[test]
    fn kit_08_a_month_is_printed_only_for_its_last_day() {
        for (expiry, month) in [
            ("2030-12-31", Some("12/2030")),
            ("2030-12-30", None),
            ("2030-12-01", None),
            ("2028-02-29", Some("02/2028")),
            ("2028-02-28", None),
            ("2030-02-28", Some("02/2030")),
            ("2030-04-30", Some("04/2030")),
        ] {
            assert_eq!(month_of_expiry(day(expiry)).as_deref(), month, "{expiry}");
        }
        let printed =
            |language, expiry| labels(&design(IMODALS), language, expiry).expect("labels").printed_expiry();
        assert_eq!(printed(Language::En, "2030-12-31"), ("Expiry (month/year)", "12/2030".to_owned()));
        let french = ("Péremption (année-mois-jour)", "2030-12-30".to_owned());
        assert_eq!(printed(Language::Fr, "2030-12-30"), french);
    }

    #[test]
    fn a_kit_number_is_read_aloud_in_groups() {
        let kit = KitNumber::parse("1234567889").expect("a kit number");
        assert_eq!(read_aloud(kit), "1234 5678 89");
    }

    #[test]
    fn kit_15_a_set_of_labels_names_everything_that_the_design_does_not_say() {
        let missing = |text: &str, language| match labels(&design(text), language, "2030-12-31") {
            Err(Refusal::LabelIncomplete(missing)) => missing,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(MIROCALS, Language::En), ITEMS, "it has no labels and is in no registry");
        let start = IMODALS.find("registrations = [").expect("the registrations");
        let end = IMODALS[start..].find("\n]").expect("their end") + start;
        let unregistered = format!("{}registrations = [{}", &IMODALS[..start], &IMODALS[end..]);
        assert_eq!(missing(&unregistered, Language::Fr), ["trial reference"]);
        let english_alone = IMODALS.split("[[label.languages]]").take(2).collect::<Vec<_>>();
        let rest = IMODALS.find("# Who knows treatments").expect("what follows the labels");
        let english_alone = english_alone.join("[[label.languages]]") + &IMODALS[rest..];
        assert!(labels(&design(&english_alone), Language::En, "2030-12-31").is_ok());
        assert_eq!(missing(&english_alone, Language::Fr).len(), ITEMS.len() - 1);
    }

    #[test]
    fn every_language_has_headings_of_its_own() {
        let all: Vec<&Headings> = Language::VARIANTS.iter().map(|language| headings(*language)).collect();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
