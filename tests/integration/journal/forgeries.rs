//! Forged exports of a trial that was really played: of the bytes, and of the meaning.

use iwrs_tests::client::Expect;
use journal::{Checkpoint, Entry, Export, Head, SigningKey, canonical, leaf_hash, root};
use terms::{ListId, Moment};
use trial::Role;
use trial::act::{Act, Leaf};

use super::played::{failed, given, key, open, played};

const ROOT: &str = "root is that of the leaves";
const GAPLESS: &str = "leaves are gapless";
const SIGNED: &str = "checkpoints are signed";
const PREFIXES: &str = "checkpoints are prefixes";
const WHOLE: &str = "export is signed whole";
const MAILED: &str = "mailed checkpoints are prefixes";
const OPENED: &str = "every commitment opened is in its leaf";
const TREES: &str = "every tree opened is in its leaf";
const FORM: &str = "file is well formed";

/// Gives the header what the entries are, and one checkpoint over them by this key.
fn sign_again(export: &mut Export, by: &SigningKey) {
    let hashes: Vec<_> = export.entries.iter().map(Entry::hash).collect();
    let head = Head { size: u64::try_from(hashes.len()).expect("small"), root: root(&hashes) };
    (export.size, export.root) = (head.size, head.root);
    let note = by.sign_extension(None, &[], &Checkpoint::new(&export.origin, head)).expect("signed");
    export.checkpoints = vec![note.into()];
}

/// Drops what is opened of leaves that are no longer there.
fn cut(export: &mut Export, leaves: usize) {
    export.entries.truncate(leaves);
    let end = u64::try_from(leaves).expect("small");
    export.openings.retain(|opening| opening.leaf < end);
    export.trees.retain(|tree| tree.leaf < end);
}

#[test]
fn aud_05_every_change_of_the_bytes_is_found() {
    let app = played();
    let mailed = app.person("monitor").get(&app.path("/journal/checkpoint")).expect(200);
    let mailed = [mailed["checkpoint"].as_str().expect("a note").to_owned()];
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    type Forge = fn(&mut Export);
    let table: [(&str, Forge, &[&str]); 10] = [
        ("flip", |e| e.entries[9] = Entry::Leaf(flipped(&e.entries[9])), &[ROOT, PREFIXES, MAILED]),
        ("hide", |e| e.entries[9] = Entry::Hash(leaf_hash(b"other")), &[ROOT, PREFIXES, MAILED]),
        ("drop", |e| drop(e.entries.pop()), &[FORM]),
        ("swap", |e| e.entries.swap(20, 21), &[ROOT, PREFIXES, MAILED]),
        ("truncate, with the right key", |e| (cut(e, 20), sign_again(e, &key(8))).1, &[MAILED]),
        (
            "flip, with the right key",
            |e| {
                e.entries[9] = Entry::Leaf(flipped(&e.entries[9]));
                sign_again(e, &key(8));
            },
            &[MAILED],
        ),
        ("sign again with another key", |e| sign_again(e, &key(9)), &[SIGNED, WHOLE]),
        ("sign an older part only", |e| drop(e.checkpoints.pop()), &[WHOLE]),
        ("open another value", |e| e.openings[0].value.push(0), &[OPENED]),
        ("open another arm", |e| e.trees[0].leaves[0][40] ^= 1, &[TREES]),
    ];
    for (name, forge, expected) in table {
        let mut export = honest.clone();
        forge(&mut export);
        let found = failed(&export.write().expect("written"), &mailed, &given());
        for check in expected {
            assert!(found.contains(check), "{name}: {found:?} lacks {check:?}");
        }
    }
    assert_eq!(failed(&honest.write().expect("written"), &mailed, &given()), [""; 0]);
    // A file cannot even be cut: the header says how much there is.
    assert!(!failed(&honest.write().expect("written"), &mailed, &given()).contains(&GAPLESS));
}

/// The leaf with another name of the one who did it.
fn flipped(entry: &Entry) -> String {
    let Entry::Leaf(leaf) = entry else { panic!("a hash") };
    leaf.replacen("\"saved\":\"2", "\"saved\":\"3", 1)
}

/// The leaves of a kind, by index.
fn of_kind(leaves: &[Leaf], wanted: fn(&Act) -> bool) -> Vec<usize> {
    (0..leaves.len()).filter(|index| wanted(&leaves[*index].act)).collect()
}

/// Appends an act, done like the leaf at `like`.
pub(super) fn append(leaves: &mut Vec<Leaf>, like: usize, act: Act) {
    let (index, last) = (u64::try_from(leaves.len()).expect("small"), leaves.last().expect("a leaf").saved);
    let leaf = Leaf { index, saved: last, happened: None, act, ..leaves[like].clone() };
    leaves.push(leaf);
}

/// What is changed, by whom it must be found.
type Meaning = (&'static str, fn(&mut Vec<Leaf>), &'static str);

fn randomized(leaves: &[Leaf]) -> Vec<usize> {
    of_kind(leaves, |act| matches!(act, Act::Randomized { .. }))
}

pub(super) fn one(leaves: &[Leaf], wanted: fn(&Act) -> bool) -> usize {
    *of_kind(leaves, wanted).first().expect("such a leaf")
}

/// An act that says nothing, in the place of one that is taken out.
const NOTHING: Act = Act::ReconciliationRead {};

const LISTS: [Meaning; 7] = [
    (
        "two subjects on one position",
        |l| {
            let second = randomized(l)[1];
            if let Act::Randomized { position, .. } = &mut l[second].act {
                *position = 0
            }
        },
        "positions are given in order, each once",
    ),
    (
        "a position left out",
        |l| {
            let last = randomized(l)[3];
            if let Act::Randomized { position, .. } = &mut l[last].act {
                *position += 1
            }
        },
        "positions are given in order, each once",
    ),
    (
        "a list approved by its generator",
        |l| {
            let generator = l[one(l, |act| matches!(act, Act::ListGenerated { .. }))].actor.clone();
            let approved = one(l, |act| matches!(act, Act::ListApproved { .. }));
            l[approved].actor = generator;
        },
        "lists are approved by another person before use",
    ),
    (
        "a list activated without approval",
        |l| {
            let approved = one(l, |act| matches!(act, Act::ListApproved { .. }));
            l[approved].act = NOTHING;
        },
        "lists are approved by another person before use",
    ),
    (
        "a position of another list",
        |l| {
            let last = randomized(l)[3];
            if let Act::Randomized { list, .. } = &mut l[last].act {
                *list = ListId::parse("other").expect("an id")
            }
        },
        "positions are of the list in use",
    ),
    (
        "a list in use discarded",
        |l| {
            let (generated, held) = (
                one(l, |act| matches!(act, Act::ListGenerated { .. })),
                one(l, |act| matches!(act, Act::HoldPlaced { .. })),
            );
            let (Act::ListGenerated { list, .. }, Act::HoldPlaced { reason, .. }) =
                (&l[generated].act, &l[held].act)
            else {
                return;
            };
            let act = Act::ListDiscarded { list: list.clone(), reason: *reason };
            append(l, generated, act);
        },
        "positions are of the list in use",
    ),
    (
        "a list that commits to less",
        |l| {
            let generated = one(l, |act| matches!(act, Act::ListGenerated { .. }));
            if let Act::ListGenerated { lengths, .. } = &mut l[generated].act {
                lengths[0] += 1_000
            }
        },
        "opened lists are whole",
    ),
];

const SUBJECTS: [Meaning; 9] = [
    (
        "a subject randomized twice",
        |l| {
            let all = randomized(l);
            let Act::Randomized { subject: first, .. } = l[all[0]].act.clone() else { return };
            if let Act::Randomized { subject, .. } = &mut l[all[1]].act {
                *subject = first
            }
        },
        "subjects are randomized once, after screening",
    ),
    (
        "a subject who was never entered",
        |l| {
            let entered = one(l, |act| matches!(act, Act::SubjectScreened { .. }));
            l[entered].act = NOTHING;
        },
        "subjects are randomized once, after screening",
    ),
    (
        "a randomization number left out",
        |l| {
            let last = randomized(l)[3];
            if let Act::Randomized { number, .. } = &mut l[last].act {
                *number = terms::RandomizationNumber::new(9)
            }
        },
        "randomization numbers have no gap",
    ),
    (
        "a subject randomized during a hold",
        |l| {
            let released = one(l, |act| matches!(act, Act::HoldReleased { .. }));
            l[released].act = NOTHING;
        },
        "holds are respected",
    ),
    (
        "a visit dispensed twice",
        |l| {
            let dispensed = one(l, |act| matches!(act, Act::Dispensed { .. }));
            let act = l[dispensed].act.clone();
            append(l, dispensed, act);
        },
        "visits are dispensed once, in treatment",
    ),
    (
        "the next course on the same day",
        |l| {
            let dispensed = one(l, |act| matches!(act, Act::Dispensed { .. }));
            let mut act = l[dispensed].act.clone();
            if let Act::Dispensed { visit, .. } = &mut act {
                *visit = terms::VisitId::parse("D29").expect("an id")
            }
            append(l, dispensed, act);
        },
        "the time between courses is kept",
    ),
    (
        "a code looked at before it was broken",
        |l| {
            let broken = one(l, |act| matches!(act, Act::Unblinded { .. }));
            let viewed = one(l, |act| matches!(act, Act::UnblindingViewed { .. }));
            let act = std::mem::replace(&mut l[broken].act, NOTHING);
            l[broken].act = std::mem::replace(&mut l[viewed].act, act);
        },
        "codes are broken before they are looked at",
    ),
    (
        "a look without any break",
        |l| {
            let broken = one(l, |act| matches!(act, Act::Unblinded { .. }));
            l[broken].act = NOTHING;
        },
        "codes are broken before they are looked at",
    ),
    (
        "a randomization by a monitor",
        |l| {
            let first = randomized(l)[0];
            l[first].role = Some(Role::Monitor);
        },
        "acts are within the rights of their role",
    ),
];

const KITS: [Meaning; 9] = [
    (
        "one kit for two subjects",
        |l| {
            let all = of_kind(l, |act| matches!(act, Act::KitsAllocated { .. }));
            let Act::KitsAllocated { kits: first, .. } = l[all[0]].act.clone() else { return };
            if let Act::KitsAllocated { kits, .. } = &mut l[all[1]].act {
                *kits = first
            }
        },
        "kits are allocated once",
    ),
    (
        "a kit handed over twice",
        |l| {
            let given = one(l, |act| matches!(act, Act::HandedOver { .. }));
            let act = l[given].act.clone();
            append(l, given, act);
        },
        "kits are handed over once, as dispensed",
    ),
    (
        "a kit handed over that was dispensed to nobody",
        |l| {
            let dispensed = one(l, |act| matches!(act, Act::Dispensed { .. }));
            l[dispensed].act = NOTHING;
        },
        "kits are handed over once, as dispensed",
    ),
    (
        "kits of a batch that was not released",
        |l| {
            let released = one(l, |act| matches!(act, Act::BatchReleased { .. }));
            l[released].act = NOTHING;
        },
        "kits move as the ledger allows",
    ),
    (
        "kits that no site received",
        |l| {
            let received = one(l, |act| matches!(act, Act::KitsReceived { .. }));
            l[received].act = NOTHING;
        },
        "kits move as the ledger allows",
    ),
    (
        "a kit at another site",
        |l| {
            let allocated = one(l, |act| matches!(act, Act::KitsAllocated { .. }));
            l[allocated].site = Some(terms::SiteId::parse("44-001").expect("an id"));
        },
        "kits move as the ledger allows",
    ),
    (
        "a kit that expires before its last dose",
        |l| {
            let allocated = one(l, |act| matches!(act, Act::KitsAllocated { .. }));
            if let Act::KitsAllocated { through, .. } = &mut l[allocated].act {
                *through = terms::Day::MAX
            }
        },
        "kits last through their dosing days",
    ),
    (
        "a kit dispensed after its expiry",
        |l| late(l, |act| matches!(act, Act::Dispensed { .. })),
        "kits last through their dosing days",
    ),
    (
        "a kit handed over after its expiry",
        |l| late(l, |act| matches!(act, Act::HandedOver { .. })),
        "kits last through their dosing days",
    ),
];

/// Saves the first act of a kind when every kit has expired.
fn late(leaves: &mut [Leaf], wanted: fn(&Act) -> bool) {
    let late = one(leaves, wanted);
    leaves[late].saved = Moment::parse("2099-01-01T00:00:00Z").expect("an instant");
}

const RECORDS: [Meaning; 5] = [
    (
        "time that goes back",
        |l| l[9].saved = Moment::parse("2014-01-01T00:00:00Z").expect("an instant"),
        "time does not go back",
    ),
    ("an index that is another's", |l| l[9].index = 8, "records stand at their index"),
    (
        "a design of no version",
        |l| l[9].design = Some(7),
        "designs are in order, and fixed by the first subject",
    ),
    (
        "a study that is opened again",
        |l| {
            let act = l[0].act.clone();
            append(l, 0, act);
        },
        "the study is opened once, first",
    ),
    (
        "a design activated late",
        |l| {
            let mut act = l[one(l, |act| matches!(act, Act::DesignActivated { .. }))].act.clone();
            if let Act::DesignActivated { version, .. } = &mut act {
                *version = 2
            }
            append(l, 0, act);
        },
        "designs are in order, and fixed by the first subject",
    ),
];

/// The grants of this role.
fn grants(leaves: &[Leaf], wanted: Role) -> usize {
    let is_wanted = |leaf: &Leaf| matches!(&leaf.act, Act::RoleGranted { role, .. } if *role == wanted);
    leaves.iter().position(is_wanted).expect("such a grant")
}

const RIGHTS: [Meaning; 3] = [
    (
        "an act of somebody who was never granted the role",
        |l| {
            let grant = grants(l, Role::Pharmacist);
            l[grant].act = NOTHING;
        },
        "roles are held when they act",
    ),
    (
        "a role that takes two, granted by one",
        |l| {
            let grant = grants(l, Role::Statistician);
            let proposed = one(l, |act| matches!(act, Act::RoleProposed { role: Role::Statistician, .. }));
            l[grant].actor = l[proposed].actor.clone();
        },
        "roles are held when they act",
    ),
    (
        "an unblinded role for somebody blinded",
        |l| {
            let blinded = l[grants(l, Role::Investigator)].act.clone();
            let grant = grants(l, Role::Statistician);
            let Act::RoleGranted { user: blinded, .. } = blinded else { return };
            if let Act::RoleGranted { user, .. } = &mut l[grant].act {
                *user = blinded
            }
        },
        "roles are held when they act",
    ),
];

#[test]
fn every_history_that_cannot_have_happened_is_found_by_its_own_check_though_it_is_signed() {
    let app = played();
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    for (name, forge, expected) in LISTS.into_iter().chain(SUBJECTS).chain(KITS).chain(RECORDS).chain(RIGHTS)
    {
        let export = forged(&honest, forge);
        let found = failed(&export.write().expect("written"), &[], &given());
        assert!(found.contains(&expected), "{name}: {found:?}");
        assert!(!found.contains(&SIGNED) && !found.contains(&ROOT), "{name}: the bytes are as signed");
    }
}

/// The export with other leaves, signed with the right key.
pub(super) fn forged(honest: &Export, forge: impl FnOnce(&mut Vec<Leaf>)) -> Export {
    let mut leaves: Vec<Leaf> = honest.entries.iter().map(read).collect();
    forge(&mut leaves);
    let write = |leaf: &Leaf| String::from_utf8(canonical(leaf).expect("canonical")).expect("text");
    let mut export = honest.clone();
    export.entries = leaves.iter().map(|leaf| Entry::Leaf(write(leaf))).collect();
    sign_again(&mut export, &key(8));
    export
}

fn read(entry: &Entry) -> Leaf {
    let Entry::Leaf(leaf) = entry else { panic!("a hash") };
    serde_json::from_str(leaf).expect("a record")
}

#[test]
fn two_kits_that_changed_their_subjects_are_found_with_and_without_the_sealed_design() {
    let app = played();
    let honest = open(&app.person("statistician").get(&app.path("/journal/export")).body);
    let leaves: Vec<Leaf> = honest.entries.iter().map(read).collect();
    let allocated = of_kind(&leaves, |act| matches!(act, Act::KitsAllocated { .. }));
    let mut with_sealed = 0;
    let mut without = 0;
    for other in &allocated[1..] {
        let mut leaves = leaves.clone();
        let (first, second) = (leaves[allocated[0]].act.clone(), leaves[*other].act.clone());
        let (Act::KitsAllocated { kits: ours, .. }, Act::KitsAllocated { kits: theirs, .. }) =
            (first, second)
        else {
            panic!("allocations")
        };
        if let Act::KitsAllocated { kits, .. } = &mut leaves[allocated[0]].act {
            *kits = theirs
        }
        if let Act::KitsAllocated { kits, .. } = &mut leaves[*other].act {
            *kits = ours
        }
        let mut export = honest.clone();
        let write =
            |leaf: &Leaf| Entry::Leaf(String::from_utf8(canonical(leaf).expect("canonical")).expect("text"));
        export.entries = leaves.iter().map(write).collect();
        sign_again(&mut export, &key(8));
        let file = export.write().expect("written");
        let found = |given| failed(&file, &[], &given).contains(&"kits are of the arm's type");
        with_sealed += usize::from(found(given()));
        without += usize::from(found(trial::replay::Given::default()));
    }
    // Of the first four positions at most three have one arm, so a swap with at least one of the others shows. Without
    // the sealed design it shows as soon as a third subject has either arm.
    assert!(with_sealed >= 1, "{with_sealed}");
    assert!(without >= 1, "{without}");
}
