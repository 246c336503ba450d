//! `GET /studies/{study}/shipments`

use actix_web::web::{Data, Path};
use service::Shared;
use service::shipments::read::{self, Shipment};
use trial::Action;

use super::kits::place;
use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 6] =
    ["shipment.id", "shipment.state", "shipment.from", "shipment.to", "kit.count", "shipment.picked_at"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let all = run(move || read::shipments(&service, &caller, &study)).await?;
    let rows = all.iter().map(|shipment| row(&at, shipment)).collect();
    let table = Table::new(&at.visitor.here, "shipments", "nav.shipments", &COLUMNS, rows);
    let new = Link::new(at.words().say("request.title"), at.address("/shipments/new")).main();
    let new = at.may(Action::RequestShipment).then(|| Part::Links(vec![new]));
    Page::of_study(&at, at.words().say("nav.shipments")).parts(new).part(Part::table(table)).answer()
}

fn row(at: &Standing, shipment: &Shipment) -> Vec<Cell> {
    let words = at.words();
    let (word, kind) = state(shipment);
    vec![
        Cell::link(&shipment.id, at.address(format_args!("/shipments/{}", shipment.id))),
        Cell::text(words.say(word)).badge(kind),
        Cell::text(place(words, &shipment.from)),
        Cell::text(place(words, &shipment.to)),
        Cell::number(i64::try_from(shipment.kits.len()).unwrap_or(i64::MAX)),
        Cell::text(face::time(shipment.picked.1, at.zone())),
    ]
}

/// Where a shipment is, as a word, and how it is shown.
pub(in crate::pages) fn state(shipment: &Shipment) -> (&'static str, &'static str) {
    match (&shipment.cancelled, &shipment.received, &shipment.dispatched) {
        (Some(_), _, _) => ("shipment.cancelled", "plain"),
        (_, Some(received), _) if received.excursion => ("shipment.excursion", "bad"),
        (_, Some(_), _) => ("shipment.received", "good"),
        (_, _, Some(_)) => ("shipment.on_its_way", "note"),
        _ => ("shipment.picked", "plain"),
    }
}
