//! Logging in and out, a password of one's own, and the language.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, ResponseError};
use service::Shared;
use service::people::browser::{self, Entered};
use service::people::{Attempt, First, log_in, me};
use trial::{Language, Refusal};

use super::form::{Field, Form, Kind};
use super::page::{Page, Part, go_on, go_on_having};
use super::people::code;
use super::sent::{Sent, SentByAnybody, Typed};
use super::visitor::{Here, PASSWORD, Visitor, chosen, guard, no_session, session};
use crate::Problem;
use crate::answer::{Answer, run};

/// Asks somebody whose session has ended to log in, with what was typed kept for afterwards.
#[derive(Debug)]
pub(crate) struct AskedToLogIn(String);

impl AskedToLogIn {
    pub(crate) fn keeping(here: Here, typed: &Typed) -> Self {
        let kept = serde_urlencoded::to_string(typed.to_keep()).unwrap_or_default();
        let form = log_in_form(&here, &here.path, &kept);
        let page = Page::public(&here, here.words.say("log_in.title"));
        let page = page.part(Part::Warning(here.words.say("log_in.ended").to_owned())).form(form);
        Self(askama::Template::render(&page).unwrap_or_default())
    }
}

impl fmt::Display for AskedToLogIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("log-in is needed")
    }
}

impl ResponseError for AskedToLogIn {
    fn status_code(&self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::Unauthorized().content_type("text/html; charset=utf-8").body(self.0.clone())
    }
}

/// `GET /log-in`
pub(super) async fn show(request: actix_web::HttpRequest) -> Answer {
    let here = Here::of(&request);
    let form = log_in_form(&here, here.asked("then").unwrap_or("/"), "");
    log_in_page(&here, form).answer()
}

/// `POST /log-in`
pub(super) async fn enter(service: Data<Shared>, sent: SentByAnybody) -> Answer {
    let value = |name: &str| sent.typed.get(name).unwrap_or_default().to_owned();
    let (login, then, kept) = (value("login"), local(&value("then")).to_owned(), value("kept"));
    let attempt = Attempt { password: value("password"), from: sent.from };
    let name = login.clone();
    match run(move || browser::log_in(&service, &login, &attempt)).await {
        Ok(Entered { token, first }) => {
            let guard = guard(&token);
            let mut answer = match first {
                Some(First::Code) => code::ask(&sent.here, &guard, &then, &kept).answer()?,
                _ => went_on(&sent.here, &then, &kept, &guard)?,
            };
            add(&mut answer, &session(token))?;
            Ok(answer)
        }
        Err(problem) => {
            let mut form = log_in_form(&sent.here, &then, &kept).refused(sent.here.words, &problem);
            form.fields
                .iter_mut()
                .filter(|field| field.name == "login")
                .for_each(|f| f.value.clone_from(&name));
            log_in_page(&sent.here, form).text(sent.here.request()).with(problem.status())
        }
    }
}

/// `POST /log-out`, also from a page of an earlier session: whoever logs out here wants nobody logged in here.
pub(super) async fn leave(service: Data<Shared>, sent: Sent) -> Answer {
    let caller = sent.visitor.visit.caller.clone();
    run(move || log_in::log_out(&service, &caller)).await?;
    let mut answer = go_on_having("/log-in", "logged_out")?;
    add(&mut answer, &no_session())?;
    // What the browser has kept of the pages goes with the session.
    answer.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("clear-site-data"),
        actix_web::http::header::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(answer)
}

/// `GET /password`
pub(super) async fn show_password(visitor: Visitor) -> Answer {
    password_page(&visitor, password_form(&visitor)).answer()
}

/// `POST /password`
pub(super) async fn set_password(service: Data<Shared>, sent: Sent) -> Answer {
    let form = password_form(&sent.visitor);
    if sent.is_resumed() {
        return password_page(&sent.visitor, form).answer();
    }
    let value = |name: &str| sent.typed.get(name).unwrap_or_default().to_owned();
    let (old, new) = (Attempt { password: value("old_password"), from: sent.from }, value("new_password"));
    let done = if new == value("repeated") {
        let caller = sent.visitor.visit.caller.clone();
        run(move || me::set_password(&service, &caller, &old, &new)).await
    } else {
        Err(Refusal::field("repeated", "must be the same as the new password").into())
    };
    match done {
        Ok(()) => go_on_having("/", "password"),
        Err(problem) => {
            let form = form.refused(sent.visitor.words(), &problem);
            password_page(&sent.visitor, form).with(problem.status())
        }
    }
}

/// `GET /language/{language}`
pub(super) async fn choose(path: Path<String>, request: actix_web::HttpRequest) -> Answer {
    let language: Language = path.parse().map_err(|_unknown| Refusal::NotFound)?;
    let here = Here::of(&request);
    let mut answer = go_on(local(here.asked("then").unwrap_or("/")))?;
    add(&mut answer, &chosen(language))?;
    Ok(answer)
}

fn log_in_page(here: &Here, form: Form) -> Page {
    let words = here.words;
    let glass = super::page::Link::new(words.say("glass.title"), "/break-glass").emergency();
    Page::public(here, words.say("log_in.title")).form(form).part(Part::Links(vec![glass]))
}

fn log_in_form(here: &Here, then: &str, kept: &str) -> Form {
    let words = here.words;
    let login = Field::new("login", words.say("log_in.name"), Kind::Name);
    let password = Field::new("password", words.say("log_in.password"), Kind::Password);
    let then = Field::new("then", "", Kind::Text).value(then).hidden();
    let kept = Field::new("kept", "", Kind::Text).value(kept).hidden();
    let form = Form::new(here, "", vec![login, password, then, kept], words.say("log_in.button"));
    Form { action: Some("/log-in".to_owned()), ..form }
}

/// After a log-in, to where the visitor wanted to go. What was typed before goes back to where it was typed, and is
/// shown there, not sent.
pub(super) fn went_on(here: &Here, then: &str, kept: &str, guard: &str) -> Answer {
    if kept.is_empty() {
        return go_on(then);
    }
    let words = here.words;
    let kept: Vec<(String, String)> = serde_urlencoded::from_str(kept).unwrap_or_default();
    let kept = kept.into_iter().chain([("resumed".to_owned(), "yes".to_owned())]);
    let fields = kept.map(|(name, value)| Field::new(name, "", Kind::Text).value(value).hidden());
    let form = Form::new(here, guard, fields.collect(), words.say("log_in.go_on"));
    let form = Form { action: Some(then.to_owned()), ..form };
    Page::public(here, words.say("log_in.welcome_back")).text(words.say("log_in.kept")).form(form).answer()
}

fn password_page(visitor: &Visitor, form: Form) -> Page {
    let words = visitor.words();
    let page = Page::personal(visitor, words.say("password.title"));
    let page = if visitor.visit.first == Some(First::Password) {
        page.part(Part::Warning(words.say("password.needed").to_owned()))
    } else {
        page
    };
    page.form(form)
}

fn password_form(visitor: &Visitor) -> Form {
    let words = visitor.words();
    let old = Field::new("old_password", words.say("password.old"), Kind::Password);
    let new = Field::new("new_password", words.say("password.new"), Kind::NewPassword);
    let again = Field::new("repeated", words.say("password.repeated"), Kind::NewPassword);
    let fields = vec![old, new.hint(words.say("password.rule")), again];
    Form { action: Some(PASSWORD.to_owned()), ..Form::of(visitor, fields, words.say("password.button")) }
}

/// An address of this server: anything else leads nowhere, or somebody could send people away from here.
pub(super) fn local(address: &str) -> &str {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    let is_clean = !address.contains('\\') && !address.chars().any(char::is_control);
    if is_path && is_clean { address } else { "/" }
}

fn add(answer: &mut HttpResponse, cookie: &actix_web::cookie::Cookie<'_>) -> Result<(), Problem> {
    answer.add_cookie(cookie).map_err(|_error| Problem::internal())
}
