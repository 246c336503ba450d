//! `GET /people/{user}`: one person, with every grant and what can be done.

use actix_web::web::{Data, Path};
use service::Shared;
use service::people::grant::Granted;
use service::people::review::Account;

use super::{account, address, granter, last_use, role, state, time};
use crate::answer::Answer;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;
use crate::words::Words;

const COLUMNS: [&str; 6] = [
    "people.role",
    "people.state",
    "people.granted_by",
    "people.granted_at",
    "people.revoked_at",
    "people.go_on",
];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let account = account(&service, &visitor, &path).await?;
    let words = visitor.words();
    let rows = account.grants.iter().map(|grant| row(words, &account, grant)).collect();
    let proposed = account.reset_proposed_by.iter();
    let proposed = proposed.map(|by| Part::Warning(words.fill("people.reset_by", &[("by", by)])));
    Page::personal(&visitor, account.person.display_name.clone())
        .parts(proposed)
        .part(Part::Facts(facts(words, &account)))
        .part(links(words, &account))
        .part(Part::table(Table::new(&visitor.here, "grants", "people.grants", &COLUMNS, rows)))
        .answer()
}

fn facts(words: Words, account: &Account) -> Vec<(String, String)> {
    let person = &account.person;
    let invited_by = person.invited_by.as_ref();
    let invited_by = invited_by.map_or(words.say("people.operator").to_owned(), ToString::to_string);
    let facts = [
        ("people.login", person.id.to_string()),
        ("people.email", person.email.clone()),
        ("people.last_use", last_use(words, account)),
        ("people.second_factor", words.yes_no(account.has_second_factor).to_owned()),
        ("people.invited_by", invited_by),
        ("people.invited_at", time(person.invited_at)),
    ];
    facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec()
}

fn links(words: Words, account: &Account) -> Part {
    let user = &account.person.id;
    Part::Links(vec![
        Link::new(words.say("people.grant"), address(user, "/grants")).main(),
        Link::new(words.say("sessions.title"), address(user, "/sessions")),
        Link::new(words.say("people.reset"), address(user, "/reset")),
    ])
}

fn row(words: Words, account: &Account, grant: &Granted) -> Vec<Cell> {
    let to = |what: &str| address(&account.person.id, &format!("/grants/{}/{what}", grant.id));
    let go_on = match grant.state() {
        "proposed" => Cell::link(words.say("people.look"), to("confirmation")),
        "in_force" => Cell::link(words.say("people.revoke"), to("revocation")),
        _ => Cell::text(""),
    };
    vec![
        Cell::text(role(words, &grant.held)),
        state(words, grant),
        Cell::text(granter(words, grant)),
        Cell::text(time(grant.granted_at)),
        Cell::maybe(grant.revoked_at.map(time)),
        go_on,
    ]
}
