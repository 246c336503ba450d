//! `GET /studies/{study}/search`: one hit is gone to at once.

use actix_web::web::{Data, Path};
use service::Shared;
use service::search::{self, Found};

use super::page::{Link, Page, Part, go_on};
use super::visitor::{Standing, Visitor};
use crate::answer::{Answer, run};
use crate::face;

pub(super) async fn show(service: Data<Shared>, path: Path<String>, visitor: Visitor) -> Answer {
    let at = visitor.at(&service, &path).await?;
    let (caller, study) = (at.caller(), at.study());
    let number = at.visitor.here.asked("q").unwrap_or_default().to_owned();
    if number.is_empty() {
        let words = at.words();
        return Page::of_study(&at, words.say("search.title")).text(words.say("search.no_number")).answer();
    }
    let found = run(move || search::search(&service, &caller, &study, &number)).await?;
    if let [only] = found.as_slice() {
        return go_on(&link(&at, only).to);
    }
    let words = at.words();
    let page = Page::of_study(&at, words.say("search.title"));
    if found.is_empty() {
        return page.text(words.say("search.nothing")).answer();
    }
    let links = found.iter().map(|found| link(&at, found)).collect();
    page.text(words.say("search.several")).part(Part::Links(links)).answer()
}

fn link(at: &Standing, found: &Found) -> Link {
    match found {
        Found::Subject(id) => Link::new(id.as_str(), at.address(format_args!("/subjects/{id}"))),
        Found::Kit(number) => Link::new(face::kit(number), at.address(format_args!("/kits/{number}"))),
        Found::Shipment(id) => {
            let text = at.words().fill("place.shipment", &[("id", id)]);
            Link::new(text, at.address(format_args!("/shipments/{id}")))
        }
    }
}
