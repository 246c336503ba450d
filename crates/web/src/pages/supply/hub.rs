//! `GET /studies/{study}/supply`: what is to be seen to, and the ways to everything about the supply.

use actix_web::web::{Data, Path};
use service::Shared;
use service::alerts::{Alert, read};
use service::kits::read::KitState;
use trial::Action;
use trial::alerts::AlertPlace;

use super::stock::counted;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::pages::navigation::open;
use crate::pages::oversight::known;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 5] =
    ["seen_to.kind", "seen_to.place", "seen_to.says", "seen_to.owner", "seen_to.acknowledged"];

/// The ways: the right without which a visitor is not led there, the word for it, and where it is.
const WAYS: [(Action, &str, &str); 10] = [
    (Action::ReadKits, "nav.batches", "/supply/batches"),
    (Action::ReadShipments, "nav.shipments", "/shipments"),
    (Action::ReadShipments, "resupply.title", "/supply/resupply"),
    (Action::ReadKits, "stock.title", "/supply/stock"),
    (Action::ReadKits, "expiry.title", "/supply/expiry"),
    (Action::ReadKits, "quarantine.title", "/supply/quarantine"),
    (Action::ReadKits, "nav.kits", "/kits"),
    (Action::ReportIncident, "set_aside.title", "/kits/set-aside"),
    (Action::ReadDisposals, "disposals.title", "/kits/disposals"),
    (Action::ReadAlerts, "alerts.title", "/alerts"),
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let shared = service.clone();
    let alerts = run(move || read::alerts(&shared, &caller, &study)).await?;
    let rows = alerts.iter().map(|alert| row(&at, alert)).collect();
    let words = at.words();
    let waiting = waiting(&service, &at).await?;
    let table = Table::new(&at.visitor.here, "alerts", "seen_to.title", &COLUMNS, rows);
    Page::of_study(&at, words.say("nav.supply"))
        .text(words.say("supply.what"))
        .parts(waiting)
        .part(Part::Links(ways(&at)))
        .part(Part::table(table))
        .answer()
}

/// How many kits wait in quarantine, as far as the visitor sees it.
async fn waiting(service: &Data<Shared>, at: &Standing) -> Result<Option<Part>, Problem> {
    let counted = if at.may(Action::ReadKits) { counted(service, at).await? } else { Vec::new() };
    let set_aside = counted.iter().filter(|of| of.state == Some(KitState::Quarantined));
    let set_aside: u32 = set_aside.map(|of| of.kits).sum();
    let told = at.words().fill("quarantine.waiting", &[("n", &set_aside)]);
    Ok((set_aside > 0).then_some(Part::Warning(told)))
}

/// The ways that are open, with the one thing that the visitor's role is there for in front.
fn ways(at: &Standing) -> Vec<Link> {
    let main = [
        (Action::RegisterKits, "register.title", "/supply/batches/new"),
        (Action::PlanResupply, "resupply.plan", "/supply/resupply"),
        (Action::DecideQuarantine, "quarantine.decisions", "/supply/quarantine"),
    ];
    open(at, &main).map(Link::main).chain(open(at, &WAYS)).collect()
}

fn row(at: &Standing, alert: &Alert) -> Vec<Cell> {
    let words = at.words();
    let place = match &alert.place {
        AlertPlace::Site(site) => site.to_string(),
        AlertPlace::Depot(depot) => depot.to_string(),
        AlertPlace::Stock => words.say("place.store").to_owned(),
        AlertPlace::Study => words.say("seen_to.study").to_owned(),
    };
    let noted = match &alert.acknowledged {
        Some((who, _)) => Cell::text(who),
        None => Cell::text(words.say("seen_to.open")).badge("note"),
    };
    vec![
        Cell::text(words.code("alert_kind", alert.kind)),
        Cell::text(place),
        Cell::text(known(words, alert)),
        Cell::text(words.code("role", alert.owner)),
        noted,
    ]
}
