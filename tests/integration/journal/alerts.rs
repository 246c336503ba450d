//! Forged exports that tell of alerts what cannot have happened.

use ::journal::Entry;
use trial::Role;
use trial::act::{Act, AlertAcknowledged, AlertCleared, AlertRaised, Leaf};
use trial::alerts::{AlertKind, AlertPlace};

use super::forgeries::{append, forged, one};
use super::played::{failed, given, open, played};

const OWNER: &str = "alerts are acknowledged once, by their owner";
const RIGHTS: &str = "acts are within the rights of their role";

/// What is done, in the order of the leaves.
#[derive(Clone, Copy)]
enum Step {
    /// An alert that is for the quality role is raised; by somebody, when asked for.
    Raised(&'static str, bool),
    /// It is acknowledged in this role.
    Acknowledged(&'static str, Role),
    /// It is cleared; by somebody, when asked for.
    Cleared(&'static str, bool),
}

use Step::{Acknowledged, Cleared, Raised};

/// Appends the steps, each like the certification of a batch, which the quality role signed.
fn with(leaves: &mut Vec<Leaf>, steps: &[Step]) {
    let like = one(leaves, |act| matches!(act, Act::BatchCertified { .. }));
    for step in steps {
        let id = |alert: &str| alert.parse().expect("an id");
        let (act, role) = match *step {
            Raised(alert, by_somebody) => (raised(alert), by_somebody.then_some(Role::Quality)),
            Acknowledged(alert, role) => {
                (Act::AlertAcknowledged(AlertAcknowledged { alert: id(alert), text: None }), Some(role))
            }
            Cleared(alert, by_somebody) => {
                (Act::AlertCleared(AlertCleared { alert: id(alert) }), by_somebody.then_some(Role::Quality))
            }
        };
        append(leaves, like, act);
        let leaf = leaves.last_mut().expect("a leaf");
        leaf.role = role;
        leaf.actor = leaf.actor.take().filter(|_| role.is_some());
    }
}

fn raised(alert: &str) -> Act {
    Act::AlertRaised(AlertRaised {
        alert: alert.parse().expect("an id"),
        kind: AlertKind::OldQuarantine,
        place: AlertPlace::Depot("NIMES".parse().expect("an id")),
        reference: "NIMES".to_owned(),
    })
}

const FORGED: [(&str, &[Step], &str); 9] = [
    ("an alert that was not raised", &[Acknowledged("a", Role::Quality)], OWNER),
    ("an alert by somebody", &[Raised("a", true)], OWNER),
    ("two of the same at a time", &[Raised("a", false), Raised("b", false)], OWNER),
    ("an id for two", &[Raised("a", false), Cleared("a", false), Raised("a", false)], OWNER),
    ("for another role", &[Raised("a", false), Acknowledged("a", Role::Depot)], OWNER),
    ("without the right", &[Raised("a", false), Acknowledged("a", Role::Monitor)], RIGHTS),
    (
        "twice",
        &[Raised("a", false), Acknowledged("a", Role::Quality), Acknowledged("a", Role::Quality)],
        OWNER,
    ),
    (
        "after it was cleared",
        &[Raised("a", false), Cleared("a", false), Acknowledged("a", Role::Quality)],
        OWNER,
    ),
    ("cleared by somebody", &[Raised("a", false), Cleared("a", true)], OWNER),
];

#[test]
fn not_05_alerts_that_cannot_have_happened_are_found() {
    let app = played();
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    for (name, steps, expected) in FORGED {
        let export = forged(&honest, |leaves| with(leaves, steps));
        let found = failed(&export.write().expect("written"), &[], &given());
        assert!(found.contains(&expected), "{name}: {found:?}");
    }
    // What may have happened is not found.
    let may = [
        Raised("a", false),
        Acknowledged("a", Role::Quality),
        Cleared("a", false),
        Raised("b", false),
        Cleared("b", false),
    ];
    let export = forged(&honest, |leaves| with(leaves, &may));
    let found = failed(&export.write().expect("written"), &[], &given());
    assert!(!found.contains(&OWNER) && !found.contains(&RIGHTS), "{found:?}");
    // Nor is it where the clearing in between is only a hash, as for somebody who does not see what a site has left.
    let again = [Raised("a", false), Cleared("a", false), Raised("b", false)];
    let mut export = forged(&honest, |leaves| with(leaves, &again));
    for entry in &mut export.entries {
        if matches!(entry, Entry::Leaf(leaf) if leaf.contains("\"alert_cleared\"")) {
            *entry = Entry::Hash(entry.hash());
        }
    }
    let found = failed(&export.write().expect("written"), &[], &given());
    assert!(!found.contains(&OWNER), "{found:?}");
}
