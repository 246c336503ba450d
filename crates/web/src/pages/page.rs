//! A page: a frame, and parts in it that are built in Rust and written by one template.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, LOCATION};
use askama::Template;
use terms::Moment;

use super::form::{Form, Kind};
use super::navigation;
use super::plot::Plot;
use super::table::Table;
use super::visitor::{Here, Standing, Visitor};
use crate::Problem;
use crate::answer::Answer;
use crate::face;
use crate::file::attachment;
use crate::words::Words;

/// A page.
#[derive(Template)]
#[template(path = "page.html")]
pub(crate) struct Page {
    here: Here,
    title: String,
    /// Who is logged in, and what the form carries that logs out.
    person: Option<(String, String)>,
    study: Option<Link>,
    /// Where a number of the study is searched, and the one that was.
    search: Option<(String, String)>,
    navigation: Vec<Link>,
    /// What has just been done.
    done: Option<&'static str>,
    /// Who sees treatments here, and when: on every page that only unblinded people see.
    watermark: Option<String>,
    /// Whether the browser looks again by itself, after so many seconds.
    again_in: Option<u32>,
    /// Where the browser goes on to by itself, at once.
    on_to: Option<String>,
    parts: Vec<Part>,
}

/// Something on a page.
pub(crate) enum Part {
    Heading(String),
    Text(String),
    /// What to do, in order.
    Steps(Vec<String>),
    /// What must not be overlooked.
    Warning(String),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// What is to be copied letter by letter: a hash, a command, a record.
    Code {
        label: String,
        text: String,
    },
    /// The one thing that the page is for, in large letters.
    Large {
        label: String,
        text: String,
    },
    /// Words to be copied, each on a line.
    Lines(Vec<String>),
    /// A picture of squares that a device reads, so many on each side, and what it is.
    Picture {
        label: String,
        side: i32,
        path: String,
    },
    /// Where to go from here.
    Links(Vec<Link>),
    Table(Box<Table>),
    Plot(Box<Plot>),
    Form(Box<Form>),
    /// A long file, line by line, of about so many. With a script, how far it is is told beside it, and that it is
    /// whole or broke off.
    Download {
        file: Link,
        lines: u64,
        told: String,
        whole: String,
        broken: String,
    },
    /// How far a long work is.
    Progress {
        label: String,
        done: u64,
        of: u64,
    },
}

impl Part {
    pub(crate) fn table(table: Table) -> Self {
        Self::Table(Box::new(table))
    }

    /// Values, each under the name that the catalogue has for it.
    pub(crate) fn facts(words: Words, facts: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self::Facts(facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).collect())
    }

    /// What is to be copied letter by letter, under a name of the catalogue.
    pub(crate) fn code(words: Words, label: &'static str, text: impl Into<String>) -> Self {
        Self::Code { label: words.say(label).to_owned(), text: text.into() }
    }

    pub(crate) fn plot(plot: Plot) -> Self {
        Self::Plot(Box::new(plot))
    }
}

/// A link.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) text: String,
    pub(crate) to: String,
    /// Whether it leads to where the visitor is, or to the part of the study in which it is.
    pub(crate) is_here: bool,
    /// Shown as the way on, or as the way in an emergency.
    pub(crate) kind: &'static str,
    /// Whether a file is there, and no page.
    pub(crate) is_file: bool,
}

impl Link {
    pub(crate) fn new(text: impl Into<String>, to: impl Into<String>) -> Self {
        Self { text: text.into(), to: to.into(), is_here: false, kind: "plain", is_file: false }
    }

    /// The way on.
    pub(crate) fn main(self) -> Self {
        Self { kind: "main", ..self }
    }

    /// The way to a file, which a browser saves.
    pub(crate) fn file(self) -> Self {
        Self { is_file: true, ..self }
    }

    /// The way in an emergency.
    pub(crate) fn emergency(self) -> Self {
        Self { kind: "emergency", ..self }
    }
}

impl Page {
    /// A page for anybody.
    pub(crate) fn public(here: &Here, title: impl Into<String>) -> Self {
        let done = here.asked("done").and_then(|what| here.words.find(&format!("done.{what}")));
        Self {
            title: title.into(),
            person: None,
            study: None,
            search: None,
            navigation: Vec::new(),
            done,
            watermark: None,
            again_in: None,
            on_to: None,
            parts: Vec::new(),
            here: here.clone(),
        }
    }

    /// A page for somebody who is logged in.
    pub(crate) fn personal(visitor: &Visitor, title: impl Into<String>) -> Self {
        let person = Some((visitor.visit.person.display_name.clone(), visitor.guard.clone()));
        let navigation = navigation::of_person(visitor);
        Self { person, navigation, ..Self::public(&visitor.here, title) }
    }

    /// A page of a study.
    pub(crate) fn of_study(at: &Standing, title: impl Into<String>) -> Self {
        let study = Link::new(at.desk.study.to_string(), at.address(""));
        let searched = at.visitor.here.asked("q").unwrap_or_default();
        Self {
            study: Some(study),
            search: Some((at.address("/search"), searched.to_owned())),
            navigation: navigation::of_study(at),
            ..Self::personal(&at.visitor, title)
        }
    }

    /// A page that only unblinded people see: it looks different, and says who sees it and when.
    pub(crate) fn unblinded(at: &Standing, now: Moment, title: impl Into<String>) -> Self {
        let person = &at.visitor.visit.person;
        let (name, id, time) = (&person.display_name, &person.id, face::time(now, at.zone()));
        let watermark = at.words().fill("frame.watermark", &[("name", name), ("id", id), ("time", &time)]);
        Self { watermark: Some(watermark), ..Self::of_study(at, title) }
    }

    /// The same for somebody who is not logged in: the answer to the emergency request.
    pub(crate) fn unblinded_at_once(here: &Here, login: &str, time: &str, title: impl Into<String>) -> Self {
        let watermark = here.words.fill("emergency.watermark", &[("login", &login), ("time", &time)]);
        Self { watermark: Some(watermark), ..Self::public(here, title) }
    }

    pub(crate) fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    pub(crate) fn parts(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.parts.extend(parts);
        self
    }

    pub(crate) fn text(self, text: impl Into<String>) -> Self {
        self.part(Part::Text(text.into()))
    }

    /// A form; each of a page has an idempotency key and ids of its own. One that was sent keeps the key that it was
    /// sent with.
    pub(crate) fn form(self, mut form: Form) -> Self {
        let forms = self.parts.iter().filter(|part| matches!(part, Part::Form(_))).count();
        if forms > 0 && form.key == self.here.request_id {
            form.key = format!("{}-{forms}", form.key);
        }
        for field in &mut form.fields {
            field.forms_before = forms;
        }
        self.part(Part::Form(Box::new(form)))
    }

    /// Looks again by itself after so many seconds.
    pub(crate) fn again_in(self, seconds: u32) -> Self {
        Self { again_in: Some(seconds), ..self }
    }

    /// Goes on to another part of the same work by itself.
    pub(crate) fn on_to(self, to: impl Into<String>) -> Self {
        Self { on_to: Some(to.into()), ..self }
    }

    /// The page, or one of its tables as a file when the query asks for that.
    pub(crate) fn answer(self) -> Answer {
        if let Some(table) = self.here.asked("csv").and_then(|id| self.table(id)) {
            return csv(table);
        }
        self.with(StatusCode::OK)
    }

    /// The page with a status. Where something was refused, what was done before it is not told once more.
    pub(crate) fn with(mut self, status: StatusCode) -> Answer {
        self.done = self.done.filter(|_done| status.is_success());
        let html = self.render().map_err(|error| {
            tracing::error!(%error, "a page could not be written");
            Problem::internal()
        })?;
        Ok(HttpResponse::build(status).content_type(ContentType::html()).body(html))
    }

    fn table(&self, id: &str) -> Option<&Table> {
        self.parts.iter().find_map(|part| match part {
            Part::Table(table) if table.id == id => Some(table.as_ref()),
            _ => None,
        })
    }

    fn words(&self) -> Words {
        self.here.words
    }

    fn more_faults(&self, more: usize) -> String {
        self.words().fill("form.more_faults", &[("n", &more)])
    }

    /// The languages, each with the address that chooses it.
    fn languages(&self) -> Vec<(&'static str, &'static str, String)> {
        let then = serde_urlencoded::to_string([("then", &self.here.address)]).unwrap_or_default();
        let others = [("en", "English"), ("fr", "Français")];
        let others = others.into_iter().filter(|(code, _)| *code != self.words().language());
        others.map(|(code, name)| (code, name, format!("/language/{code}?{then}"))).collect()
    }
}

/// The table as a file.
fn csv(table: &Table) -> Answer {
    let bytes = table.csv().map_err(|error| {
        tracing::error!(%error, "a table could not be written");
        Problem::internal()
    })?;
    Ok(attachment(StatusCode::OK, "text/csv; charset=utf-8", &format!("{}.csv", table.id), bytes))
}

/// Goes on to another page, by GET: what was sent is not sent again when that page is loaded anew.
pub(crate) fn go_on(to: &str) -> Answer {
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, to)).finish())
}

/// The same, to be told there that this was done.
pub(crate) fn go_on_having(to: &str, done: &str) -> Answer {
    go_on(&format!("{to}?done={done}"))
}

#[cfg(test)]
mod tests;
