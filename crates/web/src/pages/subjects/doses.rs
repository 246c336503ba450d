//! `GET /studies/{study}/subjects/{subject}/doses`: the doses that were given, by what came back, against the plan.

use actix_web::web::{Data, Path};
use service::Shared;
use service::accountability::read::{self, Line, OfSubject};
use trial::decide::accountability::Doses;

use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::pharmacy::kit_cell;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

const COLUMNS: [&str; 7] = [
    "visit.id",
    "kit.number",
    "kit.handed_over",
    "doses.planned",
    "doses.given",
    "doses.missed",
    "doses.extra",
];

pub(in crate::pages) async fn show(
    service: Data<Shared>,
    path: Path<(String, String)>,
    visitor: Visitor,
) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let (caller, study, id) = (at.caller(), at.study(), named(&path.1)?);
    let log = run(move || read::of_subject(&service, &caller, &study, &id)).await?;
    let words = at.words();
    let subject = at.address(format_args!("/subjects/{}", log.subject));
    let rows = log.lines.iter().map(|line| row(&at, line)).collect();
    Page::of_study(&at, words.fill("doses.of", &[("subject", &log.subject)]))
        .text(words.say("doses.what"))
        .part(Part::Facts(facts(&at, &log)))
        .part(Part::Links(vec![
            Link::new(words.say("break.subject"), subject.clone()),
            Link::new(words.say("nav.accountability"), format!("{subject}/accountability")),
        ]))
        .part(Part::table(Table::new(&at.visitor.here, "doses", "doses.by_kit", &COLUMNS, rows)))
        .answer()
}

fn facts(at: &Standing, log: &OfSubject) -> Vec<(String, String)> {
    let Doses { given, missed, extra, .. } = log.counted;
    let facts = [
        ("doses.of_the_study", log.planned),
        ("doses.given", given),
        ("doses.missed", missed),
        ("doses.extra", extra),
    ];
    facts.map(|(key, doses)| (at.words().say(key).to_owned(), doses.to_string())).to_vec()
}

/// A kit that was not counted yet has no doses; what is missed or extra is a deviation.
fn row(at: &Standing, line: &Line) -> Vec<Cell> {
    let visit = line.whose.as_ref().and_then(|(_, visit)| visit.as_ref());
    let doses = line.doses();
    let number =
        |of: fn(Doses) -> u32| doses.map_or_else(|| Cell::text("–"), |doses| Cell::number(of(doses)));
    let deviation = |of: fn(Doses) -> u32| {
        let cell = number(of);
        if doses.is_some_and(|doses| of(doses) > 0) { cell.badge("bad") } else { cell }
    };
    vec![
        Cell::maybe(visit),
        kit_cell(at, &line.kit),
        Cell::maybe(line.handed_over.map(|moment| face::time(moment, at.zone()))),
        number(|doses| doses.planned),
        number(|doses| doses.given),
        deviation(|doses| doses.missed),
        deviation(|doses| doses.extra),
    ]
}
