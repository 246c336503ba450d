//! `GET, POST /studies/{study}/shipments/{shipment}/dispatch`, `.../cancellation`, and `GET .../label`: a shipment
//! that was picked leaves, or is given up.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::labels::shipment;
use service::shipments::dispatch;
use service::shipments::read::{self, Shipment};
use service::{Shared, study};
use trial::Action;

use super::admitted;
use super::kits::place;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::shipments::{Cancel, Dispatch};
use crate::face;
use crate::file::{PDF, attachment};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

/// `GET .../dispatch`
pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, shipment) = load(&service, &path, visitor).await?;
    page(&at, &shipment).form(form(&at)).answer()
}

/// `POST .../dispatch`
pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, shipment) = load(&service, &path, sent.visitor.clone()).await?;
    let (id, to) = (shipment.id.clone(), address(&at, &shipment));
    let ordered = Ordered::at(&at, Action::DispatchShipment, format_args!("/shipments/{id}/dispatch"));
    let page = |form| page(&at, &shipment).form(form);
    let done = sent.acted(&service, form(&at), &ordered, page, |service, envelope, body: Dispatch| {
        let scanned = body.scanned()?;
        dispatch::dispatch(service, envelope, id, scanned)
    });
    match done.await {
        Ok(_left) => go_on_having(&to, "dispatched"),
        Err(answer) => answer,
    }
}

/// `GET .../cancellation`
pub(in crate::pages) async fn show_end(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (at, shipment) = load(&service, &path, visitor).await?;
    end_page(&at, &shipment).form(end_form(&at)).answer()
}

/// `POST .../cancellation`
pub(in crate::pages) async fn submit_end(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (at, shipment) = load(&service, &path, sent.visitor.clone()).await?;
    let (id, to) = (shipment.id.clone(), address(&at, &shipment));
    let ordered = Ordered::at(&at, Action::DispatchShipment, format_args!("/shipments/{id}/cancellation"));
    let page = |form| end_page(&at, &shipment).form(form);
    let done = sent.acted(&service, end_form(&at), &ordered, page, |service, envelope, body: Cancel| {
        dispatch::cancel(service, envelope, id, body.reason)
    });
    match done.await {
        Ok(_given_up) => go_on_having(&to, "given_up"),
        Err(answer) => answer,
    }
}

/// `GET .../label`: for the outside of the box, in the visitor's language when the study has it.
pub(in crate::pages) async fn label(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let (caller, study, id, language) = (at.caller(), at.study(), named(&path.1)?, at.words().0);
    let file = run(move || {
        let overview = study::find(&service, &caller, &study)?;
        let has_it = |label: &trial::study::Label| label.languages.contains_key(&language);
        let language = overview.design.label.as_ref().is_some_and(has_it).then_some(language);
        shipment::label(&service, &caller, &study, &id, language)
    })
    .await?;
    Ok(attachment(StatusCode::OK, PDF, &file.name, file.bytes))
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(Standing, Shipment), Problem> {
    let at = visitor.at(service, &path.0).await?;
    admitted(service, &at, Action::DispatchShipment).await?;
    let (shared, caller, study, id) = (service.clone(), at.caller(), at.study(), named(&path.1)?);
    let shipment = run(move || read::shipment(&shared, &caller, &study, &id)).await?;
    Ok((at, shipment))
}

fn address(at: &Standing, shipment: &Shipment) -> String {
    at.address(format_args!("/shipments/{}", shipment.id))
}

/// The kits to pack, and the way to the label of the box.
fn page(at: &Standing, shipment: &Shipment) -> Page {
    let words = at.words();
    let title = words.fill("dispatch.of", &[("id", &shipment.id)]);
    let label = Link::new(words.say("shipment.label"), format!("{}/label", address(at, shipment))).file();
    let kits = shipment.kits.iter().map(face::kit).collect::<Vec<_>>().join(", ");
    let facts = vec![
        (words.say("shipment.to").to_owned(), place(words, &shipment.to)),
        (words.say("dispatch.to_pack").to_owned(), kits),
    ];
    let back = Link::new(words.fill("shipment.title", &[("id", &shipment.id)]), address(at, shipment));
    Page::of_study(at, title).part(Part::Links(vec![back, label])).part(Part::Facts(facts))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let kits = Field::new("kits", words.say("dispatch.kits"), Kind::Lines);
    let fields = vec![kits.hint(words.say("dispatch.kits_hint"))];
    Form::of(&at.visitor, fields, words.say("dispatch.button"))
}

fn end_page(at: &Standing, shipment: &Shipment) -> Page {
    let words = at.words();
    let title = words.fill("give_up.of", &[("id", &shipment.id)]);
    let back = Link::new(words.fill("shipment.title", &[("id", &shipment.id)]), address(at, shipment));
    Page::of_study(at, title).part(Part::Links(vec![back])).text(words.say("give_up.what"))
}

fn end_form(at: &Standing) -> Form {
    let words = at.words();
    let reason = Field::new("reason", words.say("supply.reason"), Kind::Text);
    let form = Form::of(&at.visitor, vec![reason], words.say("give_up.button"));
    Form { is_grave: true, ..form }
}
