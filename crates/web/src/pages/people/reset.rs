//! `GET, POST /people/{user}/reset`: a new one-time password, by two administrators where a role takes two.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::Shared;
use service::people::reset::{self, Reset};
use service::people::review::Account;

use super::invite::one_time;
use super::{account, address, back};
use crate::answer::{Answer, run};
use crate::pages::form::Form;
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::Sent;
use crate::pages::visitor::Visitor;

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let account = account(&service, &visitor, &path).await?;
    page(&visitor, &account).form(form(&visitor)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let account = account(&service, &sent.visitor, &path).await?;
    let form = sent.fill(form(&sent.visitor));
    if sent.is_resumed() {
        return page(&sent.visitor, &account).form(form).answer();
    }
    let done = async {
        let (key, user) = (form.idempotency_key()?, account.person.id.clone());
        let caller = sent.visitor.visit.caller.clone();
        run(move || reset::reset(&service, &caller, user, Some(&key))).await
    };
    match done.await {
        Ok(Reset::Proposed(user)) => go_on_having(&address(&user, ""), "reset_proposed"),
        Ok(Reset::Done(invited)) => {
            let words = sent.visitor.words();
            Page::personal(&sent.visitor, words.fill("people.was_reset", &[("user", &invited.user)]))
                .part(one_time(&sent.visitor, &invited.one_time_password))
                .text(words.say("people.hand_over"))
                .part(back(words, &account))
                .with(StatusCode::OK)
        }
        Err(problem) => sent.refused(|form| page(&sent.visitor, &account).form(form), form.clone(), &problem),
    }
}

fn page(visitor: &Visitor, account: &Account) -> Page {
    let words = visitor.words();
    let two = account.reset_takes_two.then(|| words.say("people.reset_two").to_owned());
    let proposed = account.reset_proposed_by.iter();
    let proposed = proposed.map(|by| Part::Warning(words.fill("people.reset_by", &[("by", by)])));
    Page::personal(visitor, words.fill("people.reset_of", &[("user", &account.person.id)]))
        .text(words.say("people.reset_what"))
        .parts(two.map(Part::Text))
        .parts(proposed)
}

fn form(visitor: &Visitor) -> Form {
    Form { is_grave: true, ..Form::of(visitor, Vec::new(), visitor.words().say("people.reset_button")) }
}
