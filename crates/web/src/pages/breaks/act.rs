//! `GET, POST /studies/{study}/break`: one page, one reason, and the password; what there is to say is written down
//! afterwards. With a link from the subject's page the number is filled in.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::Shared;
use service::unblind::{self, Revealed};
use trial::Action;

use super::{fields, shown};
use crate::answer::{Answer, run};
use crate::api::unblindings::Unblind;
use crate::pages::form::Form;
use crate::pages::page::{Link, Page, Part};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at_to(&service, &path, Action::Unblind).await?;
    let mut form = form(&at);
    for field in &mut form.fields {
        at.visitor.here.asked(&field.name).unwrap_or_default().clone_into(&mut field.value);
    }
    let list = Link::new(at.words().say("breaks.title"), at.address("/breaks"));
    let list = at.may(Action::ReadSubjects).then(|| Part::Links(vec![list]));
    page(&at).form(form).parts(list).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at_to(&service, &path, Action::Unblind).await?;
    let form = sent.fill(form(&at));
    if sent.is_resumed() {
        return page(&at).form(form).answer();
    }
    if let Some(form) = super::unfilled(at.words(), &form) {
        return page(&at).form(form).with(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let ordered = Ordered::at(&at, Action::Unblind, "/unblindings");
    let (form, shared) = (&form, &service);
    let done = async {
        let (envelope, body) = sent.order::<Unblind>(shared, form, &ordered).await?;
        let (lookup, reason, shared) = (body.lookup()?, body.reason()?, shared.clone());
        run(move || unblind::unblind(&shared, envelope, lookup, reason)).await
    };
    match done.await {
        Ok(revealed) => treatment(&at, &revealed).answer(),
        Err(problem) => {
            let is_fault = problem.status().is_server_error();
            let way_out = is_fault.then(|| way_out(&at)).into_iter().flatten();
            let form = super::unknown(at.words(), form.clone(), &problem);
            sent.refused(|form| page(&at).parts(way_out).form(form), form, &problem)
        }
    }
}

fn page(at: &Standing) -> Page {
    let words = at.words();
    Page::of_study(at, words.say("break.title"))
        .part(Part::Warning(words.say("break.what").to_owned()))
        .text(words.say("break.one_number"))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let form = Form::of(&at.visitor, fields(words).collect(), words.say("break.button"));
    Form { is_grave: true, ..form.signed(words.say("break.meaning")) }
}

/// Where to go when this server cannot do it the ordinary way.
fn way_out(at: &Standing) -> [Part; 2] {
    let words = at.words();
    let emergency = Link::new(words.say("emergency.title"), at.address("/emergency-break")).emergency();
    [Part::Warning(words.say("break.way_out").to_owned()), Part::Links(vec![emergency])]
}

/// The treatment, and the way to write down what happened.
fn treatment(at: &Standing, revealed: &Revealed) -> Page {
    let words = at.words();
    let note = Link::new(words.say("note.title"), at.address(format_args!("/breaks/{}", revealed.id)));
    let subject = at.address(format_args!("/subjects/{}", revealed.subject));
    Page::unblinded(at, revealed.looked_at, words.say("break.shown"))
        .parts(shown::parts(words, revealed))
        .text(words.say("break.afterwards"))
        .part(Part::Links(vec![note.main(), Link::new(words.say("break.subject"), subject)]))
}
