//! `GET, POST /studies/{study}/supply/batches/{batch}/lot-statement`: what the recall of one true lot would do, and
//! reveal to whom. It is read before the recall is signed, and the read is recorded.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use service::Shared;
use service::batches::lot::{self, LotStatement};
use trial::Action;

use super::{At, OfBatch};
use crate::Problem;
use crate::answer::Answer;
use crate::api::lots::AskAboutLot;
use crate::face;
use crate::file::{PDF, attachment};
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part};
use crate::pages::refusals::recorded;
use crate::pages::sent::{Ordered, Sent};
use crate::pages::supply::kits::place;
use crate::pages::supply::many;
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::Visitor;

const PLACES: [&str; 3] = ["kit.place", "kit.count", "kit.numbers"];
const PAIRS: [&str; 4] = ["statement.site", "statement.one", "statement.other", "statement.share"];
/// The field by which the statement that was read is had once more, on paper.
const PRINT: &str = "print";

pub(in crate::pages) async fn show(service: Data<Shared>, path: At, visitor: Visitor) -> Answer {
    let of = OfBatch::load(&service, &path, visitor, Action::ReadLotStatement).await?;
    page(&of).form(form(&of)).answer()
}

/// The answer is the statement itself; under the same key it is the same one, also on paper.
pub(in crate::pages) async fn submit(service: Data<Shared>, path: At, sent: Sent) -> Answer {
    let of = OfBatch::load(&service, &path, sent.visitor.clone(), Action::ReadLotStatement).await?;
    let form = sent.fill(form(&of));
    if sent.is_resumed() {
        return page(&of).form(form).answer();
    }
    match stated(&service, &of, &sent, &form).await {
        Ok(stated) if sent.typed.get(PRINT).is_some() => {
            let name = format!("lot-statement-{}.pdf", stated.id);
            Ok(attachment(StatusCode::OK, PDF, &name, stated.file))
        }
        Ok(stated) => told(&of, form, &stated).answer(),
        Err(problem) => sent.refused(|form| page(&of).form(form), form, &problem),
    }
}

async fn stated(
    service: &Data<Shared>,
    of: &OfBatch,
    sent: &Sent,
    form: &Form,
) -> Result<LotStatement, Problem> {
    let id = of.batch.id.clone();
    let ordered = Ordered::at(&of.at, Action::ReadLotStatement, format_args!("/batches/{id}/lot-statements"));
    let use_case =
        |service: &Shared, envelope, body: AskAboutLot| lot::state(service, envelope, id, body.lot);
    sent.act(service, form, &ordered, use_case).await
}

fn page(of: &OfBatch) -> Page {
    let words = of.words();
    of.unblinded("statement.of")
        .part(Part::Warning(words.say("statement.what").to_owned()))
        .text(words.say("statement.first"))
}

fn form(of: &OfBatch) -> Form {
    let words = of.words();
    let lot = Field::new("lot", words.say("statement.lot"), Kind::Text).hint(words.say("statement.lot_hint"));
    Form::of(&of.at.visitor, vec![lot], words.say("statement.button"))
}

/// The statement, the way to have it on paper, and the way on to the recall.
fn told(of: &OfBatch, asked: Form, stated: &LotStatement) -> Page {
    let words = of.words();
    let (lot, expiry, kit_type, contents) = &stated.lot;
    let facts = [
        ("statement.lot", lot.clone()),
        ("statement.expiry", expiry.to_string()),
        ("statement.kit_type", format!("{kit_type}: {contents}")),
        ("statement.id", stated.id.to_string()),
        ("statement.hash", stated.hash.to_string()),
        ("statement.read", face::time(stated.read.1, of.at.zone())),
    ];
    let facts = facts.map(|(key, value)| (words.say(key).to_owned(), value)).to_vec();
    let rows = stated.places.iter().map(|(at, kits)| {
        let list = kits.iter().map(face::kit).collect::<Vec<_>>().join(", ");
        vec![Cell::text(place(words, at)), Cell::number(many(kits.len())), Cell::text(list)]
    });
    let table = Table::new(&of.at.visitor.here, "places", "statement.kits", &PLACES, rows.collect());
    let on = of.address(format_args!("/lot-recall?statement={}&statement_sha256={}", stated.id, stated.hash));
    let on = Link::new(words.say("lot.title"), on).emergency();
    Page::unblinded(&of.at, stated.read.1, of.title("statement.of"))
        .parts(stated.says.iter().map(|sentence| Part::Text(recorded(words, sentence))))
        .part(Part::Facts(facts))
        .parts(proves(of, stated))
        .part(Part::table(table))
        .form(printed(of, asked))
        .parts(of.at.may(Action::RecallLot).then(|| Part::Links(vec![on])))
}

/// The form that has the same statement on paper: it is sent under the key under which the statement was read.
fn printed(of: &OfBatch, asked: Form) -> Form {
    let mut fields: Vec<Field> = asked.fields.into_iter().map(Field::hidden).collect();
    fields.push(Field::new(PRINT, "", Kind::Text).value("yes").hidden());
    Form { fields, key: asked.key, ..Form::of(&of.at.visitor, Vec::new(), of.words().say("statement.print")) }
}

/// The pairs of subjects that the recall would prove something of, for who may know that.
fn proves(of: &OfBatch, stated: &LotStatement) -> Option<Part> {
    let words = of.words();
    let row = |(site, told): &(terms::SiteId, trial::observed::Told)| {
        let cells = [site.to_string(), told.one.to_string(), told.other.to_string()].map(Cell::text);
        let share = Cell::text(words.yes_no(told.share_an_arm));
        cells.into_iter().chain([share]).collect()
    };
    let rows = stated.proves.as_ref()?.iter().map(row).collect();
    Some(Part::table(Table::new(&of.at.visitor.here, "pairs", "statement.pairs", &PAIRS, rows)))
}
