//! A leaf of the journal in words: what was done, by whom, in which role.

use serde_json::{Map, Value};
use terms::{KitNumber, Moment};

use crate::face;
use crate::pages::visitor::Standing;
use crate::words::Words;

/// Fields of an act that hold a code, with the kind under which the catalogue has its words. A field of these names
/// that holds something else stays as it is.
const CODES: [(&str, &str); 5] = [
    ("on", "hold"),
    ("role", "role"),
    ("reason", "break_reason"),
    ("sex", "sex"),
    ("alert_kind", "alert_kind"),
];

/// A leaf as a person reads it.
pub(super) struct Told {
    /// What was done, as a sentence.
    pub(super) what: String,
    /// Who did it, in which role; the service itself, or its operator, when nobody did.
    pub(super) who: String,
    /// When it was saved.
    pub(super) saved: String,
    /// When it happened, where that is another moment.
    pub(super) happened: Option<String>,
    /// The site that it concerns.
    pub(super) site: Option<String>,
}

/// Tells a leaf, as its canonical JSON has it.
pub(super) fn told(at: &Standing, leaf: &str) -> Told {
    let words = at.words();
    let leaf: Value = serde_json::from_str(leaf).unwrap_or_default();
    let text = |name: &str| leaf.get(name).and_then(Value::as_str).map(str::to_owned);
    let time = |name: &str| {
        let moment = text(name).and_then(|text| Moment::parse(&text));
        moment.map(|moment| face::time(moment, at.zone()))
    };
    let who = match (text("actor"), text("role")) {
        (Some(actor), Some(role)) => format!("{actor} ({})", words.code("role", role)),
        (Some(actor), None) => actor,
        (None, _) => words.say("journal.service").to_owned(),
    };
    Told {
        what: what(words, leaf.get("act").and_then(Value::as_object)),
        who,
        saved: time("saved").unwrap_or_default(),
        happened: time("happened"),
        site: text("site"),
    }
}

/// The sentence of the catalogue for this kind of act, with the act's own fields in it.
fn what(words: Words, act: Option<&Map<String, Value>>) -> String {
    let Some(act) = act else { return String::new() };
    let kind = act.get("kind").and_then(Value::as_str).unwrap_or_default();
    let fields: Vec<(&str, String)> =
        act.iter().map(|(name, value)| (name.as_str(), shown(words, name, value))).collect();
    words.code_with("act", kind, &fields)
}

/// A field's value for a sentence: a code in words, a kit number to be read aloud, and of a list how many there are.
fn shown(words: Words, name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => {
            if let Some((_, kind)) = CODES.iter().find(|(field, _)| *field == name) {
                return words.code(kind, text);
            }
            KitNumber::parse(text).map_or_else(|_other| text.clone(), |kit| face::kit(&kit))
        }
        Value::Array(list) => list.len().to_string(),
        Value::Bool(is) => words.yes_no(*is).to_owned(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
