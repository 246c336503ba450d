//! `GET /studies/{study}/supply/quarantine`, `GET, POST .../quarantine/decision`: what was set aside, and what the
//! quality role decides about it: always about a whole place or a whole shipment.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use service::Shared;
use service::kits::read::{self, Filter, KitState, Place};
use service::shipments::quarantine;
use strum::VariantArray;
use terms::KitNumber;
use trial::{Action, Disposition, Refusal};

use super::kits::place;
use super::stock::{counted, unseen};
use super::{admitted, hash, many};
use crate::Problem;
use crate::answer::{Answer, run};
use crate::api::quarantines::Decide;
use crate::face;
use crate::pages::form::{Field, Form, Kind};
use crate::pages::page::{Link, Page, Part, go_on_having};
use crate::pages::sent::{Ordered, Sent};
use crate::pages::table::{Cell, Table};
use crate::pages::visitor::{Here, Standing, Visitor};

const COLUMNS: [&str; 3] = ["kit.place", "kit.count", "kit.numbers"];
/// About what it is decided; one of them stands in the address.
const SCOPES: [&str; 3] = ["site", "depot", "shipment"];

/// `GET /studies/{study}/supply/quarantine`
pub(in crate::pages) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let counted = counted(&service, &at).await?;
    let (caller, study) = (at.caller(), at.study());
    let in_it = Filter { state: Some(KitState::Quarantined), ..Filter::default() };
    let kits = run(move || read::kits(&service, &caller, &study, &in_it)).await?;
    let mut places: BTreeMap<Place, Vec<KitNumber>> = BTreeMap::new();
    for kit in kits {
        places.entry(kit.place).or_default().push(kit.number);
    }
    let rows = places.iter().map(|(of, kits)| row(&at, of, kits)).collect();
    let table = Table::new(&at.visitor.here, "quarantine", "quarantine.title", &COLUMNS, rows);
    let words = at.words();
    Page::of_study(&at, words.say("quarantine.title"))
        .text(words.say("quarantine.what"))
        .parts(unseen(&at, &counted, "quarantine.unseen"))
        .part(Part::table(table))
        .answer()
}

/// A place with what is in quarantine there; for the quality role it leads to the decision.
fn row(at: &Standing, of: &Place, kits: &[KitNumber]) -> Vec<Cell> {
    let name = place(at.words(), of);
    let query = match of {
        Place::Site(site) => Some(format!("site={site}")),
        Place::Depot(depot) => Some(format!("depot={depot}")),
        Place::Store | Place::Shipment(_) => None,
    };
    let to = query.filter(|_| at.may(Action::DecideQuarantine));
    let name = match to {
        Some(query) => Cell::link(name, at.address(format_args!("/supply/quarantine/decision?{query}"))),
        None => Cell::text(name),
    };
    let list = kits.iter().map(face::kit).collect::<Vec<_>>().join(", ");
    vec![name, Cell::number(many(kits.len())), Cell::text(list)]
}

/// `GET /studies/{study}/supply/quarantine/decision`
pub(in crate::pages) async fn decide(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = load(&service, &path, visitor).await?;
    let scope = scope(&at.visitor.here)?;
    page(&at, &scope).form(form(&at, &scope)).answer()
}

/// `POST /studies/{study}/supply/quarantine/decision`
pub(in crate::pages) async fn submit(service: Data<Shared>, path: Path<String>, sent: Sent) -> Answer {
    let at = load(&service, &path, sent.visitor.clone()).await?;
    let scope = scope(&at.visitor.here)?;
    let ordered = Ordered::at(&at, Action::DecideQuarantine, "/quarantine-decisions");
    let (form, page) = (form(&at, &scope), |form| page(&at, &scope).form(form));
    let done = sent.acted(&service, form, &ordered, page, |service, envelope, body: Decide| {
        let (scope, disposition, evidence) = body.read()?;
        quarantine::dispose(service, envelope, scope, disposition, evidence, body.reason)
    });
    match done.await {
        Ok(_moved) => go_on_having(&at.address("/supply/quarantine"), "decided"),
        Err(answer) => answer,
    }
}

async fn load(service: &Data<Shared>, study: &str, visitor: Visitor) -> Result<Standing, Problem> {
    let at = visitor.at(service, study).await?;
    admitted(service, &at, Action::DecideQuarantine).await?;
    Ok(at)
}

/// What it is decided about, as the address says it.
fn scope(here: &Here) -> Result<(&'static str, String), Problem> {
    let asked = SCOPES.into_iter().filter_map(|name| Some((name, here.asked(name)?.to_owned())));
    match asked.collect::<Vec<_>>().as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(Refusal::NotFound.into()),
    }
}

fn page(at: &Standing, (name, id): &(&'static str, String)) -> Page {
    let words = at.words();
    let what = match *name {
        "site" => "quarantine.at_site",
        "depot" => "quarantine.at_depot",
        _ => "quarantine.of_shipment",
    };
    let back = Link::new(words.say("quarantine.title"), at.address("/supply/quarantine"));
    Page::of_study(at, words.fill(what, &[("id", id)]))
        .part(Part::Links(vec![back]))
        .text(words.say("quarantine.decide"))
}

fn form(at: &Standing, (name, id): &(&'static str, String)) -> Form {
    let words = at.words();
    let options = Disposition::VARIANTS.iter();
    let options = options.map(|one| (one.to_string(), words.code("disposition", one))).collect();
    let fields = vec![
        Field::new(*name, "", Kind::Text).value(id).hidden(),
        Field::new("disposition", words.say("quarantine.disposition"), Kind::Radio(options)),
        hash(words, "evidence_sha256", "supply.evidence"),
        Field::new("reason", words.say("supply.reason"), Kind::Text),
    ];
    let form = Form::of(&at.visitor, fields, words.say("quarantine.button"));
    Form { is_grave: true, ..form.signed(words.say("quarantine.meaning")) }
}
