//! `GET, POST /studies/{study}/shipments/new`: a shipment is picked without a plan.

use actix_web::web::{Data, Path};
use service::Shared;
use service::shipments::places::Located;
use service::shipments::request;
use trial::Action;

use super::{admitted, depots, located, sites};
use crate::Problem;
use crate::answer::Answer;
use crate::api::shipments::Request;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let (at, places) = load(&service, &path, visitor).await?;
    page(&at).form(form(&at, &places)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let (at, places) = load(&service, &path, sent.visitor.clone()).await?;
    let ordered = Ordered::at(&at, Action::RequestShipment, "/shipments");
    let (form, page) = (sent.fill(form(&at, &places)), |form| page(&at).form(form));
    if sent.is_resumed() {
        return page(form).answer();
    }
    let done = sent.act(&service, &form, &ordered, |service, envelope, body: Request| {
        request::request(service, envelope, body.into_command()?)
    });
    match done.await {
        Ok(new) => go_on_having(&at.address(format_args!("/shipments/{}", new.id)), "picked"),
        Err(problem) if problem.code() == "supply-short" => {
            let form = form.marked(at.words(), "request.short", |field| field.name == "groups");
            page(form).with(problem.status())
        }
        Err(problem) => sent.refused(page, form, &problem),
    }
}

async fn load(
    service: &Data<Shared>,
    study: &str,
    visitor: Visitor,
) -> Result<(Standing, Vec<Located>), Problem> {
    let at = visitor.at(service, study).await?;
    admitted(service, &at, Action::RequestShipment).await?;
    let places = located(service, &at).await?;
    Ok((at, places))
}

fn page(at: &Standing) -> Page {
    let words = at.words();
    Page::of_study(at, words.say("request.title")).text(words.say("request.what"))
}

fn form(at: &Standing, places: &[Located]) -> Form {
    let words = at.words();
    let choice = |name: &str, word, options: Vec<(String, String)>| {
        Field::new(name, words.say(word), Kind::Choice(options)).optional()
    };
    let fields = vec![
        choice("from_depot", "request.from", depots(places)).hint(words.say("request.from_hint")),
        choice("to_site", "request.to_site", sites(places)),
        choice("to_depot", "request.to_depot", depots(places)),
        Field::new("groups", words.say("request.groups"), Kind::Number)
            .hint(words.say("request.groups_hint")),
    ];
    Form::of(&at.visitor, fields, words.say("request.button"))
}
