//! `GET, POST /studies/{study}/supply/batches/{batch}/expiry-extensions/{extension}`: the second signature under an
//! extension.

use actix_web::web::{Data, Path};
use service::Shared;
use service::batches::extend;
use service::batches::read::{self, Change};
use terms::ExpiryExtensionId;
use trial::{Action, Refusal};

use super::OfBatch;
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::expiry::Confirm;
use crate::face;
use crate::pages::form::Form;
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::hash;
use crate::pages::visitor::Visitor;
use crate::posted::named;

type At = Path<(String, String, String)>;

/// An extension that somebody proposed.
struct Proposed {
    of: OfBatch,
    id: ExpiryExtensionId,
    change: Change,
}

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let proposed = load(&service, &path, visitor).await?;
    match proposed.change.in_force {
        Some(_) => proposed.page().answer(),
        None => proposed.page().form(proposed.form()).answer(),
    }
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let proposed = load(&service, &path, sent.visitor.clone()).await?;
    let (batch, id) = (proposed.of.batch.id.clone(), proposed.id.clone());
    let address = format!("/batches/{batch}/expiry-extensions/{id}/confirmation");
    let ordered = Ordered::at(&proposed.of.at, Action::ConfirmExtension, address);
    let page = |form| proposed.page().form(form);
    let done = sent.acted(&service, proposed.form(), &ordered, page, |service, envelope, body: Confirm| {
        extend::confirm(service, envelope, batch, id, body.evidence()?)
    });
    match done.await {
        Ok(_change) => go_on_having(&proposed.of.address(""), "extended"),
        Err(answer) => answer,
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String, String),
    visitor: Visitor,
) -> Result<Proposed, Problem> {
    let of_batch = (path.0.clone(), path.1.clone());
    let of = OfBatch::load(service, &of_batch, visitor, Action::ConfirmExtension).await?;
    let id: ExpiryExtensionId = named(&path.2)?;
    let (shared, caller, study, batch) =
        (service.clone(), of.at.caller(), of.at.study(), of.batch.id.clone());
    let changes = run(move || read::changes(&shared, &caller, &study, &batch)).await?;
    let change = changes.into_iter().find(|change| change.extension.as_ref() == Some(&id));
    Ok(Proposed { of, id, change: change.ok_or(Refusal::NotFound)? })
}

impl Proposed {
    fn page(&self) -> Page {
        let (words, zone) = (self.of.words(), self.of.at.zone());
        let by =
            |(who, when): &(terms::UserId, terms::Moment)| format!("{} ({who})", face::time(*when, zone));
        let in_force = self.change.in_force.as_ref().map(|(who, when, _)| by(&(who.clone(), *when)));
        let facts = [
            ("change.from", self.change.from.to_string()),
            ("change.to", self.change.label_expiry.to_string()),
            ("change.proposed", self.change.proposed.as_ref().map(by).unwrap_or_default()),
            ("change.in_force", in_force.unwrap_or_else(|| words.say("change.open").to_owned())),
        ];
        let facts = facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec();
        self.of.page("confirm.of").text(words.say("confirm.what")).part(Part::Facts(facts))
    }

    fn form(&self) -> Form {
        let words = self.of.words();
        let fields = vec![hash(words, "evidence_sha256", "confirm.evidence")];
        let form = Form::of(&self.of.at.visitor, fields, words.say("confirm.button"));
        let (batch, day) = (&self.of.batch.id, &self.change.label_expiry);
        let meaning = words.fill("confirm.meaning", &[("batch", batch), ("day", day)]);
        Form { is_grave: true, ..form.signed(meaning) }
    }
}
