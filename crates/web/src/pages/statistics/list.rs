//! `GET /studies/{study}/statistics/lists/{list}`: one list without its positions, and what can be done with it.

use actix_web::web::{Data, Path};
use service::Shared;
use service::lists::{self, List, Step};
use terms::ListId;
use trial::{Action, ListState};

use super::state;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Part};
use crate::pages::recorded::page;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

pub(super) type At = Path<(String, String)>;

const COLUMNS: [&str; 4] = ["list.state", "list.by", "list.at", "list.reason"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let list = find(&service, &at, &path.1).await?;
    let words = at.words();
    page(&at, words.fill("list.title", &[("list", &list.id)]))
        .part(facts(&at, &list))
        .part(Part::Links(links(&at, &list)))
        .part(Part::table(steps(&at, &list)))
        .part(Part::code(words, "list.root", list.root.to_string()))
        .text(words.say("list.root_what"))
        .answer()
}

/// A list of the study.
pub(super) async fn find(service: &Data<Shared>, at: &Standing, id: &str) -> Result<List, Problem> {
    let id: ListId = named(id)?;
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    run(move || lists::find(&service, &caller, &study, &id)).await
}

pub(super) fn facts(at: &Standing, list: &List) -> Part {
    let words = at.words();
    let lengths = list.lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Part::facts(
        words,
        [
            ("list.state", words.code("list_state", list.state)),
            ("list.design_version", list.design_version.to_string()),
            ("list.algorithm", list.algorithm.clone()),
            ("list.lengths", lengths),
        ],
    )
}

/// What can be done with the list as it stands, and by this person.
fn links(at: &Standing, list: &List) -> Vec<Link> {
    let words = at.words();
    let link = |word, rest| {
        Link::new(words.say(word), at.address(format_args!("/statistics/lists/{}/{rest}", list.id)))
    };
    let (is_generated, is_approved) = (list.state == ListState::Generated, list.state == ListState::Approved);
    let acts = [
        (is_generated && at.may(Action::ApproveList)).then(|| link("list.approve", "approval").main()),
        (is_approved && at.may(Action::ActivateList)).then(|| link("list.activate", "activation").main()),
        Some(link("positions.title", "positions")),
        (list.state == ListState::Active).then(|| link("envelopes.title", "envelopes")),
        (list.state != ListState::Discarded).then(|| link("list.discard", "discard").emergency()),
    ];
    acts.into_iter().flatten().collect()
}

fn steps(at: &Standing, list: &List) -> Table {
    let row = |step: &Step| {
        vec![
            state(at.words(), step.state),
            Cell::text(&step.by),
            Cell::text(face::time(step.at, at.zone())),
            Cell::maybe(step.reason.as_ref()),
        ]
    };
    Table::new(&at.visitor.here, "steps", "list.steps", &COLUMNS, list.steps.iter().map(row).collect())
}
