//! The pages of the unblinded statistician: the list against what happened, balance, and proof.

mod balance;
mod desk;
mod envelopes;
mod generate;
mod list;
mod positions;
mod predictability;
mod reconciliation;
mod step;

use service::lists::List;
use trial::ListState;

use super::table::{Cell, Table};
use super::visitor::Standing;
use crate::words::Words;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/studies/{study}/statistics", |at| at.get(desk::show)),
    ("/studies/{study}/statistics/reconciliation", |at| at.get(reconciliation::show)),
    ("/studies/{study}/statistics/balance", |at| at.get(balance::show)),
    ("/studies/{study}/statistics/predictability", |at| at.get(predictability::show)),
    ("/studies/{study}/statistics/lists/new", |at| at.get(generate::show).post(generate::submit)),
    ("/studies/{study}/statistics/lists/{list}", |at| at.get(list::show)),
    ("/studies/{study}/statistics/lists/{list}/positions", |at| at.get(positions::show)),
    ("/studies/{study}/statistics/lists/{list}/envelopes", |at| at.get(envelopes::show)),
    ("/studies/{study}/statistics/lists/{list}/{step}", |at| at.get(step::show).post(step::submit)),
];

/// The lists of a study.
fn lists(at: &Standing, lists: &[List]) -> Table {
    let words = at.words();
    let titles = ["list.id", "list.state", "list.design_version", "list.generated_at", "list.generated_by"];
    let row = |list: &List| {
        let first = list.steps.first();
        let generated = first.map(|step| crate::face::time(step.at, at.zone()));
        vec![
            Cell::link(&list.id, at.address(format_args!("/statistics/lists/{}", list.id))),
            state(words, list.state),
            Cell::text(list.design_version),
            Cell::maybe(generated),
            Cell::maybe(first.map(|step| &step.by)),
        ]
    };
    let rows = lists.iter().map(row).collect();
    Table::new(&at.visitor.here, "lists", "statistics.lists", &titles, rows)
}

fn state(words: Words, state: ListState) -> Cell {
    let kind = match state {
        ListState::Active => "good",
        ListState::Discarded => "plain",
        _ => "note",
    };
    Cell::text(words.code("list_state", state)).badge(kind)
}

/// Whether something is as it should be.
pub(super) fn verdict(words: Words, is_good: bool) -> Cell {
    match is_good {
        true => Cell::text(words.say("statistics.pass")).badge("good"),
        false => Cell::text(words.say("statistics.fail")).badge("bad"),
    }
}
