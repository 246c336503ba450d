//! The places at which a visitor acts: a pharmacist at the own sites, a depot at the depots that hold kits.

use std::collections::BTreeSet;

use service::kits::read::{Kit, Place};
use service::shipments::At;
use trial::Action;

use crate::pages::form::{Field, Kind};
use crate::pages::page::{Link, Page, Part};
use crate::pages::visitor::Standing;

/// Where the visitor acts.
pub(super) fn of_visitor<'a>(at: &Standing, with_kits: impl IntoIterator<Item = &'a Place>) -> Vec<At> {
    if at.may(Action::ReceiveKits) {
        return at.desk.sites.iter().map(|site| At::Site(site.id.clone())).collect();
    }
    let depot = |place: &Place| if let Place::Depot(depot) = place { Some(depot.clone()) } else { None };
    let depots: BTreeSet<_> = with_kits.into_iter().filter_map(depot).collect();
    depots.into_iter().map(At::Depot).collect()
}

/// The one place there is, or the one that was chosen, by the names of the interface's fields.
pub(super) fn chosen<'a>(places: &[At], asked: impl Fn(&str) -> Option<&'a str>) -> Option<At> {
    match places {
        [only] => Some(only.clone()),
        _ => places.iter().find(|place| asked(name(place)) == Some(id(place).as_str())).cloned(),
    }
}

/// The page on which one of several places is chosen.
pub(super) fn to_choose(at: &Standing, page: Page, places: &[At]) -> Page {
    let here = &at.visitor.here.path;
    let link = |place: &At| Link::new(in_words(at, place), format!("{here}?{}={}", name(place), id(place)));
    let links: Vec<Link> = places.iter().map(link).collect();
    let what = if links.is_empty() { "place.none" } else { "place.choose" };
    page.text(at.words().say(what)).part(Part::Links(links))
}

/// The place as a field of a form, which goes along unseen.
pub(super) fn field(place: &At) -> Field {
    Field::new(name(place), "", Kind::Text).value(id(place)).hidden()
}

/// Whether a kit lies at the place.
pub(super) fn holds(place: &At, kit: &Kit) -> bool {
    match (place, &kit.place) {
        (At::Site(site), Place::Site(of)) => site == of,
        (At::Depot(depot), Place::Depot(of)) => depot == of,
        _ => false,
    }
}

/// The place with its name, where it has one.
pub(super) fn in_words(at: &Standing, place: &At) -> String {
    let named = |site: &&service::study::Site| matches!(place, At::Site(id) if *id == site.id);
    at.desk.sites.iter().find(named).map_or_else(|| id(place), |site| format!("{} {}", site.id, site.name))
}

fn name(place: &At) -> &'static str {
    match place {
        At::Site(_) => "site",
        At::Depot(_) => "depot",
    }
}

fn id(place: &At) -> String {
    match place {
        At::Site(site) => site.to_string(),
        At::Depot(depot) => depot.to_string(),
    }
}
