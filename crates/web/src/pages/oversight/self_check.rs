//! `GET /studies/{study}/oversight/self-check`: the service checks its own journal, part by part, and tells how far it
//! is.

use actix_web::web::{Data, Path};
use service::Shared;
use service::journal::{self as use_case, SelfCheck};

use crate::answer::{Answer, run};
use crate::pages::page::{Link, Page, Part};
use crate::pages::statistics::verdict;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 2] = ["reconciliation.check", "reconciliation.result"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study, words) = (at.caller(), at.study(), at.words());
    let Some(from) = at.visitor.here.asked("from").and_then(|text| text.parse::<u64>().ok()) else {
        let size = run(move || use_case::page(&service, &caller, &study, 0, 0)).await?.size;
        let begin = Link::new(words.say("self_check.begin"), part_from(&at, 0)).main();
        return page(&at)
            .part(Part::facts(words, [("checkpoint.entries", size.to_string())]))
            .part(Part::Links(vec![begin]))
            .answer();
    };
    let check = run(move || use_case::self_check(&service, &caller, &study, from)).await?;
    checked(&at, &check).answer()
}

fn page(at: &Standing) -> Page {
    let words = at.words();
    Page::of_study(at, words.say("self_check.title")).text(words.say("self_check.what"))
}

fn part_from(at: &Standing, from: u64) -> String {
    at.address(format_args!("/oversight/self-check?from={from}"))
}

/// How far it is, and what was found. While all is well it goes on by itself.
fn checked(at: &Standing, check: &SelfCheck) -> Page {
    let words = at.words();
    let label = words.fill("self_check.done", &[("n", &check.to), ("size", &check.size)]);
    let page = page(at).part(Part::Progress { label, done: check.to, of: check.size });
    if let Some(altered) = check.altered {
        let journal = at.address(format_args!("/oversight/journal/{altered}"));
        let link = Link::new(words.fill("journal.entry", &[("n", &altered)]), journal);
        let told = words.fill("self_check.altered", &[("n", &altered)]);
        return page.part(Part::Warning(told)).part(Part::Links(vec![link]));
    }
    let Some(whole) = &check.whole else {
        let on = part_from(at, check.to);
        let link = Link::new(words.say("frame.go_on"), on.clone()).main();
        return page.part(Part::Links(vec![link])).on_to(on);
    };
    let wrong: Vec<String> = whole.wrong.iter().map(ToString::to_string).collect();
    let line = |check, is_good| vec![Cell::text(words.say(check)), verdict(words, is_good)];
    let lines = vec![
        line("self_check.leaves", true),
        line("self_check.root", whole.is_root),
        line("self_check.checkpoints", whole.wrong.is_empty()),
    ];
    let table = Table::new(&at.visitor.here, "checks", "self_check.checks", &COLUMNS, lines);
    let told = match check.is_good() {
        true => Part::Text(words.say("self_check.good").to_owned()),
        false => Part::Warning(words.say("self_check.bad").to_owned()),
    };
    let facts =
        [("self_check.number", whole.checkpoints.to_string()), ("self_check.wrong", wrong.join(", "))];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    page.part(told).part(Part::table(table)).part(Part::facts(words, facts))
}
