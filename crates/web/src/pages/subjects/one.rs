//! `GET /studies/{study}/subjects/{subject}`

use actix_web::web::{Data, Path};
use service::Shared;
use service::subjects::{self, Left, PlannedVisit, Timing, View};
use trial::{Action, SubjectState};

use super::{timing, window};

use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

const COLUMNS: [&str; 7] = [
    "visit.id",
    "visit.planned",
    "visit.window",
    "visit.timing",
    "visit.recorded",
    "visit.dispensed",
    "visit.act",
];

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
    let rows = view.visits.iter().map(|visit| row(&at, &view, visit)).collect();
    Page::of_study(&at, title)
        .parts(broken)
        .part(Part::Links(ways(&at, &view)))
        .part(Part::Facts(facts(&at, &view)))
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
        facts.push(("subject.stratum", at.stratum(&placed.levels)));
        facts.push(("subject.position", placed.position.to_string()));
    }
    let ends = view.ends.iter().map(|left| end(at, view, left));
    facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).chain(ends).collect()
}

/// What the subject left, with the reason, when and by whom.
fn end(at: &Standing, view: &View, left: &Left) -> (String, String) {
    let words = at.words();
    let reason = left.reason.map(|reason| words.code("stop_reason", reason));
    let reason = reason.unwrap_or_else(|| left.criteria.join(", "));
    let time = face::time(left.at, at.zone_of(&view.summary.site));
    let values: [(&str, &dyn std::fmt::Display); 3] = [("reason", &reason), ("by", &left.by), ("at", &time)];
    let key = if reason.is_empty() { "subject.ended_by" } else { "subject.ended_for" };
    (words.code("state", left.state), words.fill(key, &values))
}

/// What can be done next, as far as the visitor may: the next thing first, and the emergency last.
fn ways(at: &Standing, view: &View) -> Vec<Link> {
    let words = at.words();
    let (id, state) = (&view.summary.id, view.summary.state);
    let to = |rest: &str| at.address(format_args!("/subjects/{id}{rest}"));
    let is_screened = state == SubjectState::Screened;
    let is_followed = matches!(state, SubjectState::InTreatment | SubjectState::OffDrug);
    let next = view.visits.iter().find(|visit| visit.timing.is_some_and(|timing| timing != Timing::Late));
    // Kits were handed out at it, and it is not recorded.
    let unrecorded = view.visits.iter().find(|visit| visit.dispensed.is_some() && visit.recorded.is_none());
    let unrecorded = unrecorded.filter(|_visit| is_followed);
    let mut ways = Vec::new();
    if is_screened && at.may(Action::Randomize) {
        ways.push(Link::new(words.say("randomize.title"), to("/randomize")).main());
    }
    let to_record = unrecorded.into_iter().chain(next).filter(|_visit| at.may(Action::RecordVisit));
    ways.extend(to_record.enumerate().map(|(place, PlannedVisit { visit, .. })| {
        let link = Link::new(words.fill("record.next", &[("visit", visit)]), to(&format!("/visits/{visit}")));
        if place == 0 { link.main() } else { link }
    }));
    if view.randomized.is_some() && at.may(Action::ReadDispensations) {
        let link = Link::new(words.say("nav.kits"), to("/kits"));
        ways.push(if at.may(Action::Dispense) { link.main() } else { link });
    }
    if view.randomized.is_some() && at.may(Action::ReadAccountability) {
        ways.push(Link::new(words.say("doses.title"), to("/doses")));
    }
    if is_screened && at.may(Action::FailScreening) {
        ways.push(Link::new(words.say("fail.title"), to("/screen-failure")));
    }
    if is_followed && at.may(Action::WithdrawSubject) {
        ways.push(Link::new(words.say("stop.title"), to("/withdrawal")));
    }
    if view.randomized.is_some() && at.may(Action::Unblind) {
        let way = at.address(format_args!("/break?screening_number={id}"));
        ways.push(Link::new(words.say("nav.break"), way).emergency());
    }
    ways
}

fn row(at: &Standing, view: &View, visit: &PlannedVisit) -> Vec<Cell> {
    let words = at.words();
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
        Cell::maybe(visit.days.map(|[planned, ..]| planned)),
        Cell::maybe(visit.days.map(|days| window(words, days))).whole(),
        visit.timing.map_or_else(|| Cell::text(""), |of| timing(words, of)),
        Cell::maybe(recorded),
        dispensed,
        if at.may(Action::RecordVisit) && visit.is_recordable {
            to_record(at, view, visit)
        } else {
            Cell::text("")
        },
    ]
}

/// The link to the record of a visit, named so that it is told from the others when it is read alone.
fn to_record(at: &Standing, view: &View, visit: &PlannedVisit) -> Cell {
    let key = if visit.recorded.is_some() { "record.correct" } else { "record.next" };
    let to = at.address(format_args!("/subjects/{}/visits/{}", view.summary.id, visit.visit));
    Cell::link(at.words().fill(key, &[("visit", &visit.visit)]), to).whole()
}
