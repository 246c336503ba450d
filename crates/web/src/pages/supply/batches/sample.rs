//! `GET, POST /studies/{study}/supply/batches/{batch}/sample`: what was found in the kits of a sample, by a second
//! person.

use actix_web::web::Data;
use service::Shared;
use service::packing::check;
use service::packing::read::{Packing, packings};
use trial::{Action, Refusal};

use super::{At, OfBatch};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::packings::CheckSample;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::visitor::Visitor;

/// What stands for a kit that holds nothing of the study: an empty field could also mean that nobody has looked.
const NOTHING: &str = "-";

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let (of, packing) = load(&service, &path, visitor).await?;
    page(&of).form(form(&of, &packing)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let (of, packing) = load(&service, &path, sent.visitor.clone()).await?;
    let form = sent.fill(form(&of, &packing));
    if sent.is_resumed() {
        return page(&of).form(form).answer();
    }
    let id = of.batch.id.clone();
    let ordered = Ordered::at(&of.at, Action::CheckSample, format_args!("/batches/{id}/sample-checks"));
    let done = async {
        let body = as_found(&form)?;
        let use_case = |service: &Shared, envelope, body: CheckSample| {
            check::check(service, envelope, check::Command { batch: id, found: body.found()? })
        };
        sent.act(&service, &body, &ordered, use_case).await
    };
    match done.await {
        Ok(packing) => {
            let passed = packing.check.is_some_and(|(passed, ..)| passed);
            let done = if passed { "sample_passed" } else { "sample_failed" };
            go_on_having(&of.address("/packing"), done)
        }
        Err(problem) => sent.refused(|form| page(&of).form(form), form.clone(), &problem),
    }
}

/// The last packing, while its sample is to be checked. Without one there is nothing here.
async fn load(
    service: &Data<Shared>,
    path: &(String, String),
    visitor: Visitor,
) -> Result<(OfBatch, Packing), Problem> {
    let of = OfBatch::load(service, path, visitor, Action::CheckSample).await?;
    let (shared, caller, study, id) = (service.clone(), of.at.caller(), of.at.study(), of.batch.id.clone());
    let (_lists, mut packed) = run(move || packings(&shared, &caller, &study, &id)).await?;
    Ok((of, packed.pop().ok_or(Refusal::NotPacked)?))
}

fn page(of: &OfBatch) -> Page {
    of.unblinded("sample.of").text(of.words().say("sample.what"))
}

fn form(of: &OfBatch, packing: &Packing) -> Form {
    let words = of.words();
    let kits = packing.sample.iter().enumerate().flat_map(|(at, kit)| {
        let number = Field::new(format!("found.{at}.kit_number"), "", Kind::Text).value(kit).hidden();
        let label = words.fill("sample.kit", &[("kit", &face::kit(kit))]);
        [number, Field::new(format!("found.{at}.kit_type"), label, Kind::Text).hint(words.say("sample.hint"))]
    });
    let form = Form::of(&of.at.visitor, kits.collect(), words.say("sample.button"));
    Form { is_grave: true, ..form.signed(words.say("sample.meaning")) }
}

/// The same as the interface takes it: a kit that holds nothing of the study has no type.
fn as_found(form: &Form) -> Result<Form, Problem> {
    let mut form = form.clone();
    for field in form.fields.iter_mut().filter(|field| !field.is_hidden) {
        match field.value.trim() {
            "" => return Err(Refusal::field(&field.name, "must say what is in the kit").into()),
            NOTHING => field.value.clear(),
            _ => {}
        }
    }
    Ok(form)
}
