//! The treatment, as large as it can be, and what the clinician needs with it.

use service::unblind::{Revealed, RevealedKit};

use crate::face;
use crate::pages::page::Part;
use crate::words::Words;

pub(super) fn parts(words: Words, revealed: &Revealed) -> Vec<Part> {
    let is_mismatched = revealed.kits.iter().any(|kit| !kit.is_as_assigned);
    let mismatch = is_mismatched.then(|| Part::Warning(words.say("break.mismatch").to_owned()));
    let label = words.say("break.treatment").to_owned();
    let text = said(words, revealed, &revealed.treatment.name);
    let mut parts = vec![Part::Large { label, text }];
    parts.extend(mismatch);
    parts.push(Part::Facts(facts(words, revealed)));
    if !revealed.kits.is_empty() {
        let kits = revealed.kits.iter().map(|kit| self::kit(words, revealed, kit)).collect();
        parts.extend([Part::Heading(words.say("break.kits").to_owned()), Part::Facts(kits)]);
    }
    parts
}

/// A text of the design, in the reader's language where the design has it in that.
fn said(words: Words, revealed: &Revealed, text: &str) -> String {
    revealed.translations.say(words.0, text).to_owned()
}

fn facts(words: Words, revealed: &Revealed) -> Vec<(String, String)> {
    let treatment = &revealed.treatment;
    let facts = [
        ("subject.screening_number", revealed.subject.to_string()),
        ("subject.randomization_number", revealed.number.to_string()),
        ("break.substance", said(words, revealed, &treatment.substance)),
        ("break.dose", said(words, revealed, &treatment.dose)),
        ("break.schedule", said(words, revealed, &treatment.schedule)),
        ("break.in_the_protocol", treatment.name.clone()),
        ("break.broken_by", revealed.by.to_string()),
        ("break.broken_at", face::time(revealed.at, revealed.zone)),
        ("break.recorded", words.code("recorded", revealed.recorded)),
    ];
    facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec()
}

fn kit(words: Words, revealed: &Revealed, kit: &RevealedKit) -> (String, String) {
    let (visit, time) = (&kit.visit, face::time(kit.handed_over, revealed.zone));
    let contents = kit.contents.as_ref().map(|contents| contents.said(words.0));
    let what = contents.unwrap_or(words.say("break.unreadable"));
    (face::kit(&kit.number), words.fill("break.kit", &[("visit", visit), ("at", &time), ("what", &what)]))
}
