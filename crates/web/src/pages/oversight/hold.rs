//! `GET, POST /studies/{study}/oversight/holds/{hold}`: one hold, and its release.

use actix_web::web::{Data, Path};
use service::Shared;
use service::holds::{self, Hold};
use terms::HoldId;
use trial::{Action, Refusal};

use super::holds::{all, site};
use crate::Problem;
use crate::answer::Answer;
use crate::api::holds::ReleaseHold;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;

type At = Path<(String, String)>;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path.0).await?;
    let hold = find(&service, &at, &path.1).await?;
    let may_release = at.may(Action::ReleaseHold) && hold.released_at.is_none();
    let page = page(&at, &hold);
    if may_release { page.form(form(&at)).answer() } else { page.answer() }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path.0).await?;
    let hold = find(&service, &at, &path.1).await?;
    let ordered = Ordered::at(&at, Action::ReleaseHold, format_args!("/holds/{}/release", hold.id));
    let id = hold.id.clone();
    let page = |form| page(&at, &hold).form(form);
    let done = sent.acted(&service, form(&at), &ordered, page, |service, envelope, body: ReleaseHold| {
        holds::release(service, envelope, id, body.reason)
    });
    match done.await {
        Ok(_hold) => go_on_having(&at.address("/oversight/holds"), "hold_released"),
        Err(answer) => answer,
    }
}

async fn find(service: &Data<Shared>, at: &Standing, id: &str) -> Result<Hold, Problem> {
    let id: HoldId = named(id)?;
    let found = all(service, at).await?.into_iter().find(|hold| hold.id == id);
    Ok(found.ok_or(Refusal::NotFound)?)
}

fn page(at: &Standing, hold: &Hold) -> Page {
    let words = at.words();
    let mut facts = vec![
        ("hold.on", words.code("hold", hold.on)),
        ("hold.where", site(at, hold)),
        ("hold.placed_by", hold.placed_by.to_string()),
        ("hold.placed_at", face::time(hold.placed_at, at.zone())),
    ];
    facts.extend(hold.reason.clone().map(|reason| ("hold.reason", reason)));
    facts.extend(hold.released_at.map(|moment| ("hold.released_at", face::time(moment, at.zone()))));
    super::page(at, words.say("hold.title"), hold.reason.is_some()).part(Part::facts(words, facts))
}

fn form(at: &Standing) -> Form {
    let words = at.words();
    let reason = Field::new("reason", words.say("hold.release_reason"), Kind::Text);
    Form::of(&at.visitor, vec![reason.hint(words.say("hold.reason_hint"))], words.say("hold.release"))
}
