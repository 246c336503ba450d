//! `GET /studies/{study}/subjects/{subject}`

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects::{self, PlannedVisit, View};
use trial::{Action, SubjectState};

use crate::answer::{Answer, run};
use crate::pages::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

const COLUMNS: [&str; 5] = ["visit.id", "visit.planned", "visit.window", "visit.recorded", "visit.dispensed"];

pub(in crate::pages) async fn show(
    service: Data<Shared>,
    path: Path<(String, String)>,
    visitor: Visitor,
) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let (caller, study, id) = (at.caller(), at.study(), named(&path.1)?);
    let view = run(move || subjects::one(&service, &caller, &study, &id)).await?;
    let words = at.words();
    let title = words.fill("subject.title", &[("subject", &view.summary.id)]);
    let broken = view.broken.as_ref().map(|broken| {
        let time = face::time(broken.at, at.zone_of(&view.summary.site));
        Part::Warning(words.fill("subject.broken_by", &[("by", &broken.by), ("at", &time)]))
    });
    let rows = view.visits.iter().map(|visit| row(&at, visit)).collect();
    Page::of_study(&at, title)
        .parts(broken)
        .part(Part::Facts(facts(&at, &view)))
        .part(Part::Links(ways(&at, &view)))
        .part(Part::table(Table::new(&at.visitor.here, "visits", "visits.title", &COLUMNS, rows)))
        .answer()
}

fn facts(at: &Standing, view: &View) -> Vec<(String, String)> {
    let (words, of) = (at.words(), &view.summary);
    let zone = at.zone_of(&of.site);
    let mut facts = vec![
        ("subject.state", words.code("state", of.state)),
        ("subject.site", of.site.to_string()),
        ("subject.birth_year", of.birth_year.to_string()),
        ("subject.sex", words.code("sex", of.sex)),
        ("subject.screened_at", face::time(of.screened_at, zone)),
        ("subject.screened_by", of.screened_by.to_string()),
    ];
    if let Some((moment, placed)) = &view.randomized {
        let number = of.number.map(|number| number.to_string()).unwrap_or_default();
        facts.push(("subject.randomization_number", number));
        facts.push(("subject.randomized_at", face::time(*moment, zone)));
        facts.push(("subject.stratum", placed.stratum.clone()));
        facts.push(("subject.position", placed.position.to_string()));
    }
    facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).collect()
}

/// What can be done next, as far as the visitor may.
fn ways(at: &Standing, view: &View) -> Vec<Link> {
    let words = at.words();
    let to = |rest: &str| at.address(format_args!("/subjects/{}{rest}", view.summary.id));
    let is_screened = view.summary.state == SubjectState::Screened;
    let mut ways = Vec::new();
    if is_screened && at.may(Action::Randomize) {
        ways.push(Link::new(words.say("randomize.title"), to("/randomize")).main());
    }
    if view.randomized.is_some() && at.may(Action::ReadDispensations) {
        let link = Link::new(words.say("nav.kits"), to("/kits"));
        ways.push(if at.may(Action::Dispense) { link.main() } else { link });
    }
    if view.randomized.is_some() && at.may(Action::ReadAccountability) {
        ways.push(Link::new(words.say("nav.accountability"), to("/accountability")));
    }
    if view.randomized.is_some() && at.may(Action::Unblind) {
        let number = &view.summary.id;
        let way = at.address(format_args!("/break?screening_number={number}"));
        ways.push(Link::new(words.say("nav.break"), way).emergency());
    }
    ways
}

fn row(at: &Standing, visit: &PlannedVisit) -> Vec<Cell> {
    let words = at.words();
    let days = visit.days.map(|days| days.map(|day| day.to_string()));
    let planned = days.as_ref().map(|[planned, ..]| planned.clone());
    let window = days
        .map(|[_, earliest, latest]| words.fill("visit.from_to", &[("from", &earliest), ("to", &latest)]));
    let recorded = visit.recorded.as_ref().map(|record| {
        let outside = record.in_window == Some(false);
        if outside {
            format!("{} ({})", record.day, words.say("visit.outside"))
        } else {
            record.day.to_string()
        }
    });
    let dispensed = if visit.is_dispensing { Cell::maybe(visit.dispensed) } else { Cell::text("–") };
    vec![
        Cell::text(&visit.visit),
        Cell::maybe(planned),
        Cell::maybe(window),
        Cell::maybe(recorded),
        dispensed,
    ]
}
