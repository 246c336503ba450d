//! Batches: from their registration through packing, sample and release to another label expiry or a recall.

pub(super) mod confirmation;
pub(super) mod expiry;
pub(super) mod extension;
pub(super) mod labels;
pub(super) mod lot;
pub(super) mod one;
pub(super) mod packing;
pub(super) mod recall;
pub(super) mod register;
pub(super) mod release;
pub(super) mod sample;
pub(super) mod statement;

use std::fmt::Display;

use actix_web::web::{Data, Path};
use service::Shared;
use service::batches::AtPlace;
use service::kits::read::{self, Batch};
use terms::{KitNumber, Moment};
use trial::Action;

use super::kits::place;
use super::{admitted, many};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::face;
use crate::pages::page::{Link, Page, Part};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Standing, Visitor};
use crate::posted::named;
use crate::words::Words;

/// The address of a page of a batch: the study and the batch.
type At = Path<(String, String)>;

const COLUMNS: [&str; 4] = ["kit.batch", "kit.label_expiry", "batch.packing", "batch.released_in"];
const PLACES: [&str; 4] = ["kit.place", "kit.count", "batch.free", "batch.with_subjects"];

/// A batch, and the visitor who may do something with it.
struct OfBatch {
    at: Standing,
    batch: Batch,
    now: Moment,
}

impl OfBatch {
    /// For a page on which this is done.
    async fn load(
        service: &Data<Shared>,
        path: &(String, String),
        visitor: Visitor,
        action: Action,
    ) -> Result<Self, Problem> {
        let at = visitor.at(service, &path.0).await?;
        let now = admitted(service, &at, action).await?;
        let (shared, caller, study, id) = (service.clone(), at.caller(), at.study(), named(&path.1)?);
        let batch = run(move || read::batch(&shared, &caller, &study, &id)).await?;
        Ok(Self { at, batch, now })
    }

    fn words(&self) -> Words {
        self.at.words()
    }

    /// The address of a page of the batch.
    fn address(&self, rest: impl Display) -> String {
        self.at.address(format_args!("/supply/batches/{}{rest}", self.batch.id))
    }

    fn title(&self, of: &'static str) -> String {
        self.words().fill(of, &[("batch", &self.batch.id)])
    }

    /// A page of it that anybody may see.
    fn page(&self, title: &'static str) -> Page {
        Page::of_study(&self.at, self.title(title)).part(self.back())
    }

    /// A page of it for unblinded people.
    fn unblinded(&self, title: &'static str) -> Page {
        Page::unblinded(&self.at, self.now, self.title(title)).part(self.back())
    }

    fn back(&self) -> Part {
        Part::Links(vec![Link::new(self.title("batch.title"), self.address(""))])
    }
}

/// `GET /studies/{study}/supply/batches`
pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let all = run(move || read::batches(&service, &caller, &study)).await?;
    let rows = all.iter().map(|batch| row(&at, batch)).collect();
    let table = Table::new(&at.visitor.here, "batches", "nav.batches", &COLUMNS, rows);
    let new = Link::new(at.words().say("register.title"), at.address("/supply/batches/new")).main();
    let new = at.may(Action::RegisterKits).then(|| Part::Links(vec![new]));
    Page::of_study(&at, at.words().say("nav.batches")).parts(new).part(Part::table(table)).answer()
}

fn row(at: &Standing, batch: &Batch) -> Vec<Cell> {
    let words = at.words();
    let (word, kind) = standing(batch);
    vec![
        Cell::link(&batch.id, at.address(format_args!("/supply/batches/{}", batch.id))),
        Cell::text(batch.label_expiry),
        Cell::text(words.say(word)).badge(kind),
        Cell::text(countries(batch)),
    ]
}

/// How far a batch has come, as a word, and how it is shown.
fn standing(batch: &Batch) -> (&'static str, &'static str) {
    let sample = batch.packing.as_ref().map(|packed| packed.check.as_ref().map(|(passed, ..)| *passed));
    match (batch.recalled_at, sample) {
        (Some(_), _) => ("batch.recalled", "bad"),
        (_, None) => ("batch.unpacked", "note"),
        (_, Some(None)) => ("batch.unchecked", "note"),
        (_, Some(Some(false))) => ("batch.failed", "bad"),
        (_, Some(Some(true))) if batch.released_in.is_empty() => ("batch.unreleased", "note"),
        (_, Some(Some(true))) => ("batch.released", "good"),
    }
}

fn countries(batch: &Batch) -> String {
    batch.released_in.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The kits that an act concerned, place by place.
fn concerned(at: &Standing, id: &'static str, caption: &'static str, places: &[AtPlace]) -> Part {
    let list = |kits: &[KitNumber]| kits.iter().map(face::kit).collect::<Vec<_>>().join(", ");
    let row = |of: &AtPlace| {
        let free = [of.kits.as_slice(), of.out_of_use.as_slice()].concat();
        vec![
            Cell::text(place(at.words(), &of.place)),
            Cell::number(many(free.len() + of.with_subjects.len())),
            Cell::text(list(&free)),
            Cell::text(list(&of.with_subjects)),
        ]
    };
    let rows = places.iter().map(row).collect();
    Part::table(Table::new(&at.visitor.here, id, caption, &PLACES, rows))
}
