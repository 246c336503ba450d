//! Forged exports that tell of label expiries and recalls what cannot have happened.

use terms::{Day, ExpiryExtensionId};
use trial::act::{
    Act, BatchRecalled, ExpiryExtended, ExpiryShortened, ExtensionProposed, KitsRegistered, Leaf,
};

use super::forgeries::{append, forged, one};
use super::played::{failed, given, open, played};

const CHANGES: &str = "label expiries change as they may";
const RECALLS: &str = "recalled kits are not used";
const WITHIN: &str = "label expiries are within the lots";
const REACHES: &str = "recalls reach every kit";
const LASTS: &str = "kits last through their dosing days";

type Meaning = (&'static str, fn(&mut Vec<Leaf>), &'static str);

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn certified(leaves: &[Leaf]) -> (usize, terms::BatchId) {
    let at = one(leaves, |act| matches!(act, Act::BatchCertified { .. }));
    let Act::BatchCertified { batch, .. } = leaves[at].act.clone() else { panic!("a certification") };
    (at, batch)
}

/// Any commitment of the journal: nothing here is opened.
fn sealed(leaves: &[Leaf]) -> journal::Commitment {
    let at = one(leaves, |act| matches!(act, Act::HoldPlaced { .. }));
    let Act::HoldPlaced { reason, .. } = leaves[at].act.clone() else { panic!("a hold") };
    reason
}

fn shortened(leaves: &[Leaf], label_expiry: &str) -> Act {
    let (reason, evidence) = (sealed(leaves), journal::leaf_hash(b"evidence"));
    let (batch, label_expiry) = (certified(leaves).1, day(label_expiry));
    Act::ExpiryShortened(ExpiryShortened { batch, label_expiry, reason, evidence })
}

fn proposed(leaves: &[Leaf], label_expiry: &str) -> Act {
    let (batch, label_expiry) = (certified(leaves).1, day(label_expiry));
    let (lots, reason) = (sealed(leaves), sealed(leaves));
    Act::ExpiryExtensionProposed(ExtensionProposed { extension: id(), batch, label_expiry, lots, reason })
}

fn extended() -> Act {
    Act::ExpiryExtended(ExpiryExtended { extension: id(), evidence: journal::leaf_hash(b"evidence") })
}

fn recalled(leaves: &[Leaf]) -> Act {
    let (reason, evidence) = (sealed(leaves), journal::leaf_hash(b"evidence"));
    Act::BatchRecalled(BatchRecalled { batch: certified(leaves).1, reason, evidence })
}

fn id() -> ExpiryExtensionId {
    ExpiryExtensionId::parse("x-1").expect("an id")
}

/// Appends acts, each like the leaf of the certification; the last by somebody else when asked for.
fn with(leaves: &mut Vec<Leaf>, acts: Vec<Act>, by_two: bool) {
    let (like, _) = certified(leaves);
    for act in acts {
        append(leaves, like, act);
    }
    if by_two {
        let other = leaves[one(leaves, |act| matches!(act, Act::ListGenerated { .. }))].actor.clone();
        leaves.last_mut().expect("a leaf").actor = other;
    }
}

/// Puts an act in the place of the receipt, before any kit is allocated.
fn early(leaves: &mut [Leaf], act: Act) {
    let received = one(leaves, |act| matches!(act, Act::KitsReceived { .. }));
    leaves[received].act = act;
}

/// The lots of the registration, which are opened to whoever may see them, under a label beyond them.
fn beyond(leaves: &[Leaf]) -> Act {
    let registered = one(leaves, |act| matches!(act, Act::KitsRegistered(_)));
    let Act::KitsRegistered(KitsRegistered { lots, .. }) = leaves[registered].act.clone() else {
        panic!("kits")
    };
    let Act::ExpiryExtensionProposed(of) = proposed(leaves, "2039-12-31") else { panic!("a proposal") };
    Act::ExpiryExtensionProposed(ExtensionProposed { lots, ..of })
}

/// A change and its contrary between the two signatures: the same label is in force again.
fn changed_and_back(leaves: &mut Vec<Leaf>) {
    let other = |act| match act {
        Act::ExpiryExtensionProposed(of) => Act::ExpiryExtensionProposed(ExtensionProposed {
            extension: ExpiryExtensionId::parse("x-2").expect("an id"),
            ..of
        }),
        Act::ExpiryExtended(of) => Act::ExpiryExtended(ExpiryExtended {
            extension: ExpiryExtensionId::parse("x-2").expect("an id"),
            ..of
        }),
        act => act,
    };
    let before = vec![proposed(leaves, "2031-06-30"), shortened(leaves, "2030-01-01")];
    with(leaves, before, false);
    let back = other(proposed(leaves, "2030-12-31"));
    with(leaves, vec![back], false);
    with(leaves, vec![other(extended())], true);
    with(leaves, vec![extended()], true);
}

const FORGED: [Meaning; 12] = [
    ("an extension of what changed and changed back", changed_and_back, CHANGES),
    (
        "a label beyond the lots",
        |l| {
            let act = beyond(l);
            with(l, vec![act], false);
        },
        WITHIN,
    ),
    ("a recall that reaches no kit", |l| with(l, vec![recalled(l)], false), REACHES),
    ("a shortening to a later day", |l| with(l, vec![shortened(l, "2099-01-01")], false), CHANGES),
    ("an extension to an earlier day", |l| with(l, vec![proposed(l, "2016-01-01")], false), CHANGES),
    ("an extension that nobody proposed", |l| with(l, vec![extended()], true), CHANGES),
    ("an extension by one person", |l| with(l, vec![proposed(l, "2031-06-30"), extended()], false), CHANGES),
    (
        "an extension of what is not in force",
        |l| with(l, vec![proposed(l, "2031-06-30"), shortened(l, "2030-01-01"), extended()], true),
        CHANGES,
    ),
    (
        "kits that do not last by a shortened label",
        |l| {
            let act = shortened(l, "2015-10-01");
            early(l, act);
        },
        LASTS,
    ),
    (
        "kits of a recalled batch",
        |l| {
            let act = recalled(l);
            early(l, act);
        },
        RECALLS,
    ),
    ("a batch recalled twice", |l| with(l, vec![recalled(l), recalled(l)], false), RECALLS),
    ("a recalled batch extended", |l| with(l, vec![recalled(l), proposed(l, "2031-06-30")], false), RECALLS),
];

#[test]
fn kit_10_kit_13_changes_of_batches_that_cannot_have_happened_are_found() {
    let app = played();
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    for (name, forge, expected) in FORGED {
        let found = failed(&forged(&honest, forge).write().expect("written"), &[], &given());
        assert!(found.contains(&expected), "{name}: {found:?}");
    }
    // What may have happened is not found.
    let may = forged(&honest, |l| with(l, vec![proposed(l, "2031-06-30"), extended()], true));
    let found = failed(&may.write().expect("written"), &[], &given());
    assert!(!found.contains(&CHANGES) && !found.contains(&RECALLS), "{found:?}");
}
