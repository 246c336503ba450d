//! `GET, POST /invite`: an account for a person, with a one-time password that is shown once.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use service::Shared;
use service::people::invite::{self, Invited};
use service::people::review;
use trial::Refusal;

use super::address;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::users::Invite;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part};
use crate::pages::sent::Sent;
use crate::pages::visitor::Visitor;

pub(in crate::pages) async fn show(service: Data<Shared>, visitor: Visitor) -> Answer {
    let caller = visitor.visit.caller.clone();
    run(move || review::places(&service, &caller)).await?;
    page(&visitor).form(form(&visitor)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, sent: Sent) -> Answer {
    let form = sent.fill(form(&sent.visitor));
    if sent.is_resumed() {
        return page(&sent.visitor).form(form).answer();
    }
    let invited = async {
        let new = form.read::<Invite>()?.into_person()?;
        let (key, caller) = (form.idempotency_key()?, sent.visitor.visit.caller.clone());
        run(move || invite::invite(&service, &caller, new, Some(&key))).await
    };
    match invited.await {
        Ok(invited) => shown(&sent.visitor, &invited).with(StatusCode::OK),
        Err(problem) => sent.refused(|form| page(&sent.visitor).form(form), form.clone(), &taken(problem)),
    }
}

/// That the log-in name is somebody's already is said at its field.
fn taken(problem: Problem) -> Problem {
    let is_taken = problem.code() == Refusal::Exists("log-in name").code();
    if is_taken { problem.at(Some("login".to_owned())) } else { problem }
}

/// The one-time password, on the answer to the form and nowhere else.
fn shown(visitor: &Visitor, invited: &Invited) -> Page {
    let words = visitor.words();
    let links = vec![
        Link::new(words.say("people.grant"), address(&invited.user, "/grants")).main(),
        Link::new(words.say("people.account"), address(&invited.user, "")),
    ];
    Page::personal(visitor, words.fill("people.invited", &[("user", &invited.user)]))
        .part(one_time(visitor, &invited.one_time_password))
        .text(words.say("people.hand_over"))
        .part(Part::Links(links))
}

/// A one-time password in large letters.
pub(super) fn one_time(visitor: &Visitor, password: &str) -> Part {
    let label = visitor.words().say("people.one_time").to_owned();
    Part::Large { label, text: password.to_owned() }
}

fn page(visitor: &Visitor) -> Page {
    let words = visitor.words();
    Page::personal(visitor, words.say("people.invite")).text(words.say("people.invite_what"))
}

fn form(visitor: &Visitor) -> Form {
    let words = visitor.words();
    let fields = vec![
        Field::new("login", words.say("people.login"), Kind::Text).hint(words.say("people.login_hint")),
        Field::new("display_name", words.say("people.name"), Kind::Text),
        Field::new("email", words.say("people.email"), Kind::Text),
    ];
    Form::of(visitor, fields, words.say("people.invite_button"))
}
