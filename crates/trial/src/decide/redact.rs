//! Redacting a text that was typed by mistake: which one, and by whom (AUD-13).

use journal::Commitment;
use serde_json::Value;

use crate::act::Leaf;
use crate::{Refusal, view};

/// A text of a leaf: the name of its field, and the commitment that stands for it.
pub type Text = (String, Commitment);

/// Every text of a leaf that a person wrote, in the order of the leaf. Nothing else can be redacted: arms, kit types,
/// lots, seeds and designs prove what was done.
pub fn texts(leaf: &Leaf) -> Vec<Text> {
    let mut texts = Vec::new();
    collect("", &serde_json::to_value(leaf).unwrap_or_default(), &mut texts);
    texts
}

/// A field of one of these names may also hold a code of a closed list; only a commitment reads as one.
fn collect(field: &str, value: &Value, texts: &mut Vec<Text>) {
    match value {
        Value::String(text) if view::is_free_text(field) => {
            texts.extend(text.parse().ok().map(|commitment| (field.to_owned(), commitment)));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(field, item, texts)),
        Value::Object(fields) => fields.iter().for_each(|(field, value)| collect(field, value, texts)),
        _ => {}
    }
}

/// The text of the leaf that is meant: the only one, or the one that is named.
///
/// # Errors
/// [`Refusal::Field`] when the leaf holds no text, not this one, or several and none is named.
pub fn choose(leaf: &Leaf, named: Option<&Commitment>) -> Result<Text, Refusal> {
    let texts = texts(leaf);
    match (named, texts.as_slice()) {
        (_, []) => Err(Refusal::field("leaf", "holds no text that a person wrote")),
        (None, [only]) => Ok(only.clone()),
        (None, several) => {
            let how_many = several.len();
            Err(Refusal::field("commitment", format!("must say which of the {how_many} texts of this leaf")))
        }
        (Some(named), texts) => {
            let found = texts.iter().find(|(_, commitment)| commitment == named);
            found.cloned().ok_or_else(|| Refusal::field("commitment", "is none of a text in this leaf"))
        }
    }
}

/// Whether the second signature may be given.
///
/// # Errors
/// [`Refusal::AlreadyConfirmed`], [`Refusal::SamePerson`].
pub fn confirm(is_gone: bool, is_same_person: bool) -> Result<(), Refusal> {
    match (is_gone, is_same_person) {
        (true, _) => Err(Refusal::AlreadyConfirmed),
        (_, true) => Err(Refusal::SamePerson),
        (false, false) => Ok(()),
    }
}
