//! Forged exports that tell of labels that cannot have been printed so.

use trial::Language;
use trial::act::{Act, BatchRecalled, ExpiryShortened, LabelsPrinted, Leaf};

use super::forgeries::{append, forged, one};
use super::played::{failed, given, open, played};

const LABELS: &str = "labels are of whole batches, again for a reason";
const RECALLS: &str = "recalled kits are not used";

/// A printing of the labels of the batch that is there, as it may have happened, and where that was registered.
fn printing(leaves: &[Leaf]) -> (usize, LabelsPrinted) {
    let at = one(leaves, |act| matches!(act, Act::KitsRegistered { .. }));
    let Act::KitsRegistered(registered) = &leaves[at].act else { panic!("kits") };
    let labels = u64::try_from(registered.kits.len()).expect("a count");
    let (batch, label_expiry) = (registered.batch.clone(), registered.label_expiry);
    let file = journal::leaf_hash(b"file");
    (at, LabelsPrinted { batch, language: Language::En, label_expiry, labels, file, reason: None })
}

/// Any commitment of the journal: nothing here is opened.
fn sealed(leaves: &[Leaf]) -> journal::Commitment {
    let at = one(leaves, |act| matches!(act, Act::HoldPlaced { .. }));
    let Act::HoldPlaced { reason, .. } = leaves[at].act.clone() else { panic!("a hold") };
    reason
}

/// Appends these changes of a printing, one after the other.
fn with(leaves: &mut Vec<Leaf>, changes: &[fn(&mut LabelsPrinted)]) {
    for change in changes {
        let (like, mut act) = printing(leaves);
        if act.reason.is_none() && changes.len() > 1 {
            act.reason = Some(sealed(leaves));
        }
        change(&mut act);
        append(leaves, like, Act::LabelsPrinted(act));
    }
}

/// Appends an act of the batch, and a printing after it.
fn after(leaves: &mut Vec<Leaf>, act: fn(LabelsPrinted, journal::Commitment) -> Act) {
    let (like, of) = printing(leaves);
    let act = act(of, sealed(leaves));
    append(leaves, like, act);
    with(leaves, &[|_| ()]);
}

type Meaning = (&'static str, fn(&mut Vec<Leaf>), &'static str);

const FORGED: [Meaning; 6] = [
    ("a label too many", |l| with(l, &[|of| of.labels += 1]), LABELS),
    ("a label missing", |l| with(l, &[|of| of.labels -= 1]), LABELS),
    (
        "a label expiry that is not in force",
        |l| with(l, &[|of| of.label_expiry = "2031-01-31".parse().expect("a day")]),
        LABELS,
    ),
    ("labels printed again without a reason", |l| with(l, &[|_| (), |of| of.reason = None]), LABELS),
    (
        "labels of what was shortened, as before",
        |l| {
            after(l, |of, reason| {
                let label_expiry = "2030-01-31".parse().expect("a day");
                let evidence = journal::leaf_hash(b"evidence");
                Act::ExpiryShortened(ExpiryShortened { batch: of.batch, label_expiry, reason, evidence })
            });
        },
        LABELS,
    ),
    (
        "labels of a recalled batch",
        |l| {
            after(l, |of, reason| {
                let evidence = journal::leaf_hash(b"evidence");
                Act::BatchRecalled(BatchRecalled { batch: of.batch, reason, evidence })
            });
        },
        RECALLS,
    ),
];

#[test]
fn kit_15_labels_that_cannot_have_been_printed_so_are_found() {
    let app = played();
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    for (name, forge, expected) in FORGED {
        let found = failed(&forged(&honest, forge).write().expect("written"), &[], &given());
        assert!(found.contains(&expected), "{name}: {found:?}");
    }
    // What may have happened is not found.
    let may = forged(&honest, |l| with(l, &[|of| of.reason = None, |_| ()]));
    let found = failed(&may.write().expect("written"), &[], &given());
    assert!(!found.contains(&LABELS) && !found.contains(&RECALLS), "{found:?}");
}
