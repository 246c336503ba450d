//! `GET, POST /studies/{study}/kits/{kit}/incident`: a kit was found damaged or missing, or turned up.

use actix_web::web::{Data, Path};
use service::Shared;
use service::kits::read::{self, Kit};
use service::shipments::incident;
use strum::VariantArray;
use terms::KitNumber;
use trial::{Action, Incident, Refusal};

use super::facts;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::quarantines::Happened;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::place;
use crate::pages::visitor::{Standing, Visitor};

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, kit) = load(&service, &path, visitor).await?;
    page(&at, &kit).form(form(&at)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, kit) = load(&service, &path, sent.visitor.clone()).await?;
    let (form, number) = (sent.fill(form(&at)), kit.number);
    if sent.is_resumed() {
        return page(&at, &kit).form(form).answer();
    }
    let ordered = Ordered::at(&at, Action::ReportIncident, format_args!("/kits/{number}/incidents"));
    let done = sent.act(&service, &form, &ordered, move |service, envelope, body: Happened| {
        let (what, reason) = body.into_incident()?;
        incident::record(service, envelope, number, what, reason)
    });
    match done.await {
        Ok(_) => go_on_having(&at.address(format_args!("/kits/{number}")), "kit_incident"),
        Err(problem) => sent.refused(|form| page(&at, &kit).form(form), form, &problem),
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, Kit), Problem> {
    let at = visitor.at(service, &path.0).await?;
    let number = KitNumber::scanned(&path.1).map_err(|_malformed| Refusal::NotFound)?;
    let (shared, caller, study) = (service.clone(), at.caller(), at.study());
    Ok((at, run(move || read::kit(&shared, &caller, &study, number)).await?))
}

fn page(at: &Standing, kit: &Kit) -> Page {
    let words = at.words();
    let state = kit.state.map(|state| ("kit.state", words.code("kit_state", state.code())));
    let known = state.into_iter().chain([("kit.place", place(words, &kit.place))]);
    Page::of_study(at, words.fill("incident.of", &[("kit", &face::kit(&kit.number))]))
        .part(facts(words, known))
        .text(words.say("incident.what_follows"))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let what = Incident::VARIANTS.iter();
    let what = what.map(|what| (what.to_string(), words.code("incident", what))).collect();
    let fields = vec![
        Field::new("incident", words.say("incident.what"), Kind::Radio(what)),
        Field::new("reason", words.say("incident.reason"), Kind::Text)
            .hint(words.say("incident.reason_hint")),
    ];
    Form::of(&at.visitor, fields, words.say("incident.button"))
}
