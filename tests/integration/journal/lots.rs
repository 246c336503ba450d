//! Forged exports that tell of true lots what cannot have happened.

use iwrs_tests::client::Expect;
use trial::act::{Act, KitsAt, Leaf};

use super::forgeries::{forged, one};
use super::played::{failed, given, open, played};

const STATED: &str = "true lots are recalled after their statement";
const THE_LOT: &str = "recalls of a lot reach all of it, and nothing else";

type Meaning = (&'static str, fn(&mut Vec<Leaf>), &'static str);

fn recalled(leaves: &[Leaf]) -> usize {
    one(leaves, |act| matches!(act, Act::LotRecalled(_)))
}

/// Changes what the leaf of the site names.
fn named(leaves: &mut [Leaf], change: impl Fn(&mut KitsAt)) {
    let at = leaves.iter().position(|leaf| leaf.site.is_some() && matches!(leaf.act, Act::KitsRecalled(_)));
    let Act::KitsRecalled(at) = &mut leaves[at.expect("the site is told")].act else { panic!("kits") };
    change(at);
}

/// A kit of the batch that was received and is not of the lot.
fn another(leaves: &[Leaf]) -> terms::KitNumber {
    let received = one(leaves, |act| matches!(act, Act::KitsReceived { .. }));
    let Act::KitsReceived { received, .. } = &leaves[received].act else { panic!("a receipt") };
    let used = |kit: &terms::KitNumber| {
        leaves.iter().any(|leaf| match &leaf.act {
            Act::KitsRecalled(at) => at.kits.contains(kit) || at.with_subjects.contains(kit),
            Act::KitsAllocated { kits, .. } => kits.contains(kit),
            _ => false,
        })
    };
    *received.iter().find(|kit| !used(kit)).expect("one is left")
}

const FORGED: [Meaning; 6] = [
    (
        "a recall without a statement",
        |l| {
            let read = one(l, |act| matches!(act, Act::LotStatementRead(_)));
            l[read].act = Act::ReconciliationRead {};
        },
        STATED,
    ),
    (
        "a recall by somebody who has not read it",
        |l| {
            let (at, other) = (recalled(l), one(l, |act| matches!(act, Act::ListGenerated { .. })));
            l[at].actor = l[other].actor.clone();
        },
        STATED,
    ),
    (
        "a recall of another lot than was read",
        |l| {
            let at = recalled(l);
            let Act::LotRecalled(of) = &mut l[at].act else { panic!("a recall") };
            of.lot = of.reason;
        },
        STATED,
    ),
    ("a kit of the lot that stays in use", |l| named(l, |at| _ = at.kits.pop()), THE_LOT),
    (
        "a kit of another type",
        |l| {
            let other = another(l);
            named(l, |at| at.kits.push(other));
        },
        THE_LOT,
    ),
    (
        "a statement that serves twice",
        |l| {
            let mut again = l[recalled(l)].clone();
            again.index = u64::try_from(l.len()).expect("small");
            l.push(again);
        },
        STATED,
    ),
];

#[test]
fn bld_10_recalls_of_lots_that_cannot_have_happened_are_found() {
    let app = played();
    crate::batches::lot::recalled(&app, "B-2026-01", "LOT-DEMO-B").expect(201);
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    assert_eq!(failed(&honest.write().expect("written"), &[], &given()), [""; 0]);
    for (name, forge, expected) in FORGED {
        let found = failed(&forged(&honest, forge).write().expect("written"), &[], &given());
        assert!(found.contains(&expected), "{name}: {found:?}");
    }
    // Who sees no kit type is told that it cannot be checked.
    let blinded = app.person("monitor").get(&app.path("/journal/export")).body;
    assert_eq!(failed(&blinded, &[], &given()), [""; 0]);
}
