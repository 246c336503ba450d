//! What blinded people could have seen of a trial, and the comparison of two such recordings.

use std::fmt;

/// One thing that a blinded person got: an answer, a mail, a line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// What it is, in terms of what was asked for.
    pub(super) title: String,
    /// All of it.
    pub(super) text: String,
}

/// Everything that blinded people got, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Recording(pub(super) Vec<Item>);

/// The first thing in which two recordings differ.
#[derive(Debug)]
pub(super) struct Difference {
    title: String,
    before: String,
    here: String,
    there: String,
}

impl Recording {
    pub(super) fn add(&mut self, title: String, text: String) {
        self.0.push(Item { title, text });
    }

    /// The recording with every text changed, for comparing no more than is to be compared.
    pub(super) fn with(&self, change: impl Fn(&str) -> String) -> Self {
        let changed = |item: &Item| Item { title: change(&item.title), text: change(&item.text) };
        Self(self.0.iter().map(changed).collect())
    }

    /// The first difference; `None` when the recordings are equal to the byte.
    pub(super) fn difference(&self, other: &Self) -> Option<Difference> {
        let nothing = Item { title: "the end".to_owned(), text: String::new() };
        let item = |of: &Self, at: usize| of.0.get(at).cloned().unwrap_or_else(|| nothing.clone());
        let at = (0..self.0.len().max(other.0.len())).find(|at| self.0.get(*at) != other.0.get(*at))?;
        let (here, there) = (item(self, at), item(other, at));
        let title = format!("item {at}: {} / {}", here.title, there.title);
        let before = at.checked_sub(1).map_or_else(String::new, |before| item(self, before).title);
        let (here, there) = around(&here.text, &there.text);
        Some(Difference { title, before, here, there })
    }

    /// # Panics
    /// When they differ, saying in what and where.
    #[track_caller]
    pub(super) fn assert_same(&self, other: &Self, what: &str) {
        if let Some(difference) = self.difference(other) {
            panic!("{what}: blinded people can tell the worlds apart.\n{difference}");
        }
    }
}

/// Both texts around the first byte in which they differ.
fn around(here: &str, there: &str) -> (String, String) {
    let same = here.chars().zip(there.chars()).take_while(|(one, other)| one == other).count();
    let window = |text: &str| text.chars().skip(same.saturating_sub(150)).take(400).collect();
    (window(here), window(there))
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, before, here, there } = self;
        write!(f, "{title}\n(after: {before})\n--- here\n{here}\n--- there\n{there}")
    }
}
