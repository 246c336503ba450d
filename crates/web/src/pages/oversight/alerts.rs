//! `GET /studies/{study}/alerts`: what somebody has to see to, and who.

use actix_web::web::{Data, Path};
use service::Shared;
use service::alerts::{Alert, read};
use trial::alerts::{AlertPlace, Says};

use crate::Problem;
use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::words::Words;

const COLUMNS: [&str; 6] =
    ["alert.kind", "alert.place", "alert.known", "alert.owner", "alert.raised_at", "alert.acknowledged"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let all = standing(&service, &at).await?;
    let words = at.words();
    let rows = all.iter().map(|alert| row(&at, alert)).collect();
    Page::of_study(&at, words.say("alerts.title"))
        .text(words.say("alerts.what"))
        .part(Part::table(Table::new(&at.visitor.here, "alerts", "alerts.title", &COLUMNS, rows)))
        .answer()
}

/// The alerts that stand now and that the visitor may see.
pub(super) async fn standing(service: &Data<Shared>, at: &Standing) -> Result<Vec<Alert>, Problem> {
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    run(move || read::alerts(&service, &caller, &study)).await
}

fn row(at: &Standing, alert: &Alert) -> Vec<Cell> {
    let words = at.words();
    let kind = words.code("alert_kind", alert.kind);
    let kind = match &alert.raised {
        Some((id, _)) => Cell::link(kind, at.address(format_args!("/alerts/{id}"))),
        None => Cell::text(kind),
    };
    let done = Cell::text(acknowledged(at, alert));
    vec![
        kind,
        Cell::text(place(words, &alert.place)),
        Cell::text(known(words, alert)),
        Cell::text(words.code("role", alert.owner)),
        Cell::maybe(alert.raised.as_ref().map(|(_, moment)| face::time(*moment, at.zone()))),
        if alert.acknowledged.is_some() { done.badge("good") } else { done.badge("note") },
    ]
}

pub(super) fn acknowledged(at: &Standing, alert: &Alert) -> String {
    let words = at.words();
    match &alert.acknowledged {
        Some((by, moment)) => format!("{by}, {}", face::time(*moment, at.zone())),
        None => words.say("alert.open").to_owned(),
    }
}

/// Where it is, in words.
pub(super) fn place(words: Words, place: &AlertPlace) -> String {
    match place {
        AlertPlace::Site(site) => words.fill("alert.at_site", &[("id", site)]),
        AlertPlace::Depot(depot) => words.fill("alert.at_depot", &[("id", depot)]),
        AlertPlace::Stock => words.say("place.store").to_owned(),
        AlertPlace::Study => words.say("alert.in_study").to_owned(),
    }
}

/// What is known of it, in words.
pub(in crate::pages) fn known(words: Words, alert: &Alert) -> String {
    let reference = &alert.reference;
    match &alert.known {
        Some(Says::Kits { usable, wanted }) => {
            words.fill("alert.kits", &[("usable", usable), ("wanted", wanted)])
        }
        Some(Says::LabelExpiry(day)) => {
            words.fill("alert.label_expiry", &[("batch", reference), ("day", day)])
        }
        Some(Says::InQuarantineSince(day)) => words.fill("alert.in_quarantine", &[("day", day)]),
        Some(Says::Left(day)) => words.fill("alert.left", &[("shipment", reference), ("day", day)]),
        Some(Says::FewPositions) => words.say("alert.few_positions").to_owned(),
        None => reference.clone(),
    }
}
