//! A form: its fields with what was typed and what is wrong with it, and the JSON that it stands for.
//!
//! A form is another way of writing the body of one request of the interface: a field has the path of the body's
//! field as its name, so that what the interface refuses stands at the field it is about.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use service::request::IdempotencyKey;
use trial::Refusal;

use super::visitor::{Here, Visitor};
use crate::Problem;
use crate::words::Words;

/// After so many milliseconds it is asked again what became of a request.
const ASKS_AGAIN_IN: u32 = 2_000;

/// To so many wrong fields there is a link at the head of the form; the others are told in number.
const FAULTS: usize = 8;

/// A form that is sent to the address it stands at.
#[derive(Clone)]
pub(crate) struct Form {
    pub(crate) fields: Vec<Field>,
    /// What the button says.
    pub(crate) submit: String,
    /// What the signer means by the password, for an act that is signed.
    pub(crate) meaning: Option<String>,
    /// Whether the act is one that cannot be undone, or is asked for in an emergency.
    pub(crate) is_grave: bool,
    /// What is wrong with all of it.
    pub(crate) trouble: Option<String>,
    /// What will be used, on the page on which it is confirmed.
    pub(crate) facts: Vec<(String, String)>,
    /// What a form of this session carries.
    pub(crate) guard: String,
    /// The idempotency key: whatever is sent again, has one effect.
    pub(crate) key: String,
    /// The signature of a request that is asked again because its outcome is not known.
    pub(crate) signature: Option<String>,
    /// After how many milliseconds a browser with scripts sends it by itself.
    pub(crate) goes_on_in: Option<u32>,
    /// Where it is sent to; to its own page when there is none.
    pub(crate) action: Option<String>,
    /// What is wrong with the password.
    pub(crate) wrong_password: bool,
}

/// A field.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    pub(crate) trouble: Option<String>,
    pub(crate) is_required: bool,
    /// Whether one of several is to be filled in, so that none is optional by itself.
    pub(crate) is_one_of: bool,
    /// Whether it goes along unseen.
    pub(crate) is_hidden: bool,
    /// How many forms of its page stand before its own.
    pub(crate) forms_before: usize,
}

/// What is typed or chosen.
#[derive(Clone)]
pub(crate) enum Kind {
    Text,
    /// A log-in name.
    Name,
    Password,
    /// A password that is set.
    NewPassword,
    /// The code of a second factor.
    Code,
    /// A kit number, which may be scanned with the camera.
    Scan,
    /// A whole number.
    Number,
    Day,
    /// A day and a time by the clock of a place.
    Time(Tz),
    /// The SHA-256 of a file. A script computes it of a file that is chosen, which stays where it is.
    Hash,
    /// A text of several lines.
    Paragraph,
    /// A list, one on each line; a camera scans kits into it.
    Lines,
    /// Names with their values, one on each line with a colon between.
    Pairs,
    /// A text of many lines, as it was pasted.
    Pasted,
    /// One of few, all to be seen.
    Radio(Vec<(String, String)>),
    /// One of many.
    Choice(Vec<(String, String)>),
    /// Any number of a list, each on a line of the value.
    Many(Vec<(String, String)>),
    /// Yes, when it is checked.
    Check,
}

impl Field {
    pub(crate) fn new(name: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: None,
            kind,
            value: String::new(),
            trouble: None,
            is_required: true,
            is_one_of: false,
            is_hidden: false,
            forms_before: 0,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    /// The same as one of several, of which one is to be filled in.
    pub(crate) fn one_of(self) -> Self {
        Self { is_required: false, is_one_of: true, ..self }
    }

    /// Whether it may be left empty, whatever else is filled in.
    pub(crate) fn is_optional(&self) -> bool {
        !self.is_required && !self.is_one_of
    }

    pub(crate) fn value(self, value: impl ToString) -> Self {
        Self { value: value.to_string(), ..self }
    }

    /// The id of the field's element, of which a page has but one.
    pub(crate) fn id(&self) -> String {
        let name = self.name.replace(['.', '_'], "-");
        match self.forms_before {
            0 => format!("f-{name}"),
            before => format!("f{before}-{name}"),
        }
    }

    /// How a browser takes what is typed.
    pub(crate) fn attributes(&self) -> &'static str {
        match self.kind {
            Kind::Name => r#"type="text" autocomplete="username" autocapitalize="none" spellcheck="false""#,
            Kind::Password => r#"type="password" autocomplete="current-password""#,
            Kind::NewPassword => r#"type="password" autocomplete="new-password""#,
            Kind::Code => {
                r#"type="text" inputmode="numeric" autocomplete="one-time-code" spellcheck="false""#
            }
            Kind::Scan => r#"type="text" inputmode="numeric" autocomplete="off" data-scan"#,
            Kind::Number => r#"type="text" inputmode="numeric" autocomplete="off""#,
            Kind::Day => r#"type="date""#,
            Kind::Time(_) => r#"type="datetime-local""#,
            Kind::Hash => r#"type="text" autocomplete="off" autocapitalize="none" spellcheck="false""#,
            _ => r#"type="text" autocomplete="off""#,
        }
    }

    /// Whether this is among what was chosen.
    pub(crate) fn is_chosen(&self, option: &str) -> bool {
        self.value.lines().any(|line| line == option)
    }

    /// Whether what was typed is never sent back.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Password | Kind::NewPassword | Kind::Code)
    }

    /// What was typed, as it is shown once more before it is used.
    pub(crate) fn shown(&self, words: Words) -> String {
        match &self.kind {
            Kind::Check => words.yes_no(!self.value.is_empty()).to_owned(),
            Kind::Radio(options) | Kind::Choice(options) => {
                let chosen = options.iter().find(|(value, _)| *value == self.value);
                chosen.map_or_else(|| self.value.clone(), |(_, label)| label.clone())
            }
            Kind::Many(options) => {
                let chosen = options.iter().filter(|(value, _)| self.is_chosen(value));
                let chosen: Vec<&str> = chosen.map(|(_, label)| label.as_str()).collect();
                if chosen.is_empty() { words.say("form.none").to_owned() } else { chosen.join("; ") }
            }
            _ if self.value.is_empty() => words.say("form.none").to_owned(),
            _ => self.value.clone(),
        }
    }

    /// Whether it has to be filled in and was not.
    pub(crate) fn is_left_empty(&self) -> bool {
        let is_list = matches!(self.kind, Kind::Lines | Kind::Many(_));
        let is_empty = self.json().is_none() || (is_list && self.value.trim().is_empty());
        self.is_required && !self.is_hidden && is_empty
    }

    /// Whether something else was typed than the number, the day or the time that is asked for.
    fn is_unreadable(&self) -> bool {
        let text = self.value.trim();
        let is_readable = match self.kind {
            Kind::Number => text.parse::<i64>().is_ok(),
            Kind::Day => text.parse::<NaiveDate>().is_ok(),
            Kind::Time(zone) => instant(text, zone).is_some() || DateTime::parse_from_rfc3339(text).is_ok(),
            _ => true,
        };
        !text.is_empty() && !is_readable
    }

    /// The value in the body; nothing when the field was left empty.
    fn json(&self) -> Option<Value> {
        let text = self.value.trim();
        match self.kind {
            Kind::Check => Some(Value::Bool(!text.is_empty())),
            Kind::Lines | Kind::Many(_) => {
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
                Some(lines.map(Value::from).collect())
            }
            _ if text.is_empty() => None,
            Kind::Pairs => {
                let lines = text.lines().filter(|line| !line.trim().is_empty());
                Some(lines.map(|line| trimmed(line.split_once(':').unwrap_or((line, "")))).collect())
            }
            // A browser ends every line with a carriage return besides, whatever was pasted.
            Kind::Pasted => Some(Value::from(self.value.replace("\r\n", "\n"))),
            // What is no number stays a text, which the body refuses in words that name the field.
            Kind::Number => Some(text.parse::<i64>().map_or_else(|_bad| Value::from(text), Value::from)),
            Kind::Time(zone) => Some(Value::from(instant(text, zone).unwrap_or_else(|| text.to_owned()))),
            _ => Some(Value::from(text)),
        }
    }

    /// The same, going along unseen.
    pub(crate) fn hidden(self) -> Self {
        Self { is_hidden: true, ..self }
    }
}

impl Form {
    /// The form with a word at each of these fields that is empty; none when all of them are filled in.
    pub(crate) fn unfilled(
        &self,
        words: Words,
        word: &'static str,
        is_asked: impl Fn(&Field) -> bool,
    ) -> Option<Self> {
        let form = self.clone().marked(words, word, |field| field.value.is_empty() && is_asked(field));
        form.fields.iter().any(|field| field.trouble.is_some()).then_some(form)
    }

    /// The form with these sentences at its fields, by their names.
    pub(crate) fn wrong_at(mut self, words: Words, wrong: &BTreeMap<String, String>) -> Self {
        for field in &mut self.fields {
            field.trouble = wrong.get(&field.name).cloned();
        }
        self.trouble = (!wrong.is_empty()).then(|| words.say("form.see_field").to_owned());
        self
    }

    /// The form with a word at each of these fields.
    pub(crate) fn marked(
        mut self,
        words: Words,
        word: &'static str,
        is_wrong: impl Fn(&Field) -> bool,
    ) -> Self {
        for field in self.fields.iter_mut().filter(|field| is_wrong(field)) {
            field.trouble = Some(words.say(word).to_owned());
            self.trouble = Some(words.say("form.see_field").to_owned());
        }
        self
    }

    /// A form on this page, whoever sends it.
    pub(crate) fn new(here: &Here, guard: &str, fields: Vec<Field>, submit: impl Into<String>) -> Self {
        Self {
            fields,
            submit: submit.into(),
            meaning: None,
            is_grave: false,
            trouble: None,
            facts: Vec::new(),
            guard: guard.to_owned(),
            key: here.request_id.clone(),
            signature: None,
            goes_on_in: None,
            action: None,
            wrong_password: false,
        }
    }

    /// A form of somebody who is logged in.
    pub(crate) fn of(visitor: &Visitor, fields: Vec<Field>, submit: impl Into<String>) -> Self {
        Self::new(&visitor.here, &visitor.guard, fields, submit)
    }

    /// The form of an act that is signed, with what the password means.
    pub(crate) fn signed(self, meaning: impl Into<String>) -> Self {
        Self { meaning: Some(meaning.into()), ..self }
    }

    /// Whether what was typed is read once more before it is sent.
    pub(crate) fn is_to_confirm(&self) -> bool {
        !self.facts.is_empty()
    }

    /// What is filled in, as a body of the interface.
    pub(crate) fn json(&self) -> Value {
        let mut body = Value::Object(Map::new());
        for field in &self.fields {
            if let Some(value) = field.json() {
                put(&mut body, &field.name, value);
            }
        }
        body
    }

    /// What is filled in, read as the interface would read it.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        crate::posted::parse(&serde_json::to_vec(&self.json()).map_err(|_never| Problem::internal())?)
    }

    /// The key under which it is sent.
    pub(crate) fn idempotency_key(&self) -> Result<IdempotencyKey, Problem> {
        Ok(IdempotencyKey::parse(&self.key).map_err(|_malformed| Refusal::KeyNeeded)?)
    }

    /// The same form with a refusal, at the field that it is about; of a list, with the line. Where one field is not
    /// filled in or cannot be read, all are told of which that is so.
    pub(crate) fn refused(mut self, words: Words, problem: &Problem) -> Self {
        if problem.code() == "malformed-request" {
            self = self.marked(words, "form.empty", Field::is_left_empty);
            self = self.marked(words, "form.unreadable", Field::is_unreadable);
        }
        let mut sentence = super::refusals::sentence(words, problem);
        let about = problem.field.as_deref().or_else(|| field_of(problem.code())).unwrap_or_default();
        let (about, line) = (about.replace('[', ".").replace(']', ""), line_of(about));
        let field = self.nearest(&about).and_then(|at| self.fields.get_mut(at));
        let is_list = field.as_ref().is_some_and(|field| matches!(field.kind, Kind::Lines | Kind::Pairs));
        if let Some(line) = line.filter(|_line| is_list) {
            sentence = words.fill("form.line", &[("line", &line), ("what", &sentence)]);
        }
        match field {
            Some(field) => {
                // What is said about a list as a whole stands at the first field in it.
                if field.name.starts_with(&format!("{about}.")) {
                    sentence = sentence.replacen("This field", "What follows", 1);
                }
                field.trouble.get_or_insert(sentence);
                self.trouble = Some(words.say("form.see_field").to_owned());
            }
            None if problem.code() == "wrong-credentials" && self.meaning.is_some() => {
                self.wrong_password = true;
                self.trouble = Some(words.say("form.wrong_password").to_owned());
            }
            // Where the fields say that they are empty, the words about the whole body add nothing.
            None if self.trouble.is_some() && problem.code() == "malformed-request" => {}
            None => self.trouble = Some(sentence),
        }
        self
    }

    /// How many choices there are to be made, each of few. Of many, a script tells how many are made.
    pub(crate) fn choices(&self) -> usize {
        let is_choice = |field: &&Field| matches!(field.kind, Kind::Radio(_)) && !field.is_hidden;
        self.fields.iter().filter(is_choice).count()
    }

    /// The first fields at which something is wrong, for the way to them, and how many there are besides.
    pub(crate) fn faults(&self) -> (Vec<&Field>, usize) {
        let wrong = |field: &&Field| field.trouble.is_some() && !field.is_hidden;
        let mut faults: Vec<&Field> = self.fields.iter().filter(wrong).collect();
        let more = faults.len().saturating_sub(FAULTS);
        faults.truncate(FAULTS);
        (faults, more)
    }

    /// The field with this path; else the list that it is in, or the first that is in it.
    fn nearest(&self, about: &str) -> Option<usize> {
        let is_in = |part: &str, whole: &str| {
            !whole.is_empty() && part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.'))
        };
        let ways: [&dyn Fn(&str) -> bool; 3] =
            [&|name| name == about, &|name| is_in(about, name), &|name| is_in(name, about)];
        let shown = |way: &dyn Fn(&str) -> bool| {
            self.fields.iter().position(|field| !field.is_hidden && way(&field.name))
        };
        ways.into_iter().find_map(shown)
    }

    /// The page on which exactly what will be used is read once more before it is sent.
    pub(crate) fn into_confirmation(self, words: Words) -> Self {
        let shown = self.fields.iter().filter(|field| !field.is_hidden);
        let facts = shown.map(|field| (field.label.clone(), field.shown(words))).collect();
        let mut fields: Vec<Field> = self.fields.into_iter().map(Field::hidden).collect();
        fields.push(Field::new("confirmed", "", Kind::Text).value("yes").hidden());
        Self { fields, facts, ..self }
    }

    /// The form of a request that is asked again as it was, because its outcome is not known.
    pub(crate) fn into_question(self, words: Words, signature: Option<String>) -> Self {
        let mut fields: Vec<Field> = self.fields.into_iter().map(Field::hidden).collect();
        if !fields.iter().any(|field| field.name == "confirmed") {
            fields.push(Field::new("confirmed", "", Kind::Text).value("yes").hidden());
        }
        let submit = words.say("form.ask_again").to_owned();
        let trouble = Some(words.say("form.unknown").to_owned());
        let goes_on_in = Some(ASKS_AGAIN_IN);
        Self { fields, facts: Vec::new(), meaning: None, submit, signature, trouble, goes_on_in, ..self }
    }
}

/// The field that a refusal is about which names none.
fn field_of(code: &str) -> Option<&'static str> {
    match code {
        "subject-exists" => Some("screening_number"),
        "possible-duplicate" => Some("duplicate_reason"),
        _ => None,
    }
}

fn trimmed((name, value): (&str, &str)) -> (String, String) {
    (name.trim().to_owned(), value.trim().to_owned())
}

/// The line, counted from 1, that a path like `kits[2]` is about.
pub(crate) fn line_of(path: &str) -> Option<usize> {
    let (_, rest) = path.split_once('[')?;
    let (index, _) = rest.split_once(']')?;
    index.parse::<usize>().ok()?.checked_add(1)
}

/// The instant that a clock of the zone shows as a browser writes it: the first of two when it was put back.
fn instant(text: &str, zone: Tz) -> Option<String> {
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let shown = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(zone.from_local_datetime(&shown).earliest()?.to_rfc3339())
}

/// Puts a value where a path leads: names into objects, numbers into lists.
fn put(body: &mut Value, path: &str, value: Value) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let child = match (body, name.parse::<usize>()) {
        (Value::Array(list), Ok(at)) => {
            while list.len() <= at {
                list.push(Value::Null);
            }
            list.get_mut(at)
        }
        (Value::Object(object), _) => Some(object.entry(name).or_insert(Value::Null)),
        _ => None,
    };
    let Some(child) = child else { return };
    let Some(rest) = rest else {
        *child = value;
        return;
    };
    if child.is_null() {
        let is_list = rest.split('.').next().is_some_and(|next| next.parse::<usize>().is_ok());
        *child = if is_list { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    }
    put(child, rest, value);
}

#[cfg(test)]
mod tests;
