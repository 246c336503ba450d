//! The linter of what can be seen from outside (KIT-25, BLD-08): a pack, a closure, a weight, a storage class. Whatever
//! is not the same for all kit types separates them, and an internal code or a true lot on a label tells everything.

use std::collections::BTreeMap;

use super::{Problem, SealedDesign};

/// What can be seen of a kit from outside: the names of attributes, each with its value.
pub type Visible = BTreeMap<String, String>;

/// Attributes of one kit type.
const MOST: usize = 16;
/// Characters of a name.
const LONGEST_NAME: usize = 32;
/// Characters of a value.
const LONGEST_VALUE: usize = 80;
/// From so many characters on, what must not be seen is found within other words, too.
const LONG: usize = 4;

/// What a sealed design tells by what can be seen of its kits, or by a public text that holds one of its codes;
/// `public` is the text of the public design. It is asked when a design is checked and when it comes into force, and
/// never of one that is in use: no study stops for it.
pub fn lint(public: &str, sealed: &SealedDesign) -> Vec<Problem> {
    let unseen = Unseen::of(sealed.codes());
    let mut problems = Vec::new();
    let mut found = |path: String, message: String| problems.push(Problem { path, message });
    for (place, kit_type) in sealed.kit_types().iter().enumerate() {
        if let Some(what) = problem(&kit_type.visible, &unseen) {
            found(format!("kit_types[{place}].visible"), what);
        }
    }
    let types: Vec<&Visible> = sealed.kit_types().iter().map(|kit_type| &kit_type.visible).collect();
    let is_sound = types.iter().all(|visible| problem(visible, &unseen).is_none());
    if let Some(name) = separating(&types).filter(|_| is_sound) {
        found("kit_types".to_owned(), format!("can be told apart by the visible attribute `{name}`"));
    }
    let arms = sealed.codes().count() - types.len();
    for (place, code) in sealed.codes().enumerate() {
        if Unseen::of(std::iter::once(code)).is_in_text(public) {
            let path = match place.checked_sub(arms) {
                None => format!("arms[{place}].code"),
                Some(place) => format!("kit_types[{place}].code"),
            };
            found(path, "stands in the public design".to_owned());
        }
    }
    problems
}

/// What must stand on no label: internal codes and true lots. It has no `Debug`.
pub struct Unseen(Vec<String>);

impl Unseen {
    /// These words, in whatever case.
    pub fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        Self(words.map(|word| word.trim().to_lowercase()).filter(|word| !word.is_empty()).collect())
    }

    /// Whether one of the words stands in the text: as words of their own, or from four characters on anywhere.
    pub fn is_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|word| stands_in(&text, word))
    }

    /// Whether one of the words of four characters or more stands in a text of many words.
    pub fn is_in_text(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|word| word.chars().count() >= LONG && text.contains(word))
    }
}

fn stands_in(text: &str, word: &str) -> bool {
    if word.chars().count() >= LONG {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// What is wrong with the attributes of the kit type at this place, by itself. No word of it repeats a value.
pub fn problem(visible: &Visible, unseen: &Unseen) -> Option<String> {
    if visible.len() > MOST {
        return Some(format!("holds more than {MOST} attributes"));
    }
    for (name, value) in visible {
        if !is_name(name) {
            let rule =
                format!("has a name that is not 1 to {LONGEST_NAME} small letters, digits or underscores");
            return Some(rule);
        }
        if unseen.is_in(name) || unseen.is_in(&name.replace('_', " ")) {
            return Some("has a name that holds an internal code or a true lot".to_owned());
        }
        if !is_value(value) {
            return Some(format!("has a `{name}` that is not 1 to {LONGEST_VALUE} printable characters"));
        }
        if unseen.is_in(value) {
            return Some(format!("has a `{name}` that holds an internal code or a true lot"));
        }
    }
    None
}

/// The first attribute that is not the same for all kit types: it separates them. It is looked for in attributes that
/// have no problem by themselves, so its name may be told.
pub fn separating<'a>(types: &[&'a Visible]) -> Option<&'a str> {
    let names = types.iter().flat_map(|visible| visible.iter());
    let is_shared = |name: &str, value: &str| {
        types.iter().all(|other| other.get(name).is_some_and(|other| other == value))
    };
    names.filter(|(name, value)| !is_shared(name, value)).map(|(name, _)| name.as_str()).min()
}

fn is_name(name: &str) -> bool {
    let is_sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '_';
    !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(is_sign)
}

fn is_value(value: &str) -> bool {
    !value.trim().is_empty() && value.chars().count() <= LONGEST_VALUE && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests;
