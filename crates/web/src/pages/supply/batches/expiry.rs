//! `GET, POST /studies/{study}/supply/batches/{batch}/expiry-shortening`: an earlier label expiry, in force at once.

use actix_web::web::Data;
use service::Shared;
use service::batches::shorten;
use trial::Action;

use super::{At, OfBatch};
use crate::answer::Answer;
use crate::api::expiry::Shorten;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::hash;
use crate::pages::visitor::Visitor;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let of = OfBatch::load(&service, &path, visitor, Action::ShortenExpiry).await?;
    page(&of).form(form(&of)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let of = OfBatch::load(&service, &path, sent.visitor.clone(), Action::ShortenExpiry).await?;
    let id = of.batch.id.clone();
    let address = format!("/batches/{id}/expiry-shortening");
    let ordered = Ordered::at(&of.at, Action::ShortenExpiry, address);
    let page = |form| page(&of).form(form);
    let done = sent.acted(&service, form(&of), &ordered, page, |service, envelope, body: Shorten| {
        shorten::shorten(service, envelope, body.into_command(id)?)
    });
    match done.await {
        Ok(_change) => go_on_having(&of.address(""), "shortened"),
        Err(answer) => answer,
    }
}

fn page(of: &OfBatch) -> Page {
    of.page("shorten.of").text(of.words().fill("shorten.what", &[("day", &of.batch.label_expiry)]))
}

fn form(of: &OfBatch) -> Form {
    let words = of.words();
    let fields = vec![
        Field::new("label_expiry", words.say("change.to"), Kind::Day),
        hash(words, "evidence_sha256", "supply.evidence"),
        Field::new("reason", words.say("supply.reason"), Kind::Text),
    ];
    let form = Form::of(&of.at.visitor, fields, words.say("shorten.button"));
    Form { is_grave: true, ..form.signed(of.title("shorten.meaning")) }
}
