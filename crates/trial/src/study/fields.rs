//! Reading a TOML table field by field, collecting every problem on the way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::{Range, RangeInclusive};

use toml::{Table, Value};

/// What is wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place, for example `arms[1].ratio`, or a line and column when the file is no TOML at all.
    pub path: String,
    /// What is wrong there. Never holds a value of a sealed design.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Whether the names and messages found in a file may be repeated to whoever reads the problems.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo {
    Public,
    Sealed,
}

/// Reads a whole file with `read`, which is given the fields of the root.
///
/// # Errors
/// Every problem found, never none; a file that is no TOML gives exactly one.
pub(super) fn read_file<T>(
    text: &str,
    echo: Echo,
    read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let table: Table = text.parse().map_err(|error| vec![syntax(text, echo, &error)])?;
    let problems = RefCell::new(Vec::new());
    let value = Fields::read(String::new(), table, echo, &problems, read);
    let problems = problems.into_inner();
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        _ => {
            assert!(!problems.is_empty(), "a file without a problem could not be read");
            Err(problems)
        }
    }
}

fn syntax(text: &str, echo: Echo, error: &toml::de::Error) -> Problem {
    let start = error.span().unwrap_or(Range { start: 0, end: 0 }).start;
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let message = match echo {
        Echo::Public => format!("is no TOML: {}", error.message().replace('\n', ", ")),
        Echo::Sealed => "is no TOML".to_owned(),
    };
    Problem { path: format!("line {line}, column {column}"), message }
}

/// The fields of one table that have not been read yet. Every reading function reports what is wrong and then
/// gives `None`, so that reading goes on and the next problem is found, too.
pub(super) struct Fields<'p> {
    path: String,
    table: Table,
    echo: Echo,
    problems: &'p RefCell<Vec<Problem>>,
}

impl<'p> Fields<'p> {
    fn read<T>(
        path: String,
        table: Table,
        echo: Echo,
        problems: &'p RefCell<Vec<Problem>>,
        read: impl FnOnce(&mut Fields<'p>) -> Option<T>,
    ) -> Option<T> {
        let mut fields = Self { path, table, echo, problems };
        let value = read(&mut fields);
        fields.refuse_the_rest();
        value
    }

    /// A field that nobody has read is unknown: a misspelled setting must not pass as an absent one.
    fn refuse_the_rest(self) {
        for key in self.table.keys() {
            match self.echo {
                Echo::Public => self.problem(key, "is not a known field"),
                Echo::Sealed => self.problem("", "holds a field that is not known"),
            }
        }
    }

    /// The path of a field of this table; the table's own for an empty key.
    pub(super) fn at(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (true, _) => key.to_owned(),
            (false, true) => self.path.clone(),
            (false, false) => format!("{}.{key}", self.path),
        }
    }

    /// Reports a problem at a field of this table.
    pub(super) fn problem(&self, key: &str, message: impl Into<String>) {
        self.problem_at(self.at(key), message);
    }

    /// Reports a problem at any path.
    pub(super) fn problem_at(&self, path: String, message: impl Into<String>) {
        self.problems.borrow_mut().push(Problem { path, message: message.into() });
    }

    /// Whether there is such a field: one that a design may leave out is asked for first.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        let value = self.table.remove(key);
        if value.is_none() {
            self.problem(key, "is missing");
        }
        value
    }

    /// A line of text: not empty, at most 400 characters, no control characters.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.take(key)?;
        self.line(self.at(key), value)
    }

    /// A line of text that no other row of a list has.
    pub(super) fn unique_text(&mut self, key: &str, seen: &mut BTreeSet<String>) -> Option<String> {
        let text = self.text(key)?;
        if seen.insert(text.clone()) {
            return Some(text);
        }
        self.problem(key, "is the same as in an earlier row");
        None
    }

    /// The line of text whose name is itself a text of the file. Of a sealed file it is repeated no more than a value.
    pub(super) fn text_for(
        &mut self,
        text: &str,
        check: impl FnOnce(&str) -> Option<&'static str>,
    ) -> Option<String> {
        let key = if self.echo == Echo::Public { text } else { "" };
        let Some(value) = self.table.remove(text) else {
            self.problem(key, "is missing: every text of the design is translated, or none");
            return None;
        };
        let line = self.line(self.at(key), value)?;
        let trouble = check(&line);
        if let Some(trouble) = trouble {
            self.problem(key, trouble);
        }
        trouble.is_none().then_some(line)
    }

    /// Leaves what has not been read unread, where it cannot be told whether it is right.
    pub(super) fn leave<T>(&mut self) -> Option<T> {
        self.table.clear();
        None
    }

    fn line(&self, path: String, value: Value) -> Option<String> {
        match value {
            Value::String(text) if is_line(&text) => Some(text),
            _ => {
                self.problem_at(path, "must be a line of text of 1 to 400 characters");
                None
            }
        }
    }

    /// A whole number of a range.
    pub(super) fn whole<T: TryFrom<i64>>(&mut self, key: &str, range: RangeInclusive<i64>) -> Option<T> {
        let value = self.take(key)?;
        self.number(self.at(key), value, &range)
    }

    fn number<T: TryFrom<i64>>(&self, path: String, value: Value, range: &RangeInclusive<i64>) -> Option<T> {
        let number = value.as_integer().filter(|number| range.contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        if number.is_none() {
            let (low, high) = (range.start(), range.end());
            self.problem_at(path, format!("must be a whole number from {low} to {high}"));
        }
        number
    }

    /// A whole number of a range, where the file says one.
    pub(super) fn whole_if_there<T: TryFrom<i64>>(
        &mut self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> Option<T> {
        self.table.contains_key(key).then(|| self.whole(key, range)).flatten()
    }

    /// A whole number of a range, or what holds when the file does not say.
    pub(super) fn whole_or<T: TryFrom<i64>>(
        &mut self,
        key: &str,
        range: RangeInclusive<i64>,
        unsaid: T,
    ) -> Option<T> {
        if self.table.contains_key(key) { self.whole(key, range) } else { Some(unsaid) }
    }

    /// Lines of text under any names; none when the file does not say.
    pub(super) fn named_texts(&mut self, key: &str) -> Option<BTreeMap<String, String>> {
        match self.table.remove(key) {
            None => Some(BTreeMap::new()),
            Some(Value::Table(table)) => {
                let line = |(name, value)| Some((name, self.line(self.at(key), value)?));
                table.into_iter().map(line).collect()
            }
            Some(_) => {
                self.problem(key, "must be a table");
                None
            }
        }
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let flag = self.take(key)?.as_bool();
        if flag.is_none() {
            self.problem(key, "must be true or false");
        }
        flag
    }

    /// Yes or no; no when the file does not say.
    pub(super) fn flag_if_given(&mut self, key: &str) -> bool {
        self.table.contains_key(key) && self.flag(key).unwrap_or_default()
    }

    /// One of a closed list of words.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let value = self.take(key)?;
        let chosen = words.iter().find(|(word, _)| value.as_str() == Some(word));
        if chosen.is_none() {
            let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.problem(key, format!("must be one of: {}", allowed.join(", ")));
        }
        chosen.map(|(_, meaning)| *meaning)
    }

    /// A table within this one.
    pub(super) fn table<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Fields<'p>) -> Option<T>,
    ) -> Option<T> {
        let path = self.at(key);
        match self.take(key)? {
            Value::Table(table) => Fields::read(path, table, self.echo, self.problems, read),
            _ => {
                self.problem(key, "must be a table");
                None
            }
        }
    }

    /// A table within this one, where the file has it.
    pub(super) fn table_if_there<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Fields<'p>) -> Option<T>,
    ) -> Option<T> {
        self.table.contains_key(key).then(|| self.table(key, read)).flatten()
    }

    /// A list of tables. It is given only when every row could be read.
    pub(super) fn tables<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(&mut Fields<'p>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.list(key, |fields, path, value| match value {
            Value::Table(table) => Fields::read(path, table, fields.echo, fields.problems, &mut read),
            _ => {
                fields.problem_at(path, "must be a table");
                None
            }
        })
    }

    /// A list of lines of text.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        self.list(key, |fields, path, value| fields.line(path, value))
    }

    /// A list of whole numbers of a range.
    pub(super) fn wholes<T: TryFrom<i64>>(
        &mut self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> Option<Vec<T>> {
        self.list(key, |fields, path, value| fields.number(path, value, &range))
    }

    fn list<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(&Self, String, Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let path = self.at(key);
        let Value::Array(values) = self.take(key)? else {
            self.problem(key, "must be a list");
            return None;
        };
        // Every row is read before the first unreadable one ends the list.
        let rows: Vec<Option<T>> = values
            .into_iter()
            .enumerate()
            .map(|(i, value)| read(self, format!("{path}[{i}]"), value))
            .collect();
        rows.into_iter().collect()
    }
}

fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= 400 && !text.chars().any(char::is_control)
}
