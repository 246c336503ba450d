//! `GET, POST /studies/{study}/supply/batches/{batch}/recall`: a whole batch is called back, and where its kits are.

use actix_web::web::Data;
use service::Shared;
use service::batches::recall::{self, Recall, Whereabouts};
use trial::{Action, Refusal};

use super::{At, OfBatch, concerned};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::recalls::CallBack;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::hash;
use crate::pages::supply::kits::{place, state};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;

const KITS: [&str; 4] = ["kit.number", "kit.state", "kit.place", "recall.subject"];

/// The form while it is not recalled, for those who may recall it; and afterwards the report.
pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let of = OfBatch::load(&service, &path, visitor, Action::ReadRecall).await?;
    if of.batch.recalled_at.is_some() {
        return reported(&service, &of).await?.answer();
    }
    if !of.at.may(Action::RecallBatch) {
        return Err(Refusal::NotFound.into());
    }
    page(&of).form(form(&of)).answer()
}

pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let of = OfBatch::load(&service, &path, sent.visitor.clone(), Action::RecallBatch).await?;
    let id = of.batch.id.clone();
    let ordered = Ordered::at(&of.at, Action::RecallBatch, format_args!("/batches/{id}/recall"));
    let page = |form| page(&of).form(form);
    let done = sent.acted(&service, form(&of), &ordered, page, |service, envelope, body: CallBack| {
        let evidence = body.evidence()?;
        recall::recall(service, envelope, id, body.reason, evidence)
    });
    match done.await {
        Ok(_recall) => go_on_having(&of.address("/recall"), "recalled"),
        Err(answer) => answer,
    }
}

fn page(of: &OfBatch) -> Page {
    let words = of.words();
    of.page("recall.of")
        .part(Part::Warning(words.say("recall.what").to_owned()))
        .text(words.say("recall.reveals"))
}

fn form(of: &OfBatch) -> Form {
    let words = of.words();
    let fields = vec![
        hash(words, "evidence_sha256", "supply.evidence"),
        Field::new("reason", words.say("supply.reason"), Kind::Text),
    ];
    let form = Form::of(&of.at.visitor, fields, words.say("recall.button"));
    Form { is_grave: true, ..form.signed(of.title("recall.meaning")) }
}

async fn reported(service: &Data<Shared>, of: &OfBatch) -> Result<Page, Problem> {
    let (shared, caller, study, id) = (service.clone(), of.at.caller(), of.at.study(), of.batch.id.clone());
    let (recall, kits) = run(move || recall::report(&shared, &caller, &study, &id)).await?;
    let rows = kits.iter().map(|kit| row(of, kit)).collect();
    let table = Table::new(&of.at.visitor.here, "kits", "recall.now", &KITS, rows);
    Ok(of
        .page("recall.report_of")
        .text(of.words().say("recall.reveals"))
        .part(Part::Facts(facts(of, &recall)))
        .part(concerned(&of.at, "concerned", "recall.concerned", &recall.places))
        .part(Part::table(table)))
}

fn facts(of: &OfBatch, recall: &Recall) -> Vec<(String, String)> {
    let words = of.words();
    let (who, when) = &recall.signed;
    let facts = [
        ("recall.signed", format!("{} ({who})", face::time(*when, of.at.zone()))),
        ("supply.evidence", recall.evidence.to_string()),
    ];
    facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec()
}

fn row(of: &OfBatch, found: &Whereabouts) -> Vec<Cell> {
    vec![
        Cell::text(face::kit(&found.kit.number)),
        Cell::text(state(of.words(), &found.kit)),
        Cell::text(place(of.words(), &found.kit.place)),
        Cell::maybe(found.subject.as_ref()),
    ]
}
