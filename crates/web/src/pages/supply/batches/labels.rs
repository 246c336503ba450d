//! `GET, POST /studies/{study}/supply/batches/{batch}/labels`: the labels of a whole batch, to be printed.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use service::labels::kits;
use service::{Shared, study};
use trial::Action;
use trial::study::StudyDesign;

use super::{At, OfBatch};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::labels::PrintLabels;
use crate::file::{PDF, attachment};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::Page;
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::Visitor;

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (of, form) = load(&service, &path, visitor).await?;
    page(&of).form(form).answer()
}

/// The answer is the file.
pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (of, form) = load(&service, &path, sent.visitor.clone()).await?;
    let id = of.batch.id.clone();
    let ordered = Ordered::at(&of.at, Action::PrintLabels, format_args!("/batches/{id}/labels"));
    let page = |form| page(&of).form(form);
    let done = sent.acted(&service, form, &ordered, page, |service, envelope, body: PrintLabels| {
        kits::print(service, envelope, body.into_command(id)?)
    });
    match done.await {
        Ok(file) => Ok(attachment(StatusCode::OK, PDF, &file.name, file.bytes)),
        Err(answer) => answer,
    }
}

async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(OfBatch, Form), Problem> {
    let of = OfBatch::load(service, path, visitor, Action::PrintLabels).await?;
    let (service, caller, study) = (service.clone(), of.at.caller(), of.at.study());
    let overview = run(move || study::find(&service, &caller, &study)).await?;
    let form = form(&of, &overview.design);
    Ok((of, form))
}

fn page(of: &OfBatch) -> Page {
    of.page("labels.of").text(of.words().say("labels.what"))
}

fn form(of: &OfBatch, design: &Arc<StudyDesign>) -> Form {
    let words = of.words();
    let languages = design.label.iter().flat_map(|label| label.languages.keys());
    let languages = languages.map(|language| (language.to_string(), words.code("language", language)));
    let fields = vec![
        Field::new("language", words.say("labels.language"), Kind::Radio(languages.collect())),
        Field::new("reason", words.say("labels.reason"), Kind::Text)
            .hint(words.say("labels.reason_hint"))
            .optional(),
    ];
    Form::of(&of.at.visitor, fields, words.say("labels.button"))
}
