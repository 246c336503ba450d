//! The pages of the administrator: who is who, who may what, and since when nobody looked; and everybody's own account.

mod account;
pub(in crate::pages) mod code;
mod factor;
mod grant;
mod invite;
mod list;
mod one;
mod reset;
mod review;
mod sessions;

use actix_web::web::Data;
use chrono_tz::Tz;
use service::Shared;
use service::people::grant::Granted;
use service::people::review::{Account, review as everybody};
use terms::{Moment, UserId};
use trial::{HeldRole, Refusal};

use super::page::{Link, Part};
use super::table::Cell;
use super::visitor::Visitor;
use crate::Problem;
use crate::answer::run;
use crate::face;
use crate::words::Words;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/me", |at| at.get(account::show)),
    ("/me/sessions", |at| at.get(sessions::show_own).post(sessions::end_own)),
    ("/code", |at| at.get(code::show).post(code::give)),
    ("/second-factor", |at| at.get(factor::show).post(factor::begin)),
    ("/second-factor/confirmation", |at| at.get(factor::show_confirmation).post(factor::confirm)),
    ("/second-factor/recovery-codes", |at| at.get(factor::show_recovery).post(factor::recover)),
    ("/second-factor/removal", |at| at.get(factor::show_removal).post(factor::remove)),
    ("/people", |at| at.get(list::show)),
    ("/invite", |at| at.get(invite::show).post(invite::submit)),
    ("/access-review", |at| at.get(review::show)),
    ("/people/{user}", |at| at.get(one::show)),
    ("/people/{user}/reset", |at| at.get(reset::show).post(reset::submit)),
    ("/people/{user}/sessions", |at| at.get(sessions::show_of).post(sessions::end_of)),
    ("/people/{user}/grants", |at| at.get(grant::show).post(grant::submit)),
    ("/people/{user}/grants/{grant}/confirmation", |at| {
        at.get(grant::show_confirmation).post(grant::confirm)
    }),
    ("/people/{user}/grants/{grant}/revocation", |at| at.get(grant::show_revocation).post(grant::revoke)),
];

/// Everybody, as the visitor may review them.
async fn all(service: &Data<Shared>, visitor: &Visitor) -> Result<Vec<Account>, Problem> {
    let (service, caller) = (service.clone(), visitor.visit.caller.clone());
    run(move || everybody(&service, &caller)).await
}

/// One of them.
async fn account(service: &Data<Shared>, visitor: &Visitor, user: &str) -> Result<Account, Problem> {
    let all = all(service, visitor).await?;
    let found = all.into_iter().find(|account| account.person.id.as_str() == user);
    Ok(found.ok_or(Refusal::NotFound)?)
}

/// The address of somebody's page.
fn address(user: &UserId, rest: &str) -> String {
    format!("/people/{user}{rest}")
}

/// The way back to somebody's page.
fn back(words: Words, account: &Account) -> Part {
    let link = Link::new(&account.person.display_name, address(&account.person.id, ""));
    let all = Link::new(words.say("nav.people"), "/people");
    Part::Links(vec![link, all])
}

/// A role with where it is held.
fn role(words: Words, held: &HeldRole) -> String {
    let role = words.code("role", held.role);
    match (&held.study, &held.site) {
        (Some(study), Some(site)) => format!("{role} ({study}, {site})"),
        (Some(study), None) => format!("{role} ({study})"),
        _ => role,
    }
}

/// What has become of a grant, as a badge.
fn state(words: Words, grant: &Granted) -> Cell {
    let kind = match grant.state() {
        "in_force" => "good",
        "proposed" => "note",
        _ => "plain",
    };
    Cell::text(words.code("grant", grant.state())).badge(kind)
}

/// Who granted; the operator, when nobody of the people did.
fn granter(words: Words, grant: &Granted) -> String {
    grant.granted_by.as_ref().map_or_else(|| words.say("people.operator").to_owned(), ToString::to_string)
}

/// Accounts belong to no site, so their times are UTC.
fn time(at: Moment) -> String {
    face::time(at, Tz::UTC)
}

/// The last use, or that there was none.
fn last_use(words: Words, account: &Account) -> String {
    account.last_use.map_or_else(|| words.say("people.never").to_owned(), time)
}
