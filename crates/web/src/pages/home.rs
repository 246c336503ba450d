//! The first page, and the first page of a study.

use actix_web::HttpRequest;
use actix_web::web::{Data, Path};
use service::Shared;
use service::study;
use trial::{Action, HeldRole, Role};

use super::navigation::open;
use super::page::{Link, Page, Part, go_on};
use super::table::{Cell, Table};
use super::visitor::{Here, Standing, Visitor};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::words::Words;

/// `GET /`: the visitor's studies; of one alone, its own page.
pub(super) async fn show(
    request: HttpRequest,
    service: Data<Shared>,
    visitor: Result<Visitor, Problem>,
) -> Answer {
    let visitor = match visitor {
        Ok(visitor) => visitor,
        Err(problem) if problem.code() == "not-authenticated" => {
            return landing(&Here::of(&request)).answer();
        }
        Err(problem) => return Err(problem),
    };
    let caller = visitor.visit.caller.clone();
    let studies = run(move || study::of_caller(&service, &caller)).await?;
    let here = &visitor.here;
    if let ([only], None) = (studies.as_slice(), here.asked("all")) {
        let done = here.asked("done").map(|done| format!("?done={done}")).unwrap_or_default();
        return go_on(&format!("/studies/{}{done}", only.id));
    }
    let words = visitor.words();
    let rows = studies.into_iter().map(|study| {
        let to = format!("/studies/{}", study.id);
        vec![
            Cell::link(study.id, to),
            Cell::text(study.design.title_in(words.0)),
            Cell::text(roles(words, &study.roles)),
        ]
    });
    let titles = ["study.id", "study.title", "study.your_roles"];
    let table = Table::new(here, "studies", "studies.title", &titles, rows.collect());
    let administers = visitor.visit.roles.iter().any(|held| held.role == Role::Administrator);
    let people = administers.then(|| Part::Links(vec![Link::new(words.say("nav.people"), "/people").main()]));
    Page::personal(&visitor, words.say("studies.title")).parts(people).part(Part::table(table)).answer()
}

/// `GET /studies/{study}`
pub(super) async fn study(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let overview = run(move || study::find(&service, &caller, &study)).await?;
    let words = at.words();
    let design = &overview.design;
    let progress = Part::Progress {
        label: words.fill(
            "study.randomized_of",
            &[("n", &overview.randomized), ("target", &design.allocation.target)],
        ),
        done: u64::from(overview.randomized),
        of: u64::from(design.allocation.target),
    };
    let facts = vec![
        (words.say("study.sponsor").to_owned(), design.sponsor.clone()),
        (words.say("study.screened").to_owned(), overview.screened.to_string()),
        (words.say("study.your_roles").to_owned(), roles(words, &at.desk.roles)),
        (words.say("study.version").to_owned(), overview.version.to_string()),
    ];
    let holds = overview.holds.iter().map(|hold| {
        let what = words.code("hold", hold.on);
        Part::Warning(words.fill("study.hold", &[("what", &what), ("by", &hold.placed_by)]))
    });
    Page::of_study(&at, design.title_in(words.0))
        .parts(holds)
        .part(Part::Links(ways(&at)))
        .part(progress)
        .part(Part::Facts(facts))
        .answer()
}

/// Where each role begins: the right for it, the word, and where it is.
const WAYS: [(Action, &str, &str); 7] = [
    (Action::ScreenSubject, "subjects.screen", "/subjects/new"),
    (Action::Dispense, "today.title", "/today"),
    (Action::ReadList, "statistics.title", "/statistics"),
    (Action::RegisterKits, "nav.supply", "/supply"),
    (Action::DecideQuarantine, "quarantine.title", "/supply/quarantine"),
    (Action::DispatchShipment, "nav.shipments", "/shipments"),
    (Action::ReadJournal, "oversight.title", "/oversight"),
];

/// Where the visitor begins: by what the first of the visitor's rights is for.
fn ways(at: &Standing) -> Vec<Link> {
    open(at, &WAYS).enumerate().map(|(place, way)| if place == 0 { way.main() } else { way }).collect()
}

fn landing(here: &Here) -> Page {
    let words = here.words;
    let links = vec![
        Link::new(words.say("log_in.title"), "/log-in").main(),
        Link::new(words.say("glass.title"), "/break-glass").emergency(),
        Link::new(words.say("home.interface"), "/docs/"),
    ];
    Page::public(here, "IWRS").text(words.say("home.what")).part(Part::Links(links))
}

fn roles(words: Words, roles: &[HeldRole]) -> String {
    let role = |held: &HeldRole| match &held.site {
        Some(site) => format!("{} ({site})", words.code("role", held.role)),
        None => words.code("role", held.role),
    };
    roles.iter().map(role).collect::<Vec<_>>().join(", ")
}
