//! `GET /studies/{study}/oversight/journal`: every act in words, the latest first or the earliest; searched from there.

use std::fmt::Display;
use std::ops::Range;

use actix_web::web::{Data, Path};
use journal::Entry;
use service::Shared;
use service::journal::{self as use_case, Course, Found};

use super::told::{Told, told};
use crate::answer::{Answer, run};
use crate::pages::page::{Page, Part};
use crate::pages::table::{Cell, Searched, Table, asked, sorted};
use crate::pages::visitor::{Here, Standing, Visitor};

const COLUMNS: [&str; 6] =
    ["journal.index", "journal.saved", "journal.what", "journal.who", "journal.site", "journal.hash"];
/// The columns that have the order of the journal.
const NATURAL: Range<usize> = 0..2;
/// Entries on one page.
const ENTRIES: usize = 25;

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study, asking) = (at.caller(), at.study(), at.clone());
    let course = course(&at.visitor.here);
    let search = asked(&at.visitor.here, "journal", "search").unwrap_or_default().to_lowercase();
    let found = run(move || {
        let is_wanted = |index, entry: &Entry| is_found(&asking, &search, index, entry);
        use_case::search(&service, &caller, &study, course, ENTRIES, is_wanted)
    });
    let found = found.await?;
    let words = at.words();
    Page::of_study(&at, words.say("journal.title"))
        .text(words.say("journal.intro"))
        .part(Part::table(table(&at, &found)))
        .answer()
}

/// From which end, by the order of the first two columns, which is that of the journal; and from where.
fn course(here: &Here) -> Course {
    let from = asked(here, "journal", "from").and_then(|text| text.parse().ok());
    match sorted(here, "journal") {
        Some((column, false)) if NATURAL.contains(&column) => Course::Forth(from.unwrap_or(0)),
        _ => Course::Back(from),
    }
}

/// Whether every word of the search stands in what is told of an entry, in its record, or is its number or hash.
fn is_found(at: &Standing, search: &str, index: u64, entry: &Entry) -> bool {
    if search.trim().is_empty() {
        return true;
    }
    let record = match entry {
        Entry::Leaf(leaf) => {
            let Told { what, who, saved, .. } = told(at, leaf);
            format!("{what} {who} {saved} {leaf}")
        }
        Entry::Hash(_) => String::new(),
    };
    let text = format!("#{index} {} {record}", entry.hash()).to_lowercase();
    let run_together: String = text.split_whitespace().collect();
    search.split_whitespace().all(|word| text.contains(word) || run_together.contains(word))
}

fn table(at: &Standing, found: &Found) -> Table {
    let counts: [(&str, &dyn Display); 3] =
        [("n", &found.leaves.len()), ("looked", &found.looked_at), ("size", &found.size)];
    let searched = Searched {
        rows: found.leaves.iter().map(|(index, entry)| row(at, *index, entry)).collect(),
        counted: at.words().fill("journal.counted", &counts),
        goes_on: found.goes_on.map(|from| from.to_string()),
        natural: NATURAL,
    };
    Table::searched(&at.visitor.here, "journal", "journal.entries", &COLUMNS, searched)
}

fn row(at: &Standing, index: u64, entry: &Entry) -> Vec<Cell> {
    let words = at.words();
    let told = match entry {
        Entry::Leaf(leaf) => told(at, leaf),
        Entry::Hash(_) => Told {
            what: words.say("journal.hidden").to_owned(),
            who: String::new(),
            saved: String::new(),
            happened: None,
            site: None,
        },
    };
    vec![
        Cell::link(index, at.address(format_args!("/oversight/journal/{index}"))),
        Cell::text(told.saved),
        Cell::text(told.what),
        Cell::text(told.who),
        Cell::maybe(told.site),
        Cell::text(entry.hash()),
    ]
}
