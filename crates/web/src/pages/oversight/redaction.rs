//! `GET, POST /studies/{study}/oversight/redactions/{redaction}`: one redaction, and its second signature.

use actix_web::web::{Data, Path};
use service::Shared;
use service::redact::{self, Redacted};
use terms::RedactionId;
use trial::{Action, Refusal};

use super::redactions::all;
use crate::Problem;
use crate::answer::Answer;
use crate::api::redactions::ConfirmRedaction;
use crate::face;
use crate::pages::form::Form;
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let redacted = find(&service, &at, &path.1).await?;
    let may_confirm = at.may(Action::ConfirmRedaction) && redacted.confirmed.is_none();
    let page = page(&at, &redacted);
    if may_confirm { page.form(form(&at)).answer() } else { page.answer() }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path.0).await?;
    let redacted = find(&service, &at, &path.1).await?;
    let address = format!("/redactions/{}/confirmation", redacted.id);
    let (ordered, id) = (Ordered::at(&at, Action::ConfirmRedaction, address), redacted.id.clone());
    let page = |form| page(&at, &redacted).form(form);
    let done = sent.acted(&service, form(&at), &ordered, page, |service, envelope, ConfirmRedaction {}| {
        redact::confirm(service, envelope, id)
    });
    match done.await {
        Ok(_gone) => go_on_having(&at.address("/oversight/redactions"), "redacted"),
        Err(answer) => answer,
    }
}

async fn find(service: &Data<Shared>, at: &Standing, id: &str) -> Result<Redacted, Problem> {
    let id: RedactionId = named(id)?;
    let found = all(service, at).await?.into_iter().find(|redacted| redacted.id == id);
    Ok(found.ok_or(Refusal::NotFound)?)
}

fn page(at: &Standing, redacted: &Redacted) -> Page {
    let words = at.words();
    let told = |by: &dyn std::fmt::Display, when| format!("{by}, {}", face::time(when, at.zone()));
    let (by, when) = &redacted.proposed;
    let mut facts = vec![
        ("redaction.leaf", redacted.leaf.to_string()),
        ("redaction.why", words.code("redaction_reason", redacted.why)),
        ("redaction.proposed_by", told(by, *when)),
    ];
    let confirmed = redacted.confirmed.as_ref();
    facts.extend(confirmed.map(|(_, by, when)| ("redaction.confirmed", told(by, *when))));
    let entry = words.fill("journal.entry", &[("n", &redacted.leaf)]);
    let entry = Link::new(entry, at.address(format_args!("/oversight/journal/{}", redacted.leaf)));
    Page::of_study(at, words.say("redaction.title"))
        .part(Part::facts(words, facts))
        .part(Part::code(words, "redaction.commitment", redacted.commitment.to_string()))
        .part(Part::Links(vec![entry]))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let form = Form::of(&at.visitor, Vec::new(), words.say("redaction.confirm"));
    Form { is_grave: true, ..form.signed(words.say("redaction.confirm_meaning")) }
}
