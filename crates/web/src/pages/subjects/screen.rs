//! `GET, POST /studies/{study}/subjects/new`

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects;
use trial::{Action, Sex};

use crate::answer::Answer;
use crate::api::subjects::ScreenSubject;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    page(&at).form(form(&at)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path).await?;
    let ordered = Ordered::at(&at, Action::ScreenSubject, "/subjects");
    let page = |form| page(&at).form(form);
    let done = sent.acted(&service, form(&at), &ordered, page, |service, envelope, body: ScreenSubject| {
        subjects::screen(service, envelope, body.into_subject()?)
    });
    match done.await {
        Ok(subject) => go_on_having(&at.address(format_args!("/subjects/{}", subject.id)), "screened"),
        Err(answer) => answer,
    }
}

fn page(at: &Standing) -> Page {
    Page::of_study(at, at.words().say("subjects.screen"))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let sites = at.desk.sites.iter().map(|site| (site.id.to_string(), format!("{} {}", site.id, site.name)));
    let sexes = [Sex::Female, Sex::Male].map(|sex| (sex.to_string(), words.code("sex", sex)));
    let site = Field::new("site", words.say("subject.site"), Kind::Choice(sites.collect()));
    let site = match at.desk.sites.as_slice() {
        [only] => site.value(&only.id).hidden(),
        _ => site,
    };
    let fields = vec![
        site,
        Field::new("screening_number", words.say("subject.screening_number"), Kind::Text)
            .hint(words.say("subjects.number_hint")),
        Field::new("birth_year", words.say("subject.birth_year"), Kind::Number),
        Field::new("sex", words.say("subject.sex"), Kind::Radio(sexes.to_vec())),
        Field::new("duplicate_reason", words.say("subjects.duplicate"), Kind::Text)
            .hint(words.say("subjects.duplicate_hint"))
            .optional(),
    ];
    Form::of(&at.visitor, fields, words.say("subjects.screen_button"))
}
