//! `GET, POST /studies/{study}/subjects/{subject}/screen-failure`: which criteria are not fulfilled.

use actix_web::web::{Data, Path};
use service::Shared;
use service::{study, subjects};
use terms::SubjectId;
use trial::Action;
use trial::study::StudyDesign;

use super::once_more;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::ends::FailScreening;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, subject, form) = load(&service, &path, visitor).await?;
    page(&at, &subject).form(form).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, subject, form) = load(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(form);
    if sent.is_resumed() {
        return page(&at, &subject).form(form).answer();
    }
    if !sent.is_confirmed() {
        let form = Form { is_grave: true, ..once_more(at.words(), form, "fail.button") };
        return page(&at, &subject).form(form).answer();
    }
    let address = format!("/subjects/{subject}/screen-failure");
    let ordered = Ordered::at(&at, Action::FailScreening, address);
    let id = subject.clone();
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: FailScreening| {
        subjects::fail_screening(service, envelope, id, body.criteria)
    });
    match done.await {
        Ok(_left) => go_on_having(&at.address(format_args!("/subjects/{subject}")), "screen_failed"),
        Err(problem) => sent.refused(|form| page(&at, &subject).form(form), form, &problem),
    }
}

/// The subject is read, so that one out of reach is not found, and the criteria.
async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, SubjectId, Form), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let subject: SubjectId = named(&path.1)?;
    let (caller, study, service, id) = (at.caller(), at.study(), service.clone(), subject.clone());
    let overview = run(move || {
        subjects::one(&service, &caller, &study, &id)?;
        study::find(&service, &caller, &study)
    });
    let form = form(&at, &overview.await?.design);
    Ok((at, subject, form))
}

fn page(at: &Standing, subject: &SubjectId) -> Page {
    let words = at.words();
    Page::of_study(at, words.fill("fail.of", &[("subject", subject)])).text(words.say("fail.what"))
}

fn form(at: &Standing, design: &StudyDesign) -> Form {
    let words = at.words();
    let criteria = design.criteria.iter();
    let criteria = criteria.map(|of| (of.id.clone(), format!("{}. {}", of.id, at.said(&of.text)))).collect();
    let criteria = Field::new("criteria", words.say("fail.criteria"), Kind::Many(criteria))
        .hint(words.say("fail.criteria_hint"))
        .optional();
    Form::of(&at.visitor, vec![criteria], words.say("record.check"))
}
