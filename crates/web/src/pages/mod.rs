//! The pages for people: written by the server, in English and French, and working without a script.
//!
//! A page reads by one use case and is put together out of parts; a form stands for one request of the interface and is
//! sent through the same use case, under the same idempotency key and signature. What a blinded page shows comes from
//! the types of blinded use cases, which have no field for an arm.

mod assets;
mod breaks;
mod form;
mod gate;
mod home;
mod navigation;
mod oversight;
mod page;
mod people;
mod pharmacy;
mod plot;
mod recorded;
mod refusals;
mod rim;
mod search;
mod sent;
mod statistics;
mod subjects;
mod supply;
mod table;
mod visitor;

use actix_web::Resource;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};

/// What answers at an address.
type Answers = fn(Resource) -> Resource;

/// Pages: where each is, and what answers there.
type Pages = &'static [(&'static str, Answers)];

/// The pages of everybody.
const PAGES: Pages = &[
    ("/", |at| at.get(home::show)),
    ("/log-in", |at| at.get(gate::show).post(gate::enter)),
    ("/log-out", |at| at.post(gate::leave)),
    ("/password", |at| at.get(gate::show_password).post(gate::set_password)),
    ("/language/{language}", |at| at.get(gate::choose)),
    ("/studies/{study}", |at| at.get(home::study)),
    ("/studies/{study}/search", |at| at.get(search::show)),
];

/// All pages, by the desks at which they are used. A page with a word in its address stands before one with a name in
/// braces in the same place.
const DESKS: [Pages; 8] = [
    PAGES,
    subjects::PAGES,
    breaks::PAGES,
    pharmacy::PAGES,
    supply::PAGES,
    statistics::PAGES,
    oversight::PAGES,
    people::PAGES,
];

/// The addresses of all pages, with names in braces: what a test must have visited.
pub fn addresses() -> impl Iterator<Item = &'static str> {
    DESKS.into_iter().flatten().map(|(address, _)| *address)
}

/// Serves the pages, and a page where nothing is.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config.configure(assets::routes);
    let mut pages = web::scope("").wrap(from_fn(rim::in_words));
    for (address, answers) in DESKS.into_iter().flatten() {
        pages = pages.service(answers(web::resource(*address)));
    }
    config.service(pages.default_service(web::to(rim::nowhere)));
}
