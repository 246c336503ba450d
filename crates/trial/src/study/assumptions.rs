//! What the design assumes because nobody could look it up.

use toml::{Table, Value};

use super::fields::Fields;

/// One thing in the file that is no known fact of the trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// The place in the same file that is assumed, for example `allocation.list_length`.
    pub path: String,
    /// What is assumed.
    pub text: String,
    /// Why, or from what it was concluded.
    pub source: String,
}

pub(super) fn read(root: &mut Fields<'_>, file: &Table) -> Option<Vec<Assumption>> {
    root.tables("assumptions", |fields| {
        let path = fields.text("path");
        let text = fields.text("text");
        let source = fields.text("source");
        if path.as_ref().is_some_and(|path| find(file, path).is_none()) {
            fields.problem("path", "names no place in this file");
        }
        Some(Assumption { path: path?, text: text?, source: source? })
    })
}

/// The value at a path such as `visits[3].after`.
fn find<'t>(file: &'t Table, path: &str) -> Option<&'t Value> {
    let mut found: Option<&Value> = None;
    for step in path.split('.') {
        let mut parts = step.split('[');
        let key = parts.next()?;
        let table = match found {
            None => file,
            Some(value) => value.as_table()?,
        };
        let mut value = table.get(key)?;
        for index in parts {
            value = value.as_array()?.get(index.strip_suffix(']')?.parse::<usize>().ok()?)?;
        }
        found = Some(value);
    }
    found
}
