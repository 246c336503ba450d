//! `GET /studies/{study}/visits`: the visits that are due, those of which the window has closed first.

use actix_web::web::{Data, Path};
use chrono::Weekday;
use service::Shared;
use service::subjects::{self, Due, Timing};
use trial::Action;

use super::{timing, window};
use crate::answer::{Answer, run};
use crate::pages::page::{Page, Part};
use crate::pages::plot::Plot;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::words::Words;

/// So many weeks are drawn.
const WEEKS: usize = 12;
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
    let table = Table::of(&at.visitor.here, "due", "due.title", &COLUMNS, &due, |due| row(&at, due));
    let plot = (!due.is_empty()).then(|| Part::plot(by_week(words, &due)));
    Page::of_study(&at, words.say("due.title"))
        .text(words.say(if due.is_empty() { "due.none" } else { "due.what" }))
        .parts(plot)
        .part(Part::table(table))
        .answer()
}

/// How many visits are overdue, and for how many the next weeks are planned.
fn by_week(words: Words, due: &[Due]) -> Plot {
    let (late, to_come): (Vec<&Due>, Vec<&Due>) = due.iter().partition(|due| due.timing == Timing::Late);
    let count = |visits: &[&Due]| f64::from(u32::try_from(visits.len()).unwrap_or(u32::MAX));
    let mut groups =
        Vec::from_iter((!late.is_empty()).then(|| (words.code("timing", Timing::Late), vec![count(&late)])));
    let monday = |due: &Due| due.days[0].week(Weekday::Mon).first_day();
    let first = to_come.iter().map(|due| monday(due)).min();
    let last = to_come.iter().map(|due| monday(due)).max();
    let weeks = first.into_iter().flat_map(|first| first.iter_weeks());
    let mut later = to_come;
    for week in weeks.take_while(|week| Some(*week) <= last).take(WEEKS) {
        let of_it: Vec<&Due> = later.extract_if(.., |due| monday(due) == week).collect();
        groups.push((week.format("%m-%d").to_string(), vec![count(&of_it)]));
    }
    groups.extend((!later.is_empty()).then(|| (words.say("due.later").to_owned(), vec![count(&later)])));
    let names = [words.say("due.title").to_owned()];
    Plot::bars(words.say("due.by_week"), words.say("due.week"), &names, &groups)
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

#[cfg(test)]
mod tests {
    use service::subjects::{Due, Timing};
    use terms::{Day, Id};
    use trial::Language;

    use super::{WEEKS, by_week};
    use crate::words::Words;

    fn due(timing: Timing, after: u64) -> Due {
        let day = Day::from_ymd_opt(2015, 10, 5).expect("a Monday") + chrono::Days::new(after);
        let [subject, visit, site] = ["S-1", "D8", "34-001"];
        Due {
            subject: Id::parse(subject).expect("an id"),
            site: Id::parse(site).expect("an id"),
            visit: Id::parse(visit).expect("an id"),
            days: [day; 3],
            timing,
            is_to_take_place: true,
            has_kits: false,
        }
    }

    #[test]
    fn every_visit_is_drawn_once_and_a_week_without_any_has_none() {
        let far = 7 * u64::try_from(WEEKS).expect("few");
        let visits = [
            due(Timing::Late, 0),
            due(Timing::Open, 6),
            due(Timing::Ahead, 14),
            due(Timing::Ahead, 20),
            due(Timing::Ahead, far),
        ];
        let rows = by_week(Words(Language::En), &visits).rows;
        assert_eq!(rows[..4], [["overdue", "1"], ["10-05", "1"], ["10-12", "0"], ["10-19", "2"]]);
        assert_eq!((rows.len(), &rows[WEEKS + 1]), (WEEKS + 2, &vec!["later".to_owned(), "1".to_owned()]));
    }
}
