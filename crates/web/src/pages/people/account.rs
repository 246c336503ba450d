//! `GET /me`: one's own account.

use actix_web::web::Data;
use service::Shared;
use service::people::me::{self, Me};

use super::role;
use crate::answer::{Answer, run};
use crate::pages::page::{Link, Page, Part};
use crate::pages::visitor::{PASSWORD, SECOND_FACTOR, Visitor};
use crate::words::Words;

pub(in crate::pages) async fn show(service: Data<Shared>, visitor: Visitor) -> Answer {
    let caller = visitor.visit.caller.clone();
    let me = run(move || me::me(&service, &caller)).await?;
    let words = visitor.words();
    let links = vec![
        Link::new(words.say("password.title"), PASSWORD),
        Link::new(words.say("factor.title"), SECOND_FACTOR),
        Link::new(words.say("sessions.own"), "/me/sessions"),
    ];
    Page::personal(&visitor, words.say("account.title"))
        .parts(few_codes(words, &me))
        .part(Part::Facts(facts(words, &me)))
        .part(Part::Links(links))
        .answer()
}

fn facts(words: Words, me: &Me) -> Vec<(String, String)> {
    let roles: Vec<String> = me.roles.iter().map(|held| role(words, held)).collect();
    let facts = [
        ("people.login", me.person.id.to_string()),
        ("people.name", me.person.display_name.clone()),
        ("people.email", me.person.email.clone()),
        ("people.roles", roles.join(", ")),
        ("people.second_factor", words.yes_no(me.has_second_factor).to_owned()),
    ];
    facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec()
}

/// Whoever has hardly a recovery code left is told so in time.
fn few_codes(words: Words, me: &Me) -> Option<Part> {
    let is_short = me.has_second_factor && me.recovery_codes < 3;
    is_short.then(|| Part::Warning(words.fill("factor.few_codes", &[("n", &me.recovery_codes)])))
}
