//! `GET /studies/{study}/kits`: what is on the shelf, in total and kit by kit.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use service::Shared;
use service::kits::read::{self, Filter, Kit, Place};
use trial::Action;

use crate::answer::{Answer, run};
use crate::pages::page::{Link, Page, Part};
use crate::pages::pharmacy::kit_cell;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::words::Words;

const COLUMNS: [&str; 5] = ["kit.number", "kit.state", "kit.batch", "kit.label_expiry", "kit.place"];
const TOTALS: [&str; 2] = ["kit.state", "kit.count"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let kits = run(move || read::kits(&service, &caller, &study, &Filter::default())).await?;
    let (words, here) = (at.words(), &at.visitor.here);
    let mut totals: BTreeMap<String, u32> = BTreeMap::new();
    for kit in &kits {
        *totals.entry(state(words, kit)).or_default() += 1;
    }
    let totals =
        totals.into_iter().map(|(state, count)| vec![Cell::text(state), Cell::number(count)]).collect();
    let table = Table::of(here, "kits", "nav.kits", &COLUMNS, &kits, |kit| row(&at, kit));
    Page::of_study(&at, words.say("nav.kits"))
        .part(Part::Links(ways(&at)))
        .part(Part::table(Table::new(here, "totals", "kits.totals", &TOTALS, totals)))
        .part(Part::table(table))
        .answer()
}

/// What is done about kits of a place.
fn ways(at: &Standing) -> Vec<Link> {
    let ways = [
        (Action::ReadAccountability, "nav.accountability", "/accountability"),
        (Action::ReadDisposals, "disposals.title", "/kits/disposals"),
        (Action::ReportIncident, "set_aside.title", "/kits/set-aside"),
    ];
    let open = ways.into_iter().filter(|(action, ..)| at.may(*action));
    open.map(|(_, word, rest)| Link::new(at.words().say(word), at.address(rest))).collect()
}

fn row(at: &Standing, kit: &Kit) -> Vec<Cell> {
    vec![
        kit_cell(at, &kit.number),
        Cell::text(state(at.words(), kit)),
        Cell::text(&kit.batch),
        Cell::text(kit.label_expiry),
        Cell::text(place(at.words(), &kit.place)),
    ]
}

/// A state in words.
pub(super) fn state(words: Words, kit: &Kit) -> String {
    kit.state
        .map_or_else(|| words.say("kit.not_yours").to_owned(), |state| words.code("kit_state", state.code()))
}

/// A place in words.
pub(in crate::pages) fn place(words: Words, place: &Place) -> String {
    match place {
        Place::Store => words.say("place.store").to_owned(),
        Place::Depot(depot) => depot.to_string(),
        Place::Shipment(shipment) => words.fill("place.shipment", &[("id", shipment)]),
        Place::Site(site) => site.to_string(),
    }
}
