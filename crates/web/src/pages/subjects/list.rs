//! `GET /studies/{study}/subjects`: each with the visit that comes next, and those to which nobody came.

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects::{self, Listed, Timing};
use trial::Action;

use super::{state, window};
use crate::answer::{Answer, run};
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

/// The site stands last, and is left out for whoever has one alone.
const COLUMNS: [&str; 8] = [
    "subject.screening_number",
    "subject.state",
    "visit.late",
    "visit.next",
    "visit.window",
    "subject.randomization_number",
    "subject.code",
    "subject.site",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let all = run(move || subjects::listed(&service, &caller, &study)).await?;
    let titles = COLUMNS.split_last().filter(|_| at.desk.sites.len() == 1).map_or(&COLUMNS[..], |of| of.1);
    let table =
        Table::of(&at.visitor.here, "subjects", "subjects.title", titles, &all, |subject| row(&at, subject));
    Page::of_study(&at, at.words().say("subjects.title"))
        .part(Part::Links(ways(&at)))
        .part(Part::table(table))
        .answer()
}

fn ways(at: &Standing) -> Vec<Link> {
    let words = at.words();
    let screen = Link::new(words.say("subjects.screen"), at.address("/subjects/new")).main();
    let visits = Link::new(words.say("due.title"), at.address("/visits"));
    let breaks = Link::new(words.say("breaks.title"), at.address("/breaks"));
    at.may(Action::ScreenSubject).then_some(screen).into_iter().chain([visits, breaks]).collect()
}

fn row(at: &Standing, subject: &Listed) -> Vec<Cell> {
    let (words, due) = (at.words(), &subject.due);
    let broken =
        if subject.is_broken { Cell::text(words.say("subject.broken")).badge("bad") } else { Cell::text("") };
    let late: Vec<&str> =
        due.iter().filter(|due| due.timing == Timing::Late).map(|due| due.visit.as_str()).collect();
    let next = due.iter().find(|due| due.timing != Timing::Late);
    let mut cells = vec![
        Cell::link(&subject.id, at.address(format_args!("/subjects/{}", subject.id))),
        state(words, subject.state),
        if late.is_empty() { Cell::text("") } else { Cell::text(late.join(", ")).badge("bad") },
        Cell::maybe(next.map(|next| &next.visit)),
        Cell::maybe(next.map(|next| window(words, next.days))).whole(),
        Cell::maybe(subject.number),
        broken,
    ];
    if at.desk.sites.len() != 1 {
        cells.push(Cell::text(&subject.site));
    }
    cells
}
