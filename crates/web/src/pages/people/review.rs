//! `GET /access-review`: every grant that was ever made, to be printed or taken away as a table (USR-02, USR-04).

use actix_web::web::Data;
use service::Shared;
use service::people::grant::Granted;
use service::people::review::Account;

use super::{address, all, granter, last_use, state, time};
use crate::answer::Answer;
use crate::pages::page::Page;
use crate::pages::page::Part;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;
use crate::words::Words;

const COLUMNS: [&str; 10] = [
    "people.login",
    "people.name",
    "people.last_use",
    "people.role",
    "study.id",
    "subject.site",
    "people.state",
    "people.granted_by",
    "people.granted_at",
    "people.revoked_at",
];

pub(in crate::pages) async fn show(service: Data<Shared>, visitor: Visitor) -> Answer {
    let accounts = all(&service, &visitor).await?;
    let words = visitor.words();
    let rows = accounts.iter().flat_map(|account| rows(words, account)).collect();
    Page::personal(&visitor, words.say("people.review"))
        .text(words.say("people.review_what"))
        .part(Part::table(Table::new(&visitor.here, "grants", "people.grants", &COLUMNS, rows)))
        .answer()
}

/// Somebody without a role is reviewed as well.
fn rows(words: Words, account: &Account) -> Vec<Vec<Cell>> {
    if account.grants.is_empty() {
        let nothing = (0..COLUMNS.len() - 3).map(|_| Cell::text(""));
        return vec![person(words, account).into_iter().chain(nothing).collect()];
    }
    account.grants.iter().map(|grant| row(words, account, grant)).collect()
}

fn row(words: Words, account: &Account, grant: &Granted) -> Vec<Cell> {
    let held = [
        Cell::text(words.code("role", grant.held.role)),
        Cell::maybe(grant.held.study.as_ref()),
        Cell::maybe(grant.held.site.as_ref()),
        state(words, grant),
        Cell::text(granter(words, grant)),
        Cell::text(time(grant.granted_at)),
        Cell::maybe(grant.revoked_at.map(time)),
    ];
    person(words, account).into_iter().chain(held).collect()
}

fn person(words: Words, account: &Account) -> [Cell; 3] {
    [
        Cell::link(&account.person.id, address(&account.person.id, "")),
        Cell::text(&account.person.display_name),
        Cell::text(last_use(words, account)),
    ]
}
