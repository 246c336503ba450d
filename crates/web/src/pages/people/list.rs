//! `GET /people`: everybody, and what waits for a second administrator.

use actix_web::web::Data;
use service::Shared;
use service::people::review::Account;

use super::{address, all, granter, last_use, role};
use crate::answer::Answer;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;
use crate::words::Words;

const COLUMNS: [&str; 5] =
    ["people.login", "people.name", "people.roles", "people.last_use", "people.second_factor"];
const WAITING: [&str; 4] = ["people.login", "people.what", "people.proposed_by", "people.go_on"];

pub(in crate::pages) async fn show(service: Data<Shared>, visitor: Visitor) -> Answer {
    let accounts = all(&service, &visitor).await?;
    let (here, words) = (&visitor.here, visitor.words());
    let waiting: Vec<Vec<Cell>> = accounts.iter().flat_map(|account| waiting(words, account)).collect();
    let waiting = (!waiting.is_empty())
        .then(|| Part::table(Table::new(here, "waiting", "people.waiting", &WAITING, waiting)));
    let rows = accounts.iter().map(|account| row(words, account)).collect();
    let links = vec![
        Link::new(words.say("people.invite"), "/invite").main(),
        Link::new(words.say("people.review"), "/access-review"),
    ];
    Page::personal(&visitor, words.say("nav.people"))
        .part(Part::Links(links))
        .parts(waiting)
        .part(Part::table(Table::new(here, "people", "people.everybody", &COLUMNS, rows)))
        .answer()
}

fn row(words: Words, account: &Account) -> Vec<Cell> {
    let held = account.grants.iter().filter(|grant| grant.is_in_force());
    let roles: Vec<String> = held.map(|grant| role(words, &grant.held)).collect();
    vec![
        Cell::link(&account.person.id, address(&account.person.id, "")),
        Cell::text(&account.person.display_name),
        Cell::text(roles.join(", ")),
        Cell::text(last_use(words, account)),
        Cell::text(words.yes_no(account.has_second_factor)),
    ]
}

/// Roles and resets of a person that another administrator has to confirm.
fn waiting(words: Words, account: &Account) -> Vec<Vec<Cell>> {
    let user = &account.person.id;
    let line = |what: String, by: String, to: String| {
        let go_on = Cell::link(words.say("people.look"), to);
        vec![Cell::link(user, address(user, "")), Cell::text(what), Cell::text(by), go_on]
    };
    let proposed = account.grants.iter().filter(|grant| grant.state() == "proposed");
    let grants = proposed.map(|grant| {
        let to = address(user, &format!("/grants/{}/confirmation", grant.id));
        line(role(words, &grant.held), granter(words, grant), to)
    });
    let resets = account
        .reset_proposed_by
        .iter()
        .map(|by| line(words.say("people.reset").to_owned(), by.to_string(), address(user, "/reset")));
    grants.chain(resets).collect()
}
