//! `GET /studies/{study}/oversight/people`: who holds which role in the study, and who held one.

use actix_web::web::{Data, Path};
use service::Shared;
use service::study::{self, Holder};

use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 7] = [
    "holder.name",
    "holder.user",
    "holder.role",
    "holder.site",
    "holder.state",
    "holder.granted_at",
    "holder.revoked_at",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let all = run(move || study::holders(&service, &caller, &study)).await?;
    let words = at.words();
    let rows = all.iter().map(|holder| row(&at, holder)).collect();
    Page::of_study(&at, words.say("holders.title"))
        .text(words.say("holders.what"))
        .part(Part::table(Table::new(&at.visitor.here, "holders", "holders.title", &COLUMNS, rows)))
        .answer()
}

fn row(at: &Standing, holder: &Holder) -> Vec<Cell> {
    let words = at.words();
    let kind = if holder.state == "in_force" { "good" } else { "plain" };
    vec![
        Cell::text(&holder.name),
        Cell::text(&holder.user),
        Cell::text(words.code("role", holder.role)),
        Cell::maybe(holder.site.as_ref()),
        Cell::text(words.code("holder_state", holder.state)).badge(kind),
        Cell::text(face::time(holder.granted_at, at.zone())),
        Cell::maybe(holder.revoked_at.map(|moment| face::time(moment, at.zone()))),
    ]
}
