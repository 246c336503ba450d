//! `GET /studies/{study}/statistics`: the lists, and what is to be done next.

use actix_web::web::{Data, Path};
use service::Shared;
use service::lists::{self, List};
use trial::{Action, ListState};

use crate::answer::{Answer, run};
use crate::pages::page::{Link, Part};
use crate::pages::recorded::page;
use crate::pages::visitor::{Standing, Visitor};

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let all = run(move || lists::all(&service, &caller, &study)).await?;
    let words = at.words();
    page(&at, words.say("statistics.title"))
        .text(words.say("statistics.intro"))
        .part(Part::Links(links(&at, &all)))
        .part(Part::table(super::lists(&at, &all)))
        .answer()
}

/// First what is to be done next, then what can be looked at.
fn links(at: &Standing, all: &[List]) -> Vec<Link> {
    let words = at.words();
    let link = |word, rest: &str| Link::new(words.say(word), at.address(format_args!("/statistics/{rest}")));
    let newest = |state| all.iter().rev().find(|list| list.state == state);
    let next = match (newest(ListState::Active), newest(ListState::Approved), newest(ListState::Generated)) {
        (Some(_), _, _) => None,
        (_, Some(list), _) => {
            at.may(Action::ActivateList).then(|| ("list.activate", format!("lists/{}/activation", list.id)))
        }
        (_, _, Some(list)) => Some(("list.approve", format!("lists/{}/approval", list.id))),
        _ => at.may(Action::GenerateList).then(|| ("list.generate", "lists/new".to_owned())),
    };
    let mut links: Vec<Link> = next.iter().map(|(word, rest)| link(word, rest).main()).collect();
    let reconciliation = link("reconciliation.title", "reconciliation");
    links.push(if links.is_empty() { reconciliation.main() } else { reconciliation });
    links.push(link("balance.title", "balance"));
    if at.may(Action::ReadBlockSizes) {
        links.push(link("predictability.title", "predictability"));
    }
    if at.may(Action::GenerateList) {
        // A list beside the one in use is made only for another version of the design.
        links.extend(newest(ListState::Active).map(|_| link("list.generate", "lists/new")));
    }
    links
}
