use super::{Outcome, verify, verify_text};
use crate::{
    Checkpoint, Entry, Export, Hash, Head, OpenedTree, Opening, SigningKey, VerifyingKey, canonical, commit,
    leaf_hash, root,
};

const ORIGIN: &str = "iwrs.example/study";

/// An export with what a reader checks it against.
struct Case {
    export: Export,
    mailed: Vec<String>,
    trusted: Vec<VerifyingKey>,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed("iwrs.example", [seed; 32]).expect("a key")
}

fn hashes(entries: &[Entry]) -> Vec<Hash> {
    entries.iter().map(Entry::hash).collect()
}

fn note(key: &SigningKey, origin: &str, entries: &[Entry]) -> String {
    let head = Head { size: u64::try_from(entries.len()).expect("small"), root: root(&hashes(entries)) };
    key.sign_extension(None, &[], &Checkpoint::new(origin, head)).expect("signed").into()
}

fn leaf(index: u8, commitment: &str) -> Entry {
    let record = serde_json::json!({"index": index, "act": "act", "committed": {"arm": [commitment]}});
    Entry::Leaf(String::from_utf8(canonical(&record).expect("canonical")).expect("UTF-8"))
}

fn opening(index: u8) -> Opening {
    let (salt, value) = ([index; 32], vec![b'A' + index]);
    Opening { leaf: index.into(), commitment: commit("arm", &salt, &value), field: "arm".into(), salt, value }
}

/// A tree of three leaves, whose root stands in the leaf that is made with it as its commitment.
fn tree(index: u8) -> OpenedTree {
    let leaves: Vec<Vec<u8>> = (0..3).map(|n| vec![index, n]).collect();
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    OpenedTree { leaf: index.into(), root: root(&hashes), leaves }
}

/// Seven leaves, of which the third is shown as a hash; the openings of two, and the tree of the
/// second; checkpoints at 4 and 7, mailed at 5.
fn honest() -> Case {
    let mut entries: Vec<Entry> = (0..7).map(|n| leaf(n, &opening(n).commitment.to_string())).collect();
    entries[1] = leaf(1, &tree(1).root.to_string());
    entries[2] = Entry::Hash(entries[2].hash());
    let head = Head { size: 7, root: root(&hashes(&entries)) };
    let export = Export {
        origin: ORIGIN.into(),
        size: head.size,
        root: head.root,
        view: "auditor".into(),
        keys: vec![key(1).verifying_key().clone()],
        openings: vec![opening(3), opening(5)],
        trees: vec![tree(1)],
        checkpoints: vec![note(&key(1), ORIGIN, &entries[..4]), note(&key(1), ORIGIN, &entries)],
        entries,
    };
    let mailed = vec![note(&key(1), ORIGIN, &export.entries[..5])];
    Case { export, mailed, trusted: vec![key(1).verifying_key().clone()] }
}

impl Case {
    /// What a forger can do who may write the file but holds another key: the header says what the entries
    /// are.
    fn fit_header(&mut self) {
        self.export.size = u64::try_from(self.export.entries.len()).expect("small");
        self.export.root = root(&hashes(&self.export.entries));
    }

    fn sign_again(&mut self, seed: u8) {
        self.fit_header();
        self.export.checkpoints = vec![note(&key(seed), ORIGIN, &self.export.entries)];
    }

    fn failed(&self) -> Vec<&'static str> {
        let checks = verify(&self.export, &self.mailed, &self.trusted);
        let failed = checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed(_)));
        failed.map(|check| check.name).collect()
    }

    fn not_checkable(&self) -> Vec<&'static str> {
        let checks = verify(&self.export, &self.mailed, &self.trusted);
        let open = checks.iter().filter(|check| matches!(check.outcome, Outcome::NotCheckable(_)));
        open.map(|check| check.name).collect()
    }
}

const CANONICAL: &str = "leaves are canonical";
const GAPLESS: &str = "leaves are gapless";
const ROOT: &str = "root is that of the leaves";
const OPENED: &str = "every commitment opened is in its leaf";
const TREES: &str = "every tree opened is in its leaf";
const SIGNED: &str = "checkpoints are signed";
const PREFIXES: &str = "checkpoints are prefixes";
const WHOLE: &str = "export is signed whole";
const MAILED_SIGNED: &str = "mailed checkpoints are signed";
const MAILED_PREFIXES: &str = "mailed checkpoints are prefixes";

#[test]
fn an_honest_export_passes_every_check() {
    let case = honest();
    assert_eq!((case.failed(), case.not_checkable()), (vec![], vec![]));
    let file = case.export.write().expect("written");
    let checks = verify_text(&file, &case.mailed, &case.trusted);
    assert_eq!(checks.len(), 11);
    assert!(checks.iter().all(|check| check.outcome == Outcome::Passed), "{checks:?}");
}

type Forge = fn(&mut Case);

const FORGERIES: [(&str, Forge, &[&str]); 27] = [
    ("change a leaf", |c| c.export.entries[4] = leaf(9, "x"), &[ROOT, PREFIXES, MAILED_PREFIXES]),
    ("change an early leaf", |c| c.export.entries[0] = leaf(9, "x"), &[ROOT, PREFIXES, MAILED_PREFIXES]),
    (
        "change a hash",
        |c| c.export.entries[2] = Entry::Hash(leaf_hash(b"")),
        &[ROOT, PREFIXES, MAILED_PREFIXES],
    ),
    (
        "spell a leaf otherwise",
        |c| c.export.entries[6] = Entry::Leaf("{ }".into()),
        &[CANONICAL, ROOT, PREFIXES],
    ),
    ("drop the last leaf", |c| drop(c.export.entries.pop()), &[GAPLESS, ROOT, PREFIXES]),
    (
        "drop a leaf",
        |c| drop(c.export.entries.remove(1)),
        &[GAPLESS, ROOT, OPENED, TREES, PREFIXES, MAILED_PREFIXES],
    ),
    ("swap leaves", |c| c.export.entries.swap(0, 1), &[ROOT, TREES, PREFIXES, MAILED_PREFIXES]),
    ("append", |c| c.export.entries.push(leaf(7, "x")), &[GAPLESS]),
    (
        "change a leaf, fit the header",
        |c| (c.export.entries[6] = leaf(9, "x"), c.fit_header()).1,
        &[PREFIXES, WHOLE],
    ),
    ("drop, fit the header", |c| (c.export.entries.pop(), c.fit_header()).1, &[PREFIXES, WHOLE]),
    ("append, fit the header", |c| (c.export.entries.push(leaf(7, "x")), c.fit_header()).1, &[WHOLE]),
    ("sign again with another key", |c| c.sign_again(2), &[SIGNED, WHOLE]),
    (
        "sign again, and name the other key in the header",
        |c| {
            c.export.keys = vec![key(2).verifying_key().clone()];
            c.sign_again(2);
        },
        &[SIGNED, WHOLE],
    ),
    // Whoever holds the right key can rewrite, but not what was mailed before.
    (
        "rewrite with the right key",
        |c| (c.export.entries[4] = leaf(9, "x"), c.sign_again(1)).1,
        &[MAILED_PREFIXES],
    ),
    (
        "truncate with the right key",
        |c| (c.export.entries.truncate(4), c.export.openings.pop(), c.sign_again(1)).2,
        &[MAILED_PREFIXES],
    ),
    ("no checkpoint", |c| c.export.checkpoints.clear(), &[WHOLE]),
    ("no checkpoint of the full size", |c| drop(c.export.checkpoints.pop()), &[WHOLE]),
    (
        "the checkpoint of another tree",
        |c| c.export.checkpoints[1] = note(&key(1), "other", &c.export.entries),
        &[PREFIXES, WHOLE],
    ),
    ("another origin", |c| c.export.origin = "other".into(), &[PREFIXES, WHOLE, MAILED_PREFIXES]),
    (
        "forge a mailed checkpoint",
        |c| c.mailed = vec![note(&key(2), ORIGIN, &c.export.entries)],
        &[MAILED_SIGNED],
    ),
    ("open another value", |c| c.export.openings[0].value = b"Z".to_vec(), &[OPENED]),
    (
        "open with another commitment",
        |c| {
            let Opening { field, salt, .. } = &c.export.openings[0];
            c.export.openings[0].commitment = commit(field, salt, b"Z");
            c.export.openings[0].value = b"Z".to_vec();
        },
        &[OPENED],
    ),
    ("open in another leaf", |c| c.export.openings[0].leaf = 4, &[OPENED]),
    ("change a leaf of a tree", |c| c.export.trees[0].leaves[1] = b"Z".to_vec(), &[TREES]),
    ("swap leaves of a tree", |c| c.export.trees[0].leaves.swap(0, 2), &[TREES]),
    ("open another tree", |c| c.export.trees[0] = OpenedTree { leaf: 1, ..tree(9) }, &[TREES]),
    ("open a tree of a leaf that is not shown", |c| c.export.trees[0].leaf = 2, &[TREES]),
];

// AUD-05: mutate, drop, swap, truncate, sign again.
#[test]
fn every_forgery_is_found_by_the_check_that_is_there_for_it() {
    for (name, forge, expected) in FORGERIES {
        let mut case = honest();
        forge(&mut case);
        assert_eq!(case.failed(), expected, "{name}");
    }
}

#[test]
fn what_is_not_given_is_said_to_be_missing() {
    type Take = fn(&mut Case);
    let table: [(&str, Take, &[&str], &[&str]); 6] = [
        ("no trusted key", |c| c.trusted.clear(), &[], &[SIGNED, WHOLE, MAILED_SIGNED]),
        (
            "no trusted key, and not even the file's own",
            |c| {
                c.trusted.clear();
                c.sign_again(2);
            },
            &[SIGNED, WHOLE],
            &[PREFIXES, MAILED_SIGNED],
        ),
        ("no mailed checkpoint", |c| c.mailed.clear(), &[], &[MAILED_SIGNED, MAILED_PREFIXES]),
        ("no opening", |c| c.export.openings.clear(), &[], &[OPENED]),
        ("no tree", |c| c.export.trees.clear(), &[], &[TREES]),
        (
            "no leaf",
            |c| {
                c.export.openings.clear();
                c.export.trees.clear();
                c.export.entries = hashes(&c.export.entries).into_iter().map(Entry::Hash).collect();
            },
            &[],
            &[CANONICAL, OPENED, TREES],
        ),
    ];
    for (name, take, failed, not_checkable) in table {
        let mut case = honest();
        take(&mut case);
        assert_eq!(
            (case.failed().as_slice(), case.not_checkable().as_slice()),
            (failed, not_checkable),
            "{name}"
        );
    }
}

#[test]
fn an_opening_of_a_leaf_that_is_not_shown_fails() {
    let mut case = honest();
    for beyond_the_view in [opening(2), Opening { leaf: 7, ..opening(0) }] {
        case.export.openings = vec![beyond_the_view];
        assert_eq!(case.failed(), [OPENED]);
    }
}

#[test]
fn a_flipped_bit_anywhere_in_the_file_is_found() {
    let case = honest();
    let file = case.export.write().expect("written");
    // Whose view it is, is not signed: it changes nothing of what is shown.
    let view = file.find("auditor").expect("the view");
    for at in (0..file.len()).filter(|at| !(view..view + "auditor".len()).contains(at)) {
        let mut bytes = file.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(flipped) = String::from_utf8(bytes) else { continue };
        let checks = verify_text(&flipped, &case.mailed, &case.trusted);
        assert!(
            checks.iter().any(|check| matches!(check.outcome, Outcome::Failed(_))),
            "byte {at}: {flipped}"
        );
    }
}

#[test]
fn an_empty_tree_can_be_exported_and_checked() {
    let mut case = honest();
    (case.export.entries, case.export.openings, case.mailed) = (vec![], vec![], vec![]);
    case.export.trees.clear();
    case.sign_again(1);
    assert_eq!(case.failed(), [""; 0]);
    assert_eq!(case.not_checkable(), [OPENED, TREES, MAILED_SIGNED, MAILED_PREFIXES]);
}
