//! `GET /studies/{study}/supply/batches/{batch}`: where a batch stands, what was done with it, and what can be done
//! next.

use actix_web::web::Data;
use service::Shared;
use service::batches::lot::{self, LotRecall};
use service::batches::read::{self, Change};
use service::kits::read::StepTaken;
use terms::{Moment, UserId};
use trial::{Action, ReleaseStep};

use super::{At, OfBatch, concerned, countries, standing};
use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;

const STEPS: [&str; 4] = ["batch.country", "batch.step", "done_by.who", "done_by.when"];
const CHANGES: [&str; 5] = ["change.kind", "change.from", "change.to", "change.proposed", "change.in_force"];

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let of = OfBatch::load(&service, &path, visitor, Action::ReadKits).await?;
    let (caller, study, id) = (of.at.caller(), of.at.study(), of.batch.id.clone());
    let (changes, lots) = run(move || {
        let changes = read::changes(&service, &caller, &study, &id)?;
        Ok((changes, lot::recalls(&service, &caller, &study, &id)?))
    })
    .await?;
    let here = &of.at.visitor.here;
    let steps = of.batch.steps.iter().map(|step| taken(&of, step)).collect();
    let rows = changes.iter().map(|change| changed(&of, change)).collect();
    let places: Vec<_> = changes.iter().flat_map(|change| change.places.iter().cloned()).collect();
    Page::of_study(&of.at, of.title("batch.title"))
        .parts(warning(&of, &lots))
        .part(Part::Facts(facts(&of)))
        .part(Part::Links(ways(&of)))
        .part(Part::table(Table::new(here, "steps", "batch.steps", &STEPS, steps)))
        .part(Part::table(Table::new(here, "changes", "change.title", &CHANGES, rows)))
        .parts((!places.is_empty()).then(|| concerned(&of.at, "concerned", "change.concerned", &places)))
        .parts(lots.iter().map(|recall| concerned(&of.at, "lot", "lot.recalled", &recall.places)))
        .answer()
}

/// What must not be overlooked: that it was called back, in whole or in part.
fn warning(of: &OfBatch, lots: &[LotRecall]) -> Vec<Part> {
    let (words, zone) = (of.words(), of.at.zone());
    let whole = of.batch.recalled_at.map(|when| {
        let when = face::time(when, zone);
        Part::Warning(words.fill("recall.was", &[("when", &when)]))
    });
    let some = lots.iter().map(|recall| {
        let (by, when) = (&recall.signed.0, face::time(recall.signed.1, zone));
        let why = words.code("lot_reason", recall.why);
        Part::Warning(words.fill("lot.was", &[("when", &when), ("by", by), ("why", &why)]))
    });
    whole.into_iter().chain(some).collect()
}

fn facts(of: &OfBatch) -> Vec<(String, String)> {
    let (words, batch, zone) = (of.words(), &of.batch, of.at.zone());
    let visible = batch.visible.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>();
    let mut facts = vec![
        ("batch.standing", words.say(standing(batch).0).to_owned()),
        ("kit.label_expiry", batch.label_expiry.to_string()),
        ("batch.released_in", countries(batch)),
        ("batch.visible", visible.join("; ")),
        ("batch.registered_at", face::time(batch.registered_at, zone)),
    ];
    if let Some(packed) = &batch.packing {
        let (attempt, recorded) = (packed.attempt, by(of, &packed.recorded));
        facts.push(("batch.packed", words.fill("batch.packed_as", &[("n", &attempt), ("by", &recorded)])));
        if let Some((_, who, when)) = &packed.check {
            facts.push(("batch.checked", by(of, &(who.clone(), *when))));
        }
    }
    facts.into_iter().map(|(key, value)| (words.say(key).to_owned(), value)).collect()
}

/// Who did something, and when.
fn by(of: &OfBatch, (who, when): &(UserId, Moment)) -> String {
    format!("{} ({who})", face::time(*when, of.at.zone()))
}

/// What can be done, as far as the visitor may; what comes next for this batch stands out.
fn ways(of: &OfBatch) -> Vec<Link> {
    let (next, is_recalled) = (standing(&of.batch).0, of.batch.recalled_at.is_some());
    let ways = [
        (
            Action::ReadPacking,
            "packing.title",
            "/packing",
            ["batch.unpacked", "batch.unchecked", "batch.failed"],
        ),
        (Action::CertifyBatch, "certify.title", "/certification", ["batch.unreleased"; 3]),
        (Action::ReleaseBatch, "release.title", "/release", ["batch.unreleased"; 3]),
        (Action::PrintLabels, "labels.title", "/labels", [""; 3]),
        (Action::ShortenExpiry, "shorten.title", "/expiry-shortening", [""; 3]),
        (Action::ProposeExtension, "extend.title", "/expiry-extensions", [""; 3]),
        (Action::RecallBatch, "recall.title", "/recall", [""; 3]),
        (Action::ReadLotStatement, "statement.title", "/lot-statement", [""; 3]),
    ];
    let open = ways.into_iter().filter(|(action, ..)| of.at.may(*action) && !is_recalled);
    let link = |(action, word, rest, when): (Action, &'static str, &str, [&str; 3])| {
        let link = Link::new(of.words().say(word), of.address(rest));
        match action {
            Action::RecallBatch | Action::ReadLotStatement => link.emergency(),
            _ if when.contains(&next) => link.main(),
            _ => link,
        }
    };
    let report = (is_recalled && of.at.may(Action::ReadRecall))
        .then(|| Link::new(of.words().say("recall.report"), of.address("/recall")).main());
    open.map(link).chain(report).collect()
}

fn taken(of: &OfBatch, step: &StepTaken) -> Vec<Cell> {
    let word = match step.step {
        ReleaseStep::Certification => "certify.title",
        ReleaseStep::RegulatoryRelease => "release.title",
    };
    vec![
        Cell::text(step.country),
        Cell::text(of.words().say(word)),
        Cell::text(&step.by),
        Cell::text(face::time(step.at, of.at.zone())),
    ]
}

/// A change of the label expiry; one that is only proposed leads to its second signature.
fn changed(of: &OfBatch, change: &Change) -> Vec<Cell> {
    let words = of.words();
    let kind = if change.extension.is_some() { "change.extension" } else { "change.shortening" };
    let kind = match &change.extension {
        Some(id) if of.at.may(Action::ConfirmExtension) => {
            Cell::link(words.say(kind), of.address(format_args!("/expiry-extensions/{id}")))
        }
        _ => Cell::text(words.say(kind)),
    };
    let in_force = match &change.in_force {
        Some((who, when, _)) => Cell::text(by(of, &(who.clone(), *when))),
        None => Cell::text(words.say("change.open")).badge("note"),
    };
    vec![
        kind,
        Cell::text(change.from),
        Cell::text(change.label_expiry),
        Cell::maybe(change.proposed.as_ref().map(|done| by(of, done))),
        in_force,
    ]
}
