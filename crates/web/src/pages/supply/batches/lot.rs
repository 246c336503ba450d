//! `GET, POST /studies/{study}/supply/batches/{batch}/lot-recall`: one true lot is called back, after its statement
//! was read.

use actix_web::web::Data;
use service::Shared;
use service::batches::lot;
use strum::VariantArray;
use trial::{Action, LotRecallReason};

use super::{At, OfBatch};
use crate::answer::Answer;
use crate::api::lots::CallBackLot;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::Visitor;

/// What the way from the statement fills in; with the statement on paper it is typed.
const READ: [(&str, &str); 2] = [("statement", "statement.id"), ("statement_sha256", "statement.hash")];

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let of = OfBatch::load(&service, &path, visitor, Action::RecallLot).await?;
    let mut form = form(&of);
    for field in &mut form.fields {
        of.at.visitor.here.asked(&field.name).unwrap_or_default().clone_into(&mut field.value);
    }
    page(&of).form(form).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let of = OfBatch::load(&service, &path, sent.visitor.clone(), Action::RecallLot).await?;
    let id = of.batch.id.clone();
    let ordered = Ordered::at(&of.at, Action::RecallLot, format_args!("/batches/{id}/lot-recalls"));
    let page = |form| page(&of).form(form);
    let done = sent.acted(&service, form(&of), &ordered, page, |service, envelope, body: CallBackLot| {
        lot::recall(service, envelope, body.into_command(id)?)
    });
    match done.await {
        Ok(_recall) => go_on_having(&of.address(""), "lot_recalled"),
        Err(answer) => answer,
    }
}

fn page(of: &OfBatch) -> Page {
    of.unblinded("lot.of").part(Part::Warning(of.words().say("lot.what").to_owned()))
}

fn form(of: &OfBatch) -> Form {
    let words = of.words();
    let reasons = LotRecallReason::VARIANTS.iter();
    let reasons = reasons.map(|reason| (reason.to_string(), words.code("lot_reason", reason))).collect();
    let read = READ.map(|(name, word)| Field::new(name, words.say(word), Kind::Text));
    let why = [
        Field::new("why", words.say("lot.why"), Kind::Radio(reasons)),
        Field::new("reason", words.say("supply.reason"), Kind::Text),
    ];
    let form = Form::of(&of.at.visitor, read.into_iter().chain(why).collect(), words.say("lot.button"));
    Form { is_grave: true, ..form.signed(of.title("lot.meaning")) }
}
