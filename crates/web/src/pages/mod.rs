//! The pages for people: written by the server, in English and French, and working without a script.
//!
//! A page reads by one use case and is put together out of parts; a form stands for one request of the interface and is
//! sent through the same use case, under the same idempotency key and signature. What a blinded page shows comes from
//! the types of blinded use cases, which have no field for an arm.

mod assets;
mod breaks;
mod face;
mod form;
mod gate;
mod home;
mod navigation;
mod page;
mod refusals;
mod rim;
mod sent;
mod subjects;
mod supply;
mod table;
mod visitor;
mod words;

use actix_web::Resource;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};

/// What answers at an address.
type Answers = fn(Resource) -> Resource;

/// The pages: where each is, and what answers there.
const PAGES: &[(&str, Answers)] = &[
    ("/", |at| at.get(home::show)),
    ("/log-in", |at| at.get(gate::show).post(gate::enter)),
    ("/log-out", |at| at.post(gate::leave)),
    ("/password", |at| at.get(gate::show_password).post(gate::set_password)),
    ("/language/{language}", |at| at.get(gate::choose)),
    ("/break-glass", |at| at.get(breaks::glass)),
    ("/studies/{study}", |at| at.get(home::study)),
    ("/studies/{study}/break", |at| at.get(breaks::show).post(breaks::submit)),
    ("/studies/{study}/subjects", |at| at.get(subjects::list::show)),
    ("/studies/{study}/subjects/new", |at| at.get(subjects::screen::show).post(subjects::screen::submit)),
    ("/studies/{study}/subjects/{subject}", |at| at.get(subjects::one::show)),
    ("/studies/{study}/subjects/{subject}/kits", |at| {
        at.get(subjects::dispense::show).post(subjects::dispense::submit)
    }),
    ("/studies/{study}/kits", |at| at.get(supply::kits::show)),
    ("/studies/{study}/shipments", |at| at.get(supply::shipments::show)),
    ("/studies/{study}/shipments/{shipment}", |at| {
        at.get(supply::receipt::show).post(supply::receipt::submit)
    }),
    ("/studies/{study}/subjects/{subject}/randomize", |at| {
        at.get(subjects::randomize::show).post(subjects::randomize::submit)
    }),
];

/// The addresses of all pages, with names in braces: what a test must have visited.
pub fn addresses() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(address, _)| *address)
}

/// Serves the pages, and a page where nothing is.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.configure(assets::routes);
    let mut pages = web::scope("").wrap(from_fn(rim::in_words));
    for (address, answers) in PAGES {
        pages = pages.service(answers(web::resource(*address)));
    }
    config.service(pages.default_service(web::to(rim::nowhere)));
}
