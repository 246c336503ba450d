//! `GET /studies/{study}/visits`: the visits that are due, those of which the window has closed first.

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects::{self, Due};
use trial::Action;

use super::{timing, window};
use crate::answer::{Answer, run};
use crate::pages::page::{Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 7] = [
    "visit.timing",
    "subject.screening_number",
    "visit.id",
    "visit.planned",
    "visit.window",
    "visit.kits",
    "subject.site",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let mut due = run(move || subjects::due(&service, &caller, &study)).await?;
    due.sort_by_key(|due| due.timing);
    let words = at.words();
    let rows = due.iter().map(|due| row(&at, due)).collect();
    Page::of_study(&at, words.say("due.title"))
        .text(words.say(if due.is_empty() { "due.none" } else { "due.what" }))
        .part(Part::table(Table::new(&at.visitor.here, "due", "due.title", &COLUMNS, rows)))
        .answer()
}

fn row(at: &Standing, due: &Due) -> Vec<Cell> {
    let words = at.words();
    let (subject, visit) = (&due.subject, &due.visit);
    let record = at.address(format_args!("/subjects/{subject}/visits/{visit}"));
    let is_to_record = due.is_to_take_place && at.may(Action::RecordVisit);
    let kits = if due.has_kits { words.say("visit.to_dispense") } else { "" };
    let [planned, ..] = due.days;
    vec![
        timing(words, due.timing),
        Cell::link(subject, at.address(format_args!("/subjects/{subject}"))),
        if is_to_record { Cell::link(visit, record) } else { Cell::text(visit) },
        Cell::text(planned),
        Cell::text(window(words, due.days)).whole(),
        Cell::text(kits),
        Cell::text(&due.site),
    ]
}
