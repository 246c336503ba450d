//! `GET /studies/{study}/today`: who is due, what waits at the counter, what is on the shelf in total, what is on its
//! way, and what is to be seen to; each with the way to do it.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use service::Shared;
use service::alerts::Alert;
use service::counter::Waiting;
use service::kits::read::KitState;
use service::shipments::read::Shipment;
use service::subjects::{Due, Timing};
use service::today::{self, Today};
use trial::Role;

use super::kit_cell;
use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::supply::{place, state};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Standing;
use crate::pages::visitor::Visitor;

const DUE: [&str; 4] = ["subject.title_alone", "due.timing", "visit.id", "visit.window"];
const COUNTER: [&str; 4] = ["kit.number", "subject.title_alone", "visit.id", "counter.checked"];
const ON_THEIR_WAY: [&str; 4] = ["shipment.id", "shipment.state", "shipment.from", "kit.count"];
/// The states of kits at a site that a pharmacist counts on the shelf.
const ON_THE_SHELF: [KitState; 3] = [KitState::Available, KitState::Allocated, KitState::Quarantined];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let today = run(move || today::today(&service, &caller, &study)).await?;
    let words = at.words();
    Page::of_study(&at, words.say("today.title"))
        .text(face::time(today.now, at.zone()))
        .parts(alerts(&at, &today))
        .parts(counter(&at, &today))
        .part(due(&at, &today))
        .part(Part::Heading(words.say("today.shelf").to_owned()))
        .part(shelf(&at, &today))
        .part(Part::Links(vec![
            Link::new(words.say("nav.kits"), at.address("/kits")),
            Link::new(words.say("set_aside.title"), at.address("/kits/set-aside")),
        ]))
        .part(on_their_way(&at, &today))
        .answer()
}

/// What is to be seen to, and by whom; nothing at all when there is nothing.
fn alerts(at: &Standing, today: &Today) -> Vec<Part> {
    let words = at.words();
    if today.alerts.is_empty() {
        return Vec::new();
    }
    let kinds = today.alerts.iter().map(|alert| words.code("alert_kind", alert.kind));
    let kinds: BTreeSet<String> = kinds.collect();
    let what = kinds.into_iter().collect::<Vec<_>>().join(", ");
    let is_mine = |alert: &Alert| alert.owner == Role::Pharmacist && alert.acknowledged.is_none();
    let link = Link::new(words.say("today.see_alerts"), at.address("/alerts"));
    let link = if today.alerts.iter().any(is_mine) { link.main() } else { link };
    vec![Part::Warning(words.fill("today.alerts", &[("what", &what)])), Part::Links(vec![link])]
}

fn counter(at: &Standing, today: &Today) -> Option<Part> {
    let (here, kits) = (&at.visitor.here, &today.counter.kits);
    let row = |one: &Waiting| waiting(at, today, one);
    (!kits.is_empty()).then(|| Part::table(Table::of(here, "counter", "today.counter", &COUNTER, kits, row)))
}

fn waiting(at: &Standing, today: &Today, one: &Waiting) -> Vec<Cell> {
    let words = at.words();
    let subject = at.address(format_args!("/subjects/{}/kits", one.subject));
    let checked = if !one.is_ready() {
        Cell::text(words.code("kit_state", one.state.code())).badge("bad")
    } else if !one.checked_by.is_empty() {
        let by = one.checked_by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Cell::text(words.fill("counter.checked_by", &[("by", &by)]))
    } else if today.counter.wants_second_person {
        Cell::link(words.say("check.title"), at.address(format_args!("/subjects/{}/check", one.subject)))
    } else {
        Cell::text("–")
    };
    vec![kit_cell(at, &one.kit), Cell::link(&one.subject, subject), Cell::text(&one.visit), checked]
}

/// Those whose window is open or has closed first; then those who come next.
fn due(at: &Standing, today: &Today) -> Part {
    let row = |due: &Due| due_row(at, due);
    Part::table(Table::of(&at.visitor.here, "due", "today.due", &DUE, &today.due, row))
}

fn due_row(at: &Standing, due: &Due) -> Vec<Cell> {
    let words = at.words();
    let to = at.address(format_args!("/subjects/{}/kits?visit={}", due.subject, due.visit));
    let [_, from, through] = due.days;
    let kind = match due.timing {
        Timing::Late => "bad",
        Timing::Open => "good",
        Timing::Ahead => "plain",
    };
    vec![
        Cell::link(&due.subject, to),
        Cell::text(words.code("timing", due.timing)).badge(kind),
        Cell::text(&due.visit),
        Cell::text(words.fill("visit.from_to", &[("from", &from), ("to", &through)])),
    ]
}

fn shelf(at: &Standing, today: &Today) -> Part {
    let words = at.words();
    let count = |state: KitState| today.shelf.get(&state).copied().unwrap_or_default().to_string();
    let counts = ON_THE_SHELF.map(|state| (words.code("kit_state", state.code()), count(state)));
    let expiry = today.first_expiry.map(|day| (words.say("today.first_expiry").to_owned(), day.to_string()));
    Part::Facts(counts.into_iter().chain(expiry).collect())
}

fn on_their_way(at: &Standing, today: &Today) -> Part {
    let rows = today.on_their_way.iter().map(|one| shipment(at, one)).collect();
    Part::table(Table::new(&at.visitor.here, "shipments", "today.on_their_way", &ON_THEIR_WAY, rows))
}

fn shipment(at: &Standing, one: &Shipment) -> Vec<Cell> {
    let words = at.words();
    let (word, kind) = state(one);
    vec![
        Cell::link(&one.id, at.address(format_args!("/shipments/{}", one.id))),
        Cell::text(words.say(word)).badge(kind),
        Cell::text(place(words, &one.from)),
        Cell::number(i64::try_from(one.kits.len()).unwrap_or(i64::MAX)),
    ]
}
