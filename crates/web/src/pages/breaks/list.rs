//! `GET /studies/{study}/breaks`: that codes were broken, when, by whom and why; never what was seen.

use actix_web::web::{Data, Path};
use service::Shared;
use service::unblind::{self, Listed};
use trial::Action;

use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 7] = [
    "break.broken_at",
    "subject.screening_number",
    "subject.site",
    "break.reason",
    "breaks.found_by",
    "break.broken_by",
    "breaks.note",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let listed = run(move || unblind::list(&service, &caller, &study)).await?;
    let rows = listed.iter().rev().map(|listed| row(&at, listed)).collect();
    Page::of_study(&at, at.words().say("breaks.title"))
        .text(at.words().say("breaks.what"))
        .part(Part::table(Table::new(&at.visitor.here, "breaks", "breaks.title", &COLUMNS, rows)))
        .answer()
}

fn row(at: &Standing, listed: &Listed) -> Vec<Cell> {
    let words = at.words();
    let noted = words.say(if listed.is_noted { "breaks.noted" } else { "breaks.not_noted" });
    let note = if at.may(Action::NoteUnblinding) {
        Cell::link(noted, at.address(format_args!("/breaks/{}", listed.id)))
    } else {
        Cell::text(noted).badge(if listed.is_noted { "plain" } else { "note" })
    };
    vec![
        Cell::text(face::time(listed.at, at.zone_of(&listed.site))),
        Cell::link(&listed.subject, at.address(format_args!("/subjects/{}", listed.subject))),
        Cell::text(&listed.site),
        Cell::text(words.code("break_reason", listed.reason)),
        Cell::text(words.code("found_by", listed.found_by)),
        Cell::text(&listed.by),
        note,
    ]
}
