//! `GET /studies/{study}/oversight`: enrolment against the plan, how things stand at every site, and where to look on.

use actix_web::web::{Data, Path};
use chrono::Days;
use service::Shared;
use service::study::{self, Enrolled, Oversight, SiteStatus};
use terms::Day;
use trial::Action;

use crate::answer::{Answer, run};
use crate::face;
use crate::pages::navigation::open;
use crate::pages::page::{Page, Part};
use crate::pages::plot::{Plot, Series};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const SITES: [&str; 7] = [
    "site.id",
    "site.screened",
    "site.randomized",
    "site.last_activity",
    "site.alerts",
    "site.kits",
    "site.holds",
];

/// Where to look on, and the right for it.
const LINKS: [(Action, &str, &str); 9] = [
    (Action::ReadJournal, "journal.title", "/oversight/journal"),
    (Action::ReadAlerts, "alerts.title", "/alerts"),
    (Action::ReadStudy, "holds.title", "/oversight/holds"),
    (Action::ReadStudy, "design.title", "/oversight/design"),
    (Action::ReadJournal, "holders.title", "/oversight/people"),
    (Action::ReadJournal, "checkpoints.title", "/oversight/checkpoints"),
    (Action::ReadJournal, "self_check.title", "/oversight/self-check"),
    (Action::ReadJournal, "journal_export.title", "/oversight/export"),
    (Action::ReadRedactions, "redactions.title", "/oversight/redactions"),
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let read = run(move || study::oversight(&service, &caller, &study)).await?;
    let words = at.words();
    let rows = read.sites.iter().map(|site| row(&at, site)).collect();
    let table = Table::new(&at.visitor.here, "sites", "sites.title", &SITES, rows);
    Page::of_study(&at, words.say("oversight.title"))
        .part(progress(&at, &read))
        .part(Part::plot(enrolment(&at, &read)))
        .part(Part::table(table))
        .part(Part::Heading(words.say("oversight.more").to_owned()))
        .part(Part::Links(open(&at, &LINKS).collect()))
        .answer()
}

/// Of the target where all sites are seen; at a site, what came there.
fn progress(at: &Standing, read: &Oversight) -> Part {
    let words = at.words();
    let randomized: u32 = read.sites.iter().map(|site| site.enrolled.randomized).sum();
    if !read.is_whole {
        return Part::Text(words.fill("oversight.randomized_here", &[("n", &randomized)]));
    }
    let label = words.fill("study.randomized_of", &[("n", &randomized), ("target", &read.target)]);
    Part::Progress { label, done: u64::from(randomized), of: u64::from(read.target) }
}

/// Enrolment from the day before the first subject up to today, beside the plan, which may go on.
fn enrolment(at: &Standing, read: &Oversight) -> Plot {
    let words = at.words();
    let today = at.desk.now.utc().with_timezone(&at.zone()).date_naive();
    let Some(before) = read.days.keys().next().and_then(Day::pred_opt) else {
        return Plot::over_days(words, words.say("oversight.enrolment"), &[]);
    };
    let counted = |name, count: fn(&Enrolled) -> u32| {
        let days = read.days.iter().flat_map(|(day, of_day)| (0..count(of_day)).map(|_one| *day));
        Series::counted(words.say(name), days.collect()).begun_on(before).until(today)
    };
    let mut series = vec![
        counted("oversight.randomized", |of_day| of_day.randomized),
        counted("oversight.screened", |of_day| of_day.screened),
    ];
    if read.is_whole {
        series.push(Series::line(words.say("oversight.target"), plan(before, today, read)));
    }
    Plot::over_days(words, words.say("oversight.enrolment"), &series)
}

/// The target as a level line; with a day by which it is to be reached, evenly up to it from the first subject on.
fn plan(before: Day, today: Day, read: &Oversight) -> Vec<(Day, f64)> {
    let target = f64::from(read.target);
    let full = read.enrolment_days.and_then(|days| before.checked_add_days(Days::new(days.into())));
    let mut points = match full {
        Some(full) => vec![(before, 0.0), (full, target)],
        None => vec![(before, target)],
    };
    points.push((today.max(full.unwrap_or(before)), target));
    points
}

fn row(at: &Standing, site: &SiteStatus) -> Vec<Cell> {
    let words = at.words();
    let alerts = Cell::number(site.alerts);
    let kits =
        site.kits.map(|kits| words.fill("site.kits_of", &[("n", &kits.available), ("all", &kits.all)]));
    let kits = kits.unwrap_or_else(|| words.say("kit.not_yours").to_owned());
    let holds: Vec<String> = site.holds.iter().map(|on| words.code("hold", on)).collect();
    let holds = Cell::text(holds.join(", "));
    vec![
        Cell::text(format_args!("{} {}", site.id, site.name)),
        Cell::number(site.enrolled.screened),
        Cell::number(site.enrolled.randomized),
        Cell::maybe(site.last_activity.map(|moment| face::time(moment, site.zone))),
        if site.alerts > 0 { alerts.badge("note") } else { alerts },
        Cell::text(kits),
        if site.holds.is_empty() { holds } else { holds.badge("bad") },
    ]
}
