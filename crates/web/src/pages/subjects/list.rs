//! `GET /studies/{study}/subjects`

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects::{self, Summary};
use trial::Action;

use super::state;
use crate::answer::{Answer, run};
use crate::pages::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 6] = [
    "subject.screening_number",
    "subject.site",
    "subject.state",
    "subject.randomization_number",
    "subject.screened_at",
    "subject.code",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let all = run(move || subjects::list(&service, &caller, &study)).await?;
    let rows = all.into_iter().map(|subject| row(&at, subject)).collect();
    let table = Table::new(&at.visitor.here, "subjects", "subjects.title", &COLUMNS, rows);
    let mut page = Page::of_study(&at, at.words().say("subjects.title"));
    if at.may(Action::ScreenSubject) {
        let new = Link::new(at.words().say("subjects.screen"), at.address("/subjects/new")).main();
        page = page.part(Part::Links(vec![new]));
    }
    page.part(Part::table(table)).answer()
}

fn row(at: &Standing, subject: Summary) -> Vec<Cell> {
    let words = at.words();
    let broken =
        if subject.is_broken { Cell::text(words.say("subject.broken")).badge("bad") } else { Cell::text("") };
    vec![
        Cell::link(&subject.id, at.address(format_args!("/subjects/{}", subject.id))),
        Cell::text(&subject.site),
        state(words, subject.state),
        Cell::maybe(subject.number),
        Cell::text(face::time(subject.screened_at, at.zone_of(&subject.site))),
        broken,
    ]
}
