//! `GET, POST /studies/{study}/alerts/{alert}`: one alert, of which its owner takes note.

use actix_web::web::{Data, Path};
use service::Shared;
use service::alerts::{Alert, acknowledge};
use terms::AlertId;
use trial::{Action, Refusal};

use super::alerts::{acknowledged, known, place, standing};
use crate::Problem;
use crate::answer::Answer;
use crate::api::alerts::Acknowledge;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let (alert, id) = find(&service, &at, &path.1).await?;
    let page = page(&at, &alert, &id);
    if may_acknowledge(&at, &alert) { page.form(form(&at)).answer() } else { page.answer() }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path.0).await?;
    let (alert, id) = find(&service, &at, &path.1).await?;
    let address = format!("/alerts/{id}/acknowledgement");
    let ordered = Ordered::at(&at, Action::AcknowledgeAlert, address);
    let of = id.clone();
    let page = |form| page(&at, &alert, &id).form(form);
    let done = sent.acted(&service, form(&at), &ordered, page, |service, envelope, body: Acknowledge| {
        acknowledge::acknowledge(service, envelope, of, body.text)
    });
    match done.await {
        Ok(_alert) => go_on_having(&at.address("/alerts"), "acknowledged"),
        Err(answer) => answer,
    }
}

/// One of the alerts that stand and that the visitor may see.
async fn find(service: &Data<Shared>, at: &Standing, id: &str) -> Result<(Alert, AlertId), Problem> {
    let id: AlertId = named(id)?;
    let mut all = standing(service, at).await?.into_iter();
    let found = all.find(|alert| alert.raised.as_ref().is_some_and(|(raised, _)| *raised == id));
    Ok((found.ok_or(Refusal::NotFound)?, id))
}

fn may_acknowledge(at: &Standing, alert: &Alert) -> bool {
    let is_owner = at.desk.roles.iter().any(|held| {
        let is_there = held.site.is_none() || held.site.as_ref() == alert.place.site();
        held.role == alert.owner && is_there
    });
    is_owner && alert.acknowledged.is_none()
}

fn page(at: &Standing, alert: &Alert, id: &AlertId) -> Page {
    let words = at.words();
    let raised = alert.raised.as_ref().map(|(_, moment)| face::time(*moment, at.zone()));
    let mut facts = vec![
        ("alert.place", place(words, &alert.place)),
        ("alert.known", known(words, alert)),
        ("alert.owner", words.code("role", alert.owner)),
        ("alert.raised_at", raised.unwrap_or_default()),
        ("alert.acknowledged", acknowledged(at, alert)),
        ("alert.id", id.to_string()),
    ];
    facts.extend(alert.text.clone().map(|text| ("alert.text", text)));
    super::page(at, words.code("alert_kind", alert.kind), alert.text.is_some())
        .part(Part::facts(words, facts))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let text = Field::new("text", words.say("alert.text"), Kind::Text).optional();
    Form::of(&at.visitor, vec![text.hint(words.say("alert.text_hint"))], words.say("alert.acknowledge"))
}
