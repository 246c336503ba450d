//! `GET, POST /studies/{study}/subjects/{subject}/withdrawal`: a subject stops the drug or leaves the study.

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects::{self, View};
use strum::VariantArray;
use trial::{Action, StopReason, Stops, SubjectState};

use super::once_more;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::ends::Withdraw;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, view) = load(&service, &path, visitor).await?;
    page(&at, &view).form(form(&at, &view)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, view) = load(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(form(&at, &view));
    if sent.is_resumed() {
        return page(&at, &view).form(form).answer();
    }
    if !sent.is_confirmed() {
        return match form.read::<Withdraw>().and_then(|body| Ok(body.read()?)) {
            Ok(_stop) => {
                let form = Form { is_grave: true, ..once_more(at.words(), form, "stop.button") };
                page(&at, &view).form(form).answer()
            }
            Err(problem) => sent.refused(|form| page(&at, &view).form(form), form, &problem),
        };
    }
    let subject = view.summary.id.clone();
    let address = format!("/subjects/{subject}/withdrawal");
    let ordered = Ordered::at(&at, Action::WithdrawSubject, address);
    let id = subject.clone();
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: Withdraw| {
        let (stops, reason) = body.read()?;
        subjects::withdraw(service, envelope, id, stops, reason)
    });
    match done.await {
        Ok(left) => {
            let done = if left.state == SubjectState::OffDrug { "off_drug" } else { "left_study" };
            go_on_having(&at.address(format_args!("/subjects/{subject}")), done)
        }
        Err(problem) => sent.refused(|form| page(&at, &view).form(form), form, &problem),
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, View), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let (caller, study, id, service) = (at.caller(), at.study(), named(&path.1)?, service.clone());
    let view = run(move || subjects::one(&service, &caller, &study, &id)).await?;
    Ok((at, view))
}

fn page(at: &Standing, view: &View) -> Page {
    let words = at.words();
    Page::of_study(at, words.fill("stop.of", &[("subject", &view.summary.id)])).text(words.say("stop.what"))
}

fn form(at: &Standing, view: &View) -> Form {
    let words = at.words();
    // Whoever is off the drug already can only leave the study.
    let is_off = view.summary.state == SubjectState::OffDrug;
    let stops = Stops::VARIANTS.iter().filter(|stops| !is_off || **stops == Stops::Study);
    let stops = stops.map(|stops| (stops.to_string(), words.code("stops", stops))).collect();
    let reasons = StopReason::VARIANTS.iter();
    let reasons = reasons.map(|reason| (reason.to_string(), words.code("stop_reason", reason))).collect();
    let fields = vec![
        Field::new("stops", words.say("stop.stops"), Kind::Radio(stops)),
        Field::new("reason", words.say("stop.reason"), Kind::Radio(reasons)),
    ];
    Form::of(&at.visitor, fields, words.say("record.check"))
}
