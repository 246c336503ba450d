//! `GET /studies/{study}/accountability`, `.../subjects/{subject}/accountability`: what became of every kit, on a page,
//! for a spreadsheet and to be printed.

use actix_web::web::{Data, Path};
use service::Shared;
use service::accountability::read::{self, Line, OfSubject};
use service::kits::read::Place;
use terms::SiteId;
use trial::Refusal;
use trial::decide::accountability::Doses;

use super::{facts, files, kit_cell};
use crate::answer::{Answer, run};
use crate::api::accountability::{Form, log_of_places, log_of_subject};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table, wanted};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;
use crate::words::Words;

const OF_A_SITE: [&str; 8] = [
    "kit.number",
    "kit.state",
    "subject.title_alone",
    "visit.id",
    "kit.handed_over_at",
    "return.count",
    "kit.label_expiry",
    "subject.site",
];
const OF_A_SUBJECT: [&str; 6] =
    ["kit.number", "visit.id", "kit.state", "kit.handed_over_at", "return.count", "doses.of_kit"];

pub(in crate::pages) async fn of_places(
    service: Data<Shared>,
    path: Path<String>,
    visitor: Visitor,
) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let here = &at.visitor.here;
    let site = here.asked("site").map(SiteId::parse).transpose().map_err(|_malformed| Refusal::NotFound)?;
    let (caller, study, place) = (at.caller(), at.study(), site.clone());
    let file = here.asked("format").and_then(Form::of_file);
    let (asked, is_file) = (here.clone(), file.is_some());
    let wanted = move |kits| if is_file { 0..kits } else { wanted(&asked, "kits", kits) };
    let read = run(move || read::of_places(&service, &caller, &study, place.as_ref(), wanted)).await?;
    if let Some(form) = file {
        return log_of_places(form, at.words(), site, read).await;
    }
    let words = at.words();
    let address = match &site {
        Some(site) => at.address(format_args!("/accountability?site={site}")),
        None => at.address("/accountability"),
    };
    let rows = read.lines.iter().map(|line| row(&at, line)).collect();
    let table = Table::of_wanted(here, "kits", "account.kits", &OF_A_SITE, (read.kits, rows));
    Page::of_study(&at, words.say("account.log"))
        .part(Part::Links(files(&at, &address)))
        .parts(sites(&at, site.as_ref()))
        .part(Part::table(table))
        .answer()
}

/// The sites to choose from, where there are several.
fn sites(at: &Standing, chosen: Option<&SiteId>) -> Option<Part> {
    let others = at.desk.sites.iter().filter(|site| Some(&site.id) != chosen);
    let link = |site: &service::study::Site| {
        let to = at.address(format_args!("/accountability?site={}", site.id));
        Link::new(format!("{} {}", site.id, site.name), to)
    };
    let all = chosen.map(|_| Link::new(at.words().say("account.all_places"), at.address("/accountability")));
    (at.desk.sites.len() > 1).then(|| Part::Links(all.into_iter().chain(others.map(link)).collect()))
}

fn row(at: &Standing, line: &Line) -> Vec<Cell> {
    let subject = line.whose.as_ref().map(|(subject, _)| subject);
    let subject = match subject {
        Some(id) => Cell::link(id, at.address(format_args!("/subjects/{id}/accountability"))),
        None => Cell::text(""),
    };
    vec![
        kit_cell(at, &line.kit),
        Cell::text(at.words().code("kit_state", line.state.code())),
        subject,
        visit(line),
        handed_over(at, line),
        count(at.words(), line),
        Cell::text(line.label_expiry),
        Cell::maybe(if let Place::Site(site) = &line.place { Some(site) } else { None }),
    ]
}

fn visit(line: &Line) -> Cell {
    Cell::maybe(line.whose.as_ref().and_then(|(_, visit)| visit.as_ref()))
}

fn handed_over(at: &Standing, line: &Line) -> Cell {
    let zone = line.place.site().map_or_else(|| at.zone(), |site| at.zone_of(site));
    Cell::maybe(line.handed_over.map(|moment| face::time(moment, zone)))
}

fn count(words: Words, line: &Line) -> Cell {
    Cell::maybe(line.counted.as_ref().map(|counted| super::returned::in_words(words, counted)))
}

pub(in crate::pages) async fn of_subject(
    service: Data<Shared>,
    path: Path<(String, String)>,
    visitor: Visitor,
) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let (caller, study, id) = (at.caller(), at.study(), named(&path.1)?);
    let log = run(move || read::of_subject(&service, &caller, &study, &id)).await?;
    match at.visitor.here.asked("format").and_then(Form::of_file) {
        Some(form) => log_of_subject(form, at.words(), log).await,
        None => subject_page(&at, &log).answer(),
    }
}

fn subject_page(at: &Standing, log: &OfSubject) -> Page {
    let words = at.words();
    let known =
        [("doses.of_the_study", log.planned.to_string()), ("doses.counted", doses(words, &log.counted))];
    let address = at.address(format_args!("/subjects/{}/accountability", log.subject));
    let rows = log.lines.iter().map(|line| subject_row(at, line)).collect();
    Page::of_study(at, words.fill("account.of", &[("subject", &log.subject)]))
        .part(facts(words, known))
        .part(Part::Links(files(at, &address)))
        .part(Part::table(Table::new(&at.visitor.here, "kits", "account.kits", &OF_A_SUBJECT, rows)))
}

fn subject_row(at: &Standing, line: &Line) -> Vec<Cell> {
    vec![
        kit_cell(at, &line.kit),
        visit(line),
        Cell::text(at.words().code("kit_state", line.state.code())),
        handed_over(at, line),
        count(at.words(), line),
        Cell::maybe(line.doses().map(|of_it| doses(at.words(), &of_it))),
    ]
}

/// Doses as planned and as counted.
pub(super) fn doses(words: Words, of_it: &Doses) -> String {
    let Doses { planned, given, missed, extra } = of_it;
    let values: [(&str, &dyn std::fmt::Display); 4] =
        [("planned", planned), ("given", given), ("missed", missed), ("extra", extra)];
    words.fill("doses.in_words", &values)
}
