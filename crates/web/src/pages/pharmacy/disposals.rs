//! `GET /studies/{study}/kits/disposals`: how kits come to their end, each step by two people: reconciled, and
//! destroyed.

use actix_web::web::{Data, Path};
use service::Shared;
use service::accountability::destroy::{self, Destruction};
use service::accountability::reconcile::{self, KitReconciliation};
use terms::{Moment, UserId};
use trial::Action;

use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::supply::place;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 5] = ["disposal.begun", "disposal.state", "kit.place", "kit.count", "disposal.first"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let (reconciled, destroyed) = run(move || {
        let reconciled = reconcile::all(&service, &caller, &study)?;
        Ok((reconciled, destroy::all(&service, &caller, &study)?))
    })
    .await?;
    let (words, here) = (at.words(), &at.visitor.here);
    let ways = [
        (Action::SignKitReconciliation, "reconcile.title", "/kits/reconciliations/new"),
        (Action::ProposeDestruction, "destroy.title", "/kits/destructions/new"),
    ];
    let ways = ways.into_iter().filter(|(action, ..)| at.may(*action));
    let ways: Vec<Link> = ways.map(|(_, word, to)| Link::new(words.say(word), at.address(to))).collect();
    let mut page = Page::of_study(&at, words.say("disposals.title")).text(words.say("disposals.what"));
    if !ways.is_empty() {
        page = page.part(Part::Links(ways));
    }
    let reconciled = reconciled.iter().rev().map(|one| of_reconciliation(&at, one)).collect();
    let destroyed = destroyed.iter().rev().map(|one| of_destruction(&at, one)).collect();
    page.part(Part::table(Table::new(here, "reconciled", "disposals.reconciled", &COLUMNS, reconciled)))
        .part(Part::table(Table::new(here, "destroyed", "disposals.destroyed", &COLUMNS, destroyed)))
        .answer()
}

fn of_reconciliation(at: &Standing, one: &KitReconciliation) -> Vec<Cell> {
    let to = at.address(format_args!("/kits/reconciliations/{}", one.id));
    let state =
        if one.confirmed.is_some() { ("reconcile.confirmed", "good") } else { ("reconcile.open", "note") };
    row(at, &one.signed, to, state, place(at.words(), &one.place), one.kits.len())
}

fn of_destruction(at: &Standing, one: &Destruction) -> Vec<Cell> {
    let to = at.address(format_args!("/kits/destructions/{}", one.id));
    let state =
        if one.authorized.is_some() { ("destroy.authorized", "good") } else { ("destroy.open", "note") };
    row(at, &one.proposed, to, state, place(at.words(), &one.place), one.kits.len())
}

fn row(
    at: &Standing,
    (by, begun): &(UserId, Moment),
    to: String,
    (word, kind): (&'static str, &'static str),
    place: String,
    kits: usize,
) -> Vec<Cell> {
    vec![
        Cell::link(face::time(*begun, at.zone()), to),
        Cell::text(at.words().say(word)).badge(kind),
        Cell::text(place),
        Cell::number(i64::try_from(kits).unwrap_or(i64::MAX)),
        Cell::text(by),
    ]
}

/// Who signed, and when.
pub(super) fn signed(at: &Standing, (by, when): &(UserId, Moment)) -> String {
    format!("{} ({by})", face::time(*when, at.zone()))
}
