//! Forged exports that tell of batches how they cannot have come to exist.

use terms::{BatchId, KitNumber};
use trial::act::{Act, BatchRecalled, Leaf, PackingRecorded, SampleChecked};

use super::forgeries::{append, forged, one};
use super::played::{failed, given, open, played};

const PACKED: &str = "batches are packed and checked before release";
const SAMPLES: &str = "samples are those of the batch";
const RECALLS: &str = "recalled kits are not used";

/// Which leaf is meant.
type At = fn(&[Leaf]) -> usize;
type Meaning = (&'static str, fn(&mut Vec<Leaf>), &'static str);

fn exported(leaves: &[Leaf]) -> usize {
    one(leaves, |act| matches!(act, Act::PackagingListExported(_)))
}

fn recorded(leaves: &[Leaf]) -> usize {
    one(leaves, |act| matches!(act, Act::PackingRecorded(_)))
}

fn checked(leaves: &[Leaf]) -> usize {
    one(leaves, |act| matches!(act, Act::SampleChecked(_)))
}

fn packing(leaves: &mut [Leaf]) -> &mut PackingRecorded {
    let at = recorded(leaves);
    let Act::PackingRecorded(packing) = &mut leaves[at].act else { panic!("a packing") };
    packing
}

fn sample(leaves: &mut [Leaf]) -> &mut SampleChecked {
    let at = checked(leaves);
    let Act::SampleChecked(sample) = &mut leaves[at].act else { panic!("a check") };
    sample
}

/// An act that changes nothing of a batch, in the place of another one.
fn nothing(leaves: &mut [Leaf], at: At) {
    let at = at(leaves);
    leaves[at].act = Act::ReconciliationRead {};
}

/// Puts the act of one leaf in the place of the other, and the other way round; each stays with its person.
fn exchange(leaves: &mut [Leaf], one: At, other: At) {
    let (one, other) = (one(leaves), other(leaves));
    let act = leaves[one].act.clone();
    leaves[one].act = std::mem::replace(&mut leaves[other].act, act);
    let (actor, role) = (leaves[one].actor.clone(), leaves[one].role);
    (leaves[one].actor, leaves[one].role) = (leaves[other].actor.clone(), leaves[other].role);
    (leaves[other].actor, leaves[other].role) = (actor, role);
}

fn again(leaves: &mut Vec<Leaf>, attempt: u32) {
    let at = recorded(leaves);
    let Act::PackingRecorded(packing) = leaves[at].act.clone() else { panic!("a packing") };
    append(leaves, at, Act::PackingRecorded(PackingRecorded { attempt, ..packing }));
}

const FORGED: [Meaning; 17] = [
    ("a batch that was not packed", |l| nothing(l, recorded), PACKED),
    ("a sample that was not checked", |l| nothing(l, checked), PACKED),
    ("a sample that failed", |l| sample(l).passed = false, PACKED),
    ("a list that never left", |l| nothing(l, exported), PACKED),
    ("a packing before its list", |l| exchange(l, exported, recorded), PACKED),
    ("a check before its packing", |l| exchange(l, recorded, checked), PACKED),
    ("a short packing", |l| packing(l).kits -= 1, PACKED),
    ("a packing with another number", |l| packing(l).attempt = 2, PACKED),
    ("a check of another packing", |l| sample(l).attempt = 2, PACKED),
    (
        "a check by who recorded the packing",
        |l| {
            let by = l[recorded(l)].actor.clone();
            let at = checked(l);
            l[at].actor = by;
        },
        PACKED,
    ),
    ("a packing after a sample that passed", |l| again(l, 2), PACKED),
    ("the same packing again", |l| again(l, 1), PACKED),
    (
        "a packing of a batch that is none",
        |l| packing(l).batch = BatchId::parse("B-0").expect("an id"),
        PACKED,
    ),
    (
        "a recalled batch that is packed anew",
        |l| {
            let at = checked(l);
            let (batch, reason) = (sample(l).batch.clone(), sample(l).found);
            let evidence = journal::leaf_hash(b"evidence");
            append(l, at, Act::BatchRecalled(BatchRecalled { batch, reason, evidence }));
            again(l, 2);
        },
        RECALLS,
    ),
    ("a smaller sample", |l| sample(l).kits.truncate(5), SAMPLES),
    (
        "a kit twice in the sample",
        |l| {
            let sample = sample(l);
            sample.kits[1] = sample.kits[0];
        },
        SAMPLES,
    ),
    (
        "a kit of no batch in the sample",
        |l| {
            sample(l).kits[0] = KitNumber::from_serial(12_345_678).expect("in the space");
        },
        SAMPLES,
    ),
];

#[test]
fn kit_25_a_batch_that_was_released_before_it_was_packed_and_checked_is_found() {
    let app = played();
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    for (name, forge, expected) in FORGED {
        let found = failed(&forged(&honest, forge).write().expect("written"), &[], &given());
        assert!(found.contains(&expected), "{name}: {found:?}");
    }
    let sound = failed(&forged(&honest, |_| {}).write().expect("written"), &[], &given());
    assert!(!sound.contains(&PACKED) && !sound.contains(&SAMPLES), "{sound:?}");
}
