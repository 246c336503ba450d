//! `GET /studies/{study}/statistics/lists/{list}/positions`: the list with its treatments, read when it is asked for.

use actix_web::web::Data;
use service::Shared;
use service::lists::{self, Position};

use super::list::{At, find};
use crate::answer::{Answer, run};
use crate::pages::page::Part;
use crate::pages::recorded::{is_asked_for, page, to_read};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

const COLUMNS: [&str; 6] = [
    "positions.stratum",
    "positions.position",
    "positions.arm",
    "positions.code",
    "subject.screening_number",
    "subject.randomization_number",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let words = at.words();
    let title = words.fill("positions.of", &[("list", &path.1)]);
    if !is_asked_for(&at) {
        let list = find(&service, &at, &path.1).await?;
        return to_read(&at, title, "positions.what").part(super::list::facts(&at, &list)).answer();
    }
    let (caller, study, id) = (at.caller(), at.study(), named(&path.1)?);
    let all = run(move || lists::positions(&service, &caller, &study, id)).await?;
    let row = |position: &Position| row(&at, position);
    let table = Table::of(&at.visitor.here, "positions", "positions.title", &COLUMNS, &all, row);
    page(&at, title).text(words.say("recorded.every_read")).part(Part::table(table)).answer()
}

fn row(at: &Standing, position: &Position) -> Vec<Cell> {
    let (subject, number) = position.given.as_ref().map(|given| (&given.subject, given.number)).unzip();
    let subject = subject.map_or_else(
        || Cell::text(""),
        |subject| Cell::link(subject, at.address(format_args!("/subjects/{subject}"))),
    );
    vec![
        Cell::text(at.stratum(&position.levels)),
        Cell::number(position.position),
        Cell::text(at.said(&position.arm)),
        Cell::text(&position.code),
        subject,
        Cell::maybe(number),
    ]
}
