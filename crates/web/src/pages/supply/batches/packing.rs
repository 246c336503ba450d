//! `GET, POST /studies/{study}/supply/batches/{batch}/packaging-list`, `.../packing`: what leaves to the packager, and
//! what comes back.

use actix_web::Resource;
use actix_web::http::StatusCode;
use actix_web::web::{Data, PayloadConfig};
use service::Shared;
use service::packing::read::{Left, Packing, packings};
use service::packing::{export, record};
use terms::KitNumber;
use trial::Action;

use super::{At, OfBatch};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::packings::{Export, Pack};
use crate::face;
use crate::file::attachment;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;

const LISTS: [&str; 4] = ["packing.recipient", "packing.key", "done_by.who", "done_by.when"];
const PACKINGS: [&str; 6] =
    ["packing.attempt", "kit.count", "done_by.who", "done_by.when", "packing.sample", "packing.outcome"];

/// A form may be so large, in bytes: a packing of the largest batch, with every sign of its own written as three.
const LARGEST_FORM: usize = 200 * 1024;

/// The page from which a list leaves.
pub(in crate::pages) fn of_list(at: Resource) -> Resource {
    at.get(show_list).post(export_list)
}

/// The page on which a packing is recorded.
pub(in crate::pages) fn of_packing(at: Resource) -> Resource {
    at.app_data(PayloadConfig::new(LARGEST_FORM)).get(show).post(submit)
}

async fn show_list(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let of = OfBatch::load(&service, &path, visitor, Action::ExportPackagingList).await?;
    list_page(&of).form(list_form(&of)).answer()
}

/// The answer is the encrypted list, to be kept as a file.
async fn export_list(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let of = OfBatch::load(&service, &path, sent.visitor.clone(), Action::ExportPackagingList).await?;
    let id = of.batch.id.clone();
    let address = format!("/batches/{id}/packaging-lists");
    let ordered = Ordered::at(&of.at, Action::ExportPackagingList, address);
    let page = |form| list_page(&of).form(form);
    let done = sent.acted(&service, list_form(&of), &ordered, page, |service, envelope, body: Export| {
        export::export(service, envelope, body.into_command(id)?)
    });
    match done.await {
        Ok(list) => {
            let name = format!("packaging-list-{}.age", list.batch);
            Ok(attachment(StatusCode::OK, "application/octet-stream", &name, list.age.into_bytes()))
        }
        Err(answer) => answer,
    }
}

fn list_page(of: &OfBatch) -> Page {
    of.unblinded("export.of").text(of.words().say("export.what"))
}

fn list_form(of: &OfBatch) -> Form {
    let words = of.words();
    let fields = vec![
        Field::new("recipient", words.say("packing.recipient"), Kind::Text),
        Field::new("recipient_key", words.say("packing.key"), Kind::Text).hint(words.say("export.key_hint")),
    ];
    Form::of(&of.at.visitor, fields, words.say("export.button"))
}

async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let of = OfBatch::load(&service, &path, visitor, Action::ReadPacking).await?;
    let (page, form) = (page(&service, &of).await?, form(&of));
    match of.at.may(Action::RecordPacking) && of.batch.recalled_at.is_none() {
        true => page.form(form).answer(),
        false => page.answer(),
    }
}

async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let of = OfBatch::load(&service, &path, sent.visitor.clone(), Action::RecordPacking).await?;
    let id = of.batch.id.clone();
    let ordered = Ordered::at(&of.at, Action::RecordPacking, format_args!("/batches/{id}/packings"));
    let page = page(&service, &of).await?;
    let page = |form| page.form(form);
    let done = sent.acted(&service, form(&of), &ordered, page, |service, envelope, body: Pack| {
        record::record(service, envelope, id, body.packed)
    });
    match done.await {
        Ok(_packing) => go_on_having(&of.address("/packing"), "packed"),
        Err(answer) => answer,
    }
}

async fn page(service: &Data<Shared>, of: &OfBatch) -> Result<Page, Problem> {
    let (shared, caller, study, id) = (service.clone(), of.at.caller(), of.at.study(), of.batch.id.clone());
    let (lists, packed) = run(move || packings(&shared, &caller, &study, &id)).await?;
    let (words, here) = (of.words(), &of.at.visitor.here);
    let left = lists.iter().map(|list| left(of, list)).collect();
    let rows = packed.iter().map(|packing| came_back(of, packing)).collect();
    Ok(of
        .unblinded("packing.of")
        .text(words.say("packing.what"))
        .part(Part::Links(ways(of, &packed)))
        .part(Part::table(Table::new(here, "lists", "packing.lists", &LISTS, left)))
        .part(Part::table(Table::new(here, "packings", "packing.packings", &PACKINGS, rows))))
}

/// The list can leave as often as need be; the sample is checked by somebody else than recorded the packing.
fn ways(of: &OfBatch, packings: &[Packing]) -> Vec<Link> {
    let words = of.words();
    let is_open = packings.last().is_some_and(|last| last.check.is_none());
    let is_own = packings.last().is_some_and(|last| last.recorded.0 == of.at.visitor.visit.person.id);
    let list = of.at.may(Action::ExportPackagingList).then(|| {
        let link = Link::new(words.say("export.title"), of.address("/packaging-list"));
        if packings.is_empty() { link.main() } else { link }
    });
    let sample = Link::new(words.say("sample.title"), of.address("/sample")).main();
    let sample = (is_open && !is_own && of.at.may(Action::CheckSample)).then_some(sample);
    list.into_iter().chain(sample).collect()
}

fn form(of: &OfBatch) -> Form {
    let words = of.words();
    let packed = Field::new("packed", words.say("packing.packed"), Kind::Pasted);
    let fields = vec![packed.hint(words.say("packing.packed_hint"))];
    Form::of(&of.at.visitor, fields, words.say("packing.button"))
}

fn left(of: &OfBatch, list: &Left) -> Vec<Cell> {
    vec![
        Cell::text(&list.recipient),
        Cell::text(&list.recipient_key),
        Cell::text(&list.signed.0),
        Cell::text(face::time(list.signed.1, of.at.zone())),
    ]
}

fn came_back(of: &OfBatch, packing: &Packing) -> Vec<Cell> {
    let words = of.words();
    let list = |kits: &[KitNumber]| kits.iter().map(face::kit).collect::<Vec<_>>().join(", ");
    let outcome = match &packing.check {
        Some((true, ..)) => Cell::text(words.say("packing.passed")).badge("good"),
        Some((false, ..)) => Cell::text(words.say("packing.failed")).badge("bad"),
        None => Cell::text(words.say("packing.open")).badge("note"),
    };
    vec![
        Cell::number(packing.attempt),
        Cell::number(packing.kits),
        Cell::text(&packing.recorded.0),
        Cell::text(face::time(packing.recorded.1, of.at.zone())),
        Cell::text(list(&packing.sample)),
        outcome,
    ]
}
