//! Where a visitor can go, by the rights that the visitor has.

use trial::{Action, Role};

use super::page::Link;
use super::visitor::{Standing, Visitor};

/// The parts of a study's pages: the right without which a visitor is not led there, the word for it, and where it is.
/// What is answered there is decided by the policy, not here.
const PARTS: &[(Action, &str, &str)] = &[
    (Action::ReadStudy, "nav.overview", ""),
    (Action::Dispense, "nav.today", "/today"),
    (Action::ReadSubjects, "nav.subjects", "/subjects"),
    (Action::RecordVisit, "nav.visits", "/visits"),
    (Action::ReadKits, "nav.kits", "/kits"),
    (Action::ReadShipments, "nav.shipments", "/shipments"),
    (Action::ReadShipments, "nav.supply", "/supply"),
    (Action::ReadAccountability, "nav.accountability", "/accountability"),
    (Action::ReadAlerts, "nav.alerts", "/alerts"),
    (Action::ReadList, "nav.statistics", "/statistics"),
    (Action::ReadJournal, "nav.oversight", "/oversight"),
    (Action::Unblind, "nav.break", "/break"),
];

/// What is there outside the studies.
pub(super) fn of_person(visitor: &Visitor) -> Vec<Link> {
    let words = visitor.words();
    let mut links = vec![Link::new(words.say("nav.studies"), "/")];
    if visitor.visit.roles.iter().any(|held| held.role == Role::Administrator) {
        links.push(Link::new(words.say("nav.people"), "/people"));
    }
    marked(links, &visitor.here.path)
}

/// What is there in a study.
pub(super) fn of_study(at: &Standing) -> Vec<Link> {
    marked(open(at, PARTS).collect(), &at.visitor.here.path)
}

/// The ways that are open to a visitor, each with the right for it, the word, and where it is.
pub(super) fn open(at: &Standing, ways: &[(Action, &'static str, &str)]) -> impl Iterator<Item = Link> {
    let open = ways.iter().filter(|(action, ..)| at.may(*action));
    open.map(|(action, word, rest)| {
        let link = Link::new(at.words().say(word), at.address(rest));
        if *action == Action::Unblind { link.emergency() } else { link }
    })
}

/// Marks the link that leads nearest to where the visitor is.
fn marked(mut links: Vec<Link>, path: &str) -> Vec<Link> {
    let leads = |to: &str| path == to || path.strip_prefix(to).is_some_and(|rest| rest.starts_with('/'));
    let near = links.iter().filter(|link| leads(&link.to)).map(|link| link.to.len()).max();
    for link in &mut links {
        link.is_here = leads(&link.to) && Some(link.to.len()) == near;
    }
    links
}
