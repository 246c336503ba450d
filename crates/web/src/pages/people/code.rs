//! `GET, POST /code`: the code of the second factor, after the password. A code break needs none (UNB-08).

use actix_web::web::Data;
use service::Shared;
use service::people::{First, code};
use trial::Action;

use crate::answer::{Answer, run};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::gate::{local, went_on};
use crate::pages::page::{Link, Page, Part, go_on};
use crate::pages::sent::Sent;
use crate::pages::visitor::{CODE, Here, Visitor};

pub(in crate::pages) async fn show(visitor: Visitor) -> Answer {
    if visitor.visit.first != Some(First::Code) {
        return go_on("/");
    }
    page(&visitor, form(&visitor.here, &visitor.guard)).answer()
}

pub(in crate::pages) async fn give(service: Data<Shared>, sent: Sent) -> Answer {
    let visitor = &sent.visitor;
    let form = sent.fill(form(&visitor.here, &visitor.guard));
    if sent.is_resumed() {
        return page(visitor, form).answer();
    }
    let value = |name: &str| sent.typed.get(name).unwrap_or_default().to_owned();
    let (typed, then, kept) = (value("code"), value("then"), value("kept"));
    let (caller, from) = (visitor.visit.caller.clone(), sent.from);
    match run(move || code::give(&service, &caller, &typed, from)).await {
        Ok(()) => went_on(&visitor.here, local(&then), &kept, &visitor.guard),
        Err(problem) => {
            let problem =
                if problem.code() == "wrong-code" { problem.at(Some("code".to_owned())) } else { problem };
            sent.refused(|form| page(visitor, form), form.clone(), &problem)
        }
    }
}

/// The page that comes right after the password.
pub(in crate::pages) fn ask(here: &Here, guard: &str, then: &str, kept: &str) -> Page {
    let mut form = form(here, guard);
    for field in &mut form.fields {
        match field.name.as_str() {
            "then" => then.clone_into(&mut field.value),
            "kept" => kept.clone_into(&mut field.value),
            _ => {}
        }
    }
    let again = Link::new(here.words.say("code.without"), CODE).emergency();
    Page::public(here, here.words.say("code.title"))
        .text(here.words.say("code.what"))
        .form(form)
        .part(Part::Links(vec![again]))
}

/// With the ways of whoever has no device at hand.
fn page(visitor: &Visitor, form: Form) -> Page {
    let words = visitor.words();
    let roles = visitor.visit.roles.iter().filter(|held| Action::Unblind.roles().contains(&held.role));
    let mut studies: Vec<_> = roles.filter_map(|held| held.study.clone()).collect();
    studies.dedup();
    let breaks = studies.into_iter().map(|study| {
        let text = words.fill("code.break", &[("study", &study)]);
        Link::new(text, format!("/studies/{study}/break")).emergency()
    });
    let breaks: Vec<Link> = breaks.collect();
    let can_break = [Part::Text(words.say("code.break_what").to_owned()), Part::Links(breaks.clone())];
    Page::personal(visitor, words.say("code.title"))
        .text(words.say("code.what"))
        .form(form)
        .part(Part::Heading(words.say("code.without").to_owned()))
        .parts(can_break.into_iter().filter(|_part| !breaks.is_empty()))
        .text(words.say("code.lost"))
}

fn form(here: &Here, guard: &str) -> Form {
    let words = here.words;
    let code = Field::new("code", words.say("code.code"), Kind::Code).hint(words.say("code.hint"));
    let then = Field::new("then", "", Kind::Text).value(here.asked("then").unwrap_or("/")).hidden();
    let kept = Field::new("kept", "", Kind::Text).hidden();
    let form = Form::new(here, guard, vec![code, then, kept], words.say("code.button"));
    Form { action: Some(CODE.to_owned()), ..form }
}
