//! The pages of kits, batches and shipments: numbers, states, places and totals, as blinded people may see them. Where
//! a kit type is typed or shown, the page is one of the unblinded, and looks like it.

mod all_sites;
mod batches;
pub(super) mod by_type;
mod dispatch;
mod hub;
mod kits;
mod quarantine;
mod receipt;
mod request;
mod resupply;
mod shipments;
mod stock;
mod unpacking;

use actix_web::web::Data;
use service::shipments::At;
use service::shipments::places::{Located, places};
use service::{Shared, study};
use terms::Moment;
use trial::Action;

use super::form::{Field, Kind};
use super::visitor::Standing;
use crate::Problem;
use crate::answer::run;
use crate::words::Words;

pub(super) use kits::place;
pub(super) use shipments::state;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/studies/{study}/supply", |at| at.get(hub::show)),
    ("/studies/{study}/kits", |at| at.get(kits::show)),
    ("/studies/{study}/supply/stock", |at| at.get(stock::show)),
    ("/studies/{study}/supply/stock/types", |at| at.get(by_type::show)),
    ("/studies/{study}/supply/expiry", |at| at.get(stock::horizon)),
    ("/studies/{study}/supply/batches", |at| at.get(batches::show)),
    ("/studies/{study}/supply/batches/new", |at| {
        at.get(batches::register::show).post(batches::register::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}", |at| at.get(batches::one::show)),
    ("/studies/{study}/supply/batches/{batch}/packaging-list", batches::packing::of_list),
    ("/studies/{study}/supply/batches/{batch}/packing", batches::packing::of_packing),
    ("/studies/{study}/supply/batches/{batch}/sample", |at| {
        at.get(batches::sample::show).post(batches::sample::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}/labels", |at| {
        at.get(batches::labels::show).post(batches::labels::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}/certification", batches::release::of_certification),
    ("/studies/{study}/supply/batches/{batch}/release", batches::release::of_release),
    ("/studies/{study}/supply/batches/{batch}/expiry-shortening", |at| {
        at.get(batches::expiry::show).post(batches::expiry::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}/expiry-extensions", |at| {
        at.get(batches::extension::show).post(batches::extension::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}/expiry-extensions/{extension}", |at| {
        at.get(batches::confirmation::show).post(batches::confirmation::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}/recall", |at| {
        at.get(batches::recall::show).post(batches::recall::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}/lot-statement", |at| {
        at.get(batches::statement::show).post(batches::statement::submit)
    }),
    ("/studies/{study}/supply/batches/{batch}/lot-recall", |at| {
        at.get(batches::lot::show).post(batches::lot::submit)
    }),
    ("/studies/{study}/supply/resupply", |at| at.get(resupply::show).post(resupply::submit)),
    ("/studies/{study}/supply/resupply/all", |at| at.get(all_sites::show).post(all_sites::submit)),
    ("/studies/{study}/supply/resupply/{site}/{day}", |at| at.get(resupply::one)),
    ("/studies/{study}/shipments", |at| at.get(shipments::show)),
    ("/studies/{study}/shipments/new", |at| at.get(request::show).post(request::submit)),
    ("/studies/{study}/shipments/{shipment}", |at| at.get(receipt::show).post(receipt::submit)),
    ("/studies/{study}/shipments/{shipment}/dispatch", |at| at.get(dispatch::show).post(dispatch::submit)),
    ("/studies/{study}/shipments/{shipment}/cancellation", |at| {
        at.get(dispatch::show_end).post(dispatch::submit_end)
    }),
    ("/studies/{study}/shipments/{shipment}/label", |at| at.get(dispatch::label)),
    ("/studies/{study}/supply/quarantine", |at| at.get(quarantine::show)),
    ("/studies/{study}/supply/quarantine/decision", |at| at.get(quarantine::decide).post(quarantine::submit)),
];

/// Passes for a visitor who may do this, and says what time it is.
async fn admitted(service: &Data<Shared>, at: &Standing, action: Action) -> Result<Moment, Problem> {
    let (service, caller, of) = (service.clone(), at.caller(), at.study());
    run(move || study::admitted(&service, &caller, &of, action)).await
}

/// The sites and depots of the study.
async fn located(service: &Data<Shared>, at: &Standing) -> Result<Vec<Located>, Problem> {
    let (service, caller, of) = (service.clone(), at.caller(), at.study());
    run(move || places(&service, &caller, &of)).await
}

/// The sites to choose from.
fn sites(located: &[Located]) -> Vec<(String, String)> {
    let site = |of: &Located| match &of.at {
        At::Site(site) => Some((site.to_string(), format!("{site} {}", of.name))),
        At::Depot(_) => None,
    };
    located.iter().filter_map(site).collect()
}

/// The depots to choose from.
fn depots(located: &[Located]) -> Vec<(String, String)> {
    let depot = |of: &Located| match &of.at {
        At::Depot(depot) => Some((depot.to_string(), format!("{depot} {}", of.name))),
        At::Site(_) => None,
    };
    located.iter().filter_map(depot).collect()
}

/// The SHA-256 of a document that is kept elsewhere.
fn hash(words: Words, name: &str, label: &'static str) -> Field {
    Field::new(name, words.say(label), Kind::Text).hint(words.say("supply.hash_hint"))
}

/// A number of things as a table takes it.
fn many(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
