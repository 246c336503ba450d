//! `GET, POST /studies/{study}/subjects/{subject}/randomize`: the criteria one by one, exactly what will be used, and
//! the signature.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::subjects::{self, Summary, View};
use service::{Failure, Shared, randomize, study};
use terms::SubjectId;
use trial::study::StudyDesign;
use trial::{Action, Fulfilled, SubjectState};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::randomization::Randomize;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;
use crate::words::Words;

type At = Path<(String, String)>;

/// The form, while the subject can still be randomized: on the way back to it there may be nothing left to do.
pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, view, form) = load(&service, &path, visitor).await?;
    if view.summary.state != SubjectState::Screened {
        return go_on(&at.address(format_args!("/subjects/{}", view.summary.id)));
    }
    page(&at, &view.summary).form(form).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, view, form) = load(&service, &path, sent.visitor.clone()).await?;
    let (subject, form) = (view.summary.id.clone(), sent.fill(form));
    let page = |form| page(&at, &view.summary).form(form);
    if sent.is_resumed() {
        return page(form).answer();
    }
    if !sent.is_confirmed() {
        if let Some(form) = form.unfilled(at.words(), "randomize.unanswered", |_field| true) {
            return page(form).with(StatusCode::UNPROCESSABLE_ENTITY);
        }
        return match rehearse(&service, &at, &subject, &form).await {
            Ok(()) => page(signed(&at, &view.summary, form)).answer(),
            Err(problem) => sent.refused(page, unfulfilled(&at, form), &problem),
        };
    }
    let ordered = Ordered::at(&at, Action::Randomize, format_args!("/subjects/{subject}/randomization"));
    let id = subject.clone();
    let done = sent.act(&service, &form, &ordered, move |service, envelope, body: Randomize| {
        randomize::randomize(service, envelope, id, body.into_command()?)
    });
    match done.await {
        Ok(_randomized) => go_on_having(&at.address(format_args!("/subjects/{subject}")), "randomized"),
        // A wrong password is typed again; anything else is put right where it was typed.
        Err(problem) if problem.is_about_the_signature() => {
            sent.refused(page, signed(&at, &view.summary, form), &problem)
        }
        Err(problem) => sent.refused(page, form, &problem),
    }
}

/// Nobody is asked to sign what cannot be signed.
async fn rehearse(
    service: &Data<Shared>,
    at: &Standing,
    subject: &SubjectId,
    form: &Form,
) -> Result<(), Problem> {
    let command = form.read::<Randomize>()?.into_command()?;
    let (service, caller, study, subject) = (service.clone(), at.caller(), at.study(), subject.clone());
    run(move || randomize::rehearse(&service, &caller, &study, &subject, &command)).await
}

/// The form with a word at every statement that is not true of the subject: all are told at once.
fn unfulfilled(at: &Standing, form: Form) -> Form {
    let no = Fulfilled::No.to_string();
    let is_not_true = |field: &Field| field.value == no && field.name.starts_with("answers.");
    form.marked(at.words(), "randomize.not_true", is_not_true)
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, View, Form), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let subject: SubjectId = named(&path.1)?;
    let (caller, study, service) = (at.caller(), at.study(), service.clone());
    let read = move || {
        let view = subjects::one(&service, &caller, &study, &subject)?;
        Ok::<_, Failure>((view, study::find(&service, &caller, &study)?))
    };
    let (view, overview) = run(read).await?;
    let form = form(&at, &overview.design);
    Ok((at, view, form))
}

/// What will be used, and the password under it.
fn signed(at: &Standing, subject: &Summary, form: Form) -> Form {
    let words = at.words();
    let mut form =
        form.into_confirmation(words).signed(words.fill("randomize.meaning", &[("subject", &subject.id)]));
    form.facts.splice(0..0, known(words, subject));
    Form { submit: words.say("randomize.button").to_owned(), is_grave: true, ..form }
}

/// What was entered of the subject, against which the statements are answered.
fn known(words: Words, subject: &Summary) -> Vec<(String, String)> {
    let facts = [
        ("subject.screening_number", subject.id.to_string()),
        ("subject.birth_year", subject.birth_year.to_string()),
        ("subject.sex", words.code("sex", subject.sex)),
        ("subject.site", subject.site.to_string()),
    ];
    facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec()
}

fn page(at: &Standing, subject: &Summary) -> Page {
    let words = at.words();
    let title = words.fill("randomize.of", &[("subject", &subject.id)]);
    let back = Link::new(words.say("break.subject"), at.address(format_args!("/subjects/{}", subject.id)));
    Page::of_study(at, title)
        .part(Part::Links(vec![back]))
        .part(Part::Facts(known(words, subject)))
        .text(words.say("randomize.intro"))
}

fn form(at: &Standing, design: &Arc<StudyDesign>) -> Form {
    let words = at.words();
    let consent = Field::new("consent_date", words.say("randomize.consent"), Kind::Day);
    let factors = design.allocation.factors.iter().map(|factor| {
        let levels = factor.levels.iter().map(|level| (level.clone(), at.said(level).to_owned())).collect();
        Field::new(format!("strata.{}", factor.name), at.said(&factor.name), Kind::Radio(levels))
    });
    let criteria = design.criteria.iter().map(|criterion| {
        let label = format!("{}. {}", criterion.id, at.said(&criterion.text));
        let answers = answers(words, criterion.not_applicable);
        Field::new(format!("answers.{}", criterion.id), label, Kind::Radio(answers))
    });
    let fields = std::iter::once(consent).chain(factors).chain(criteria).collect();
    Form::of(&at.visitor, fields, words.say("randomize.check"))
}

fn answers(words: Words, not_applicable: bool) -> Vec<(String, String)> {
    let answers = [Fulfilled::Yes, Fulfilled::No, Fulfilled::NotApplicable];
    let answers = answers.into_iter().filter(|answer| not_applicable || *answer != Fulfilled::NotApplicable);
    answers.map(|answer| (answer.to_string(), words.code("fulfilled", answer))).collect()
}
