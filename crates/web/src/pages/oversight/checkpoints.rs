//! `GET, POST /studies/{study}/oversight/checkpoints`: the signed heads of the journal, and how they are checked
//! without this service.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use service::Shared;
use service::journal::{self as use_case, Checkpoints, Signed};
use trial::Refusal;

use crate::Problem;
use crate::answer::{Answer, run};
use crate::face;
use crate::file::attachment;
use crate::pages::form::Form;
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::sent::Sent;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};

const COLUMNS: [&str; 2] = ["checkpoint.size", "checkpoint.signed_at"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let read = read(&service, &at).await?;
    match at.visitor.here.asked("note") {
        Some(size) => note(&at, &read, size),
        None => page(&at, &read, form(&at)).answer(),
    }
}

/// Signs the journal as it stands; a head that was signed before gets the same note again.
pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = sent.visitor.clone().at(&service, &path).await?;
    let form = sent.fill(form(&at));
    let read = read(&service, &at).await?;
    if sent.is_resumed() {
        return page(&at, &read, form).answer();
    }
    let (caller, study) = (at.caller(), at.study());
    match run(move || use_case::checkpoint(&service, &caller, &study)).await {
        Ok(_note) => go_on_having(&at.address("/oversight/checkpoints"), "checkpoint"),
        Err(problem) => sent.refused(|form| page(&at, &read, form), form, &problem),
    }
}

async fn read(service: &Data<Shared>, at: &Standing) -> Result<Checkpoints, Problem> {
    let (service, caller, study) = (service.clone(), at.caller(), at.study());
    run(move || use_case::checkpoints(&service, &caller, &study)).await
}

fn page(at: &Standing, read: &Checkpoints, form: Form) -> Page {
    let words = at.words();
    let last = read.signed.last();
    let rows = read.signed.iter().rev().map(|signed| row(at, signed)).collect();
    let table = Table::new(&at.visitor.here, "checkpoints", "checkpoints.title", &COLUMNS, rows);
    let file = last.map(|last| Link::new(words.say("checkpoint.file"), file(at, last.size)).file());
    Page::of_study(at, words.say("checkpoints.title"))
        .text(words.say("checkpoints.what"))
        .part(Part::facts(words, [("checkpoint.entries", read.size.to_string())]))
        .parts(last.map(|last| Part::code(words, "checkpoint.last", last.note.clone())))
        .parts(file.map(|file| Part::Links(vec![file])))
        .form(form)
        .part(Part::table(table))
        .part(Part::Heading(words.say("checkpoint.offline").to_owned()))
        .text(words.say("checkpoint.offline_what"))
        .part(Part::code(words, "checkpoint.command", command(at, read)))
        .part(Part::code(words, "checkpoint.key", read.key.clone()))
}

/// The exact command, with the files under the names under which they are saved from here.
fn command(at: &Standing, read: &Checkpoints) -> String {
    let study = at.study();
    let mailed = read.signed.last().map(|last| format!(" --checkpoint {study}-{}.checkpoint", last.size));
    format!("iwrs verify {study}-journal.jsonl{} --key {}", mailed.unwrap_or_default(), read.key)
}

fn file(at: &Standing, size: u64) -> String {
    at.address(format_args!("/oversight/checkpoints?note={size}"))
}

/// A note as a file.
fn note(at: &Standing, read: &Checkpoints, size: &str) -> Answer {
    let found = read.signed.iter().find(|signed| signed.size.to_string() == size);
    let found = found.ok_or(Refusal::NotFound)?;
    let name = format!("{}-{}.checkpoint", at.study(), found.size);
    Ok(attachment(StatusCode::OK, "text/plain; charset=utf-8", &name, found.note.clone().into_bytes()))
}

fn row(at: &Standing, signed: &Signed) -> Vec<Cell> {
    vec![Cell::text(signed.size), Cell::text(face::time(signed.at, at.zone()))]
}

fn form(at: &Standing) -> Form {
    Form::of(&at.visitor, Vec::new(), at.words().say("checkpoint.sign"))
}
