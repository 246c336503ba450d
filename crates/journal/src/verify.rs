//! What a stranger checks: an export, checkpoints received by other ways, and keys known from elsewhere. No
//! database, no network, no clock.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::canonical::is_canonical;
use crate::checkpoint::Checkpoint;
use crate::commitment::commit;
use crate::export::{Entry, Export, OpenedTree, Opening};
use crate::frontier::Frontier;
use crate::hash::{Hash, leaf_hash};
use crate::note::{BadNote, VerifyingKey};
use crate::tree::root;

/// One check and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked; a name does not change between versions of the format.
    pub name: &'static str,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold; the first place where it does not.
    Failed(String),
    /// This view, or what was given with it, cannot show whether it holds; what is missing.
    NotCheckable(String),
}

use Outcome::{Failed, NotCheckable, Passed};

/// Reads and checks a file: [`verify`] after the check that the file is a well-formed export. A file that is
/// not has only that one check, failed, with its line; nothing else about it can be said.
pub fn verify_text(file: &str, mailed: &[String], trusted: &[VerifyingKey]) -> Vec<Check> {
    match Export::parse(file) {
        Err(bad) => vec![Check { name: "file is well formed", outcome: Failed(bad.to_string()) }],
        Ok(export) => {
            let mut checks = vec![Check { name: "file is well formed", outcome: Passed }];
            checks.extend(verify(&export, mailed, trusted));
            checks
        }
    }
}

/// Checks an export. Every check is listed every time, in the same order.
///
/// `mailed` are checkpoints that came by another way than this file; only they can show that the newest
/// leaves were cut off, since an older export is a true one. `trusted` are keys known from elsewhere to be
/// those of the signer; the keys in the file prove nothing about who signed, so without a trusted key no
/// signature check can pass.
pub fn verify(export: &Export, mailed: &[String], trusted: &[VerifyingKey]) -> Vec<Check> {
    let keys = if trusted.is_empty() { &export.keys } else { trusted };
    let own = Notes::read("checkpoint", &export.checkpoints, keys);
    let mailed = Notes::read("mailed checkpoint", mailed, keys);
    let roots =
        roots(export, own.checkpoints().chain(mailed.checkpoints()).map(|checkpoint| checkpoint.size));
    let by_whom = |outcome: Outcome| match outcome {
        Passed if trusted.is_empty() => NotCheckable("no trusted key was given".to_owned()),
        outcome => outcome,
    };
    let checks = [
        ("leaves are canonical", leaves_are_canonical(export)),
        ("leaves are gapless", leaves_are_gapless(export)),
        ("root is that of the leaves", root_is_recomputed(export, &roots)),
        ("every commitment opened is in its leaf", openings_are_true(export)),
        ("every tree opened is in its leaf", trees_are_true(export)),
        ("checkpoints are signed", by_whom(own.are_signed())),
        ("checkpoints are prefixes", own.are_prefixes(export, &roots)),
        ("export is signed whole", by_whom(own.cover(export))),
        ("mailed checkpoints are signed", by_whom(mailed.are_signed())),
        ("mailed checkpoints are prefixes", mailed.are_prefixes(export, &roots)),
    ];
    checks.into_iter().map(|(name, outcome)| Check { name, outcome }).collect()
}

fn leaves_are_canonical(export: &Export) -> Outcome {
    let leaf = |entry: &Entry| matches!(entry, Entry::Leaf(_));
    if !export.entries.is_empty() && !export.entries.iter().any(leaf) {
        return NotCheckable("this view shows no leaf".to_owned());
    }
    let bad = export.entries.iter().position(|entry| match entry {
        Entry::Leaf(leaf) => !is_canonical(leaf.as_bytes()),
        Entry::Hash(_) => false,
    });
    bad.map_or(Passed, |index| Failed(format!("leaf {index} is not canonical JSON")))
}

fn leaves_are_gapless(export: &Export) -> Outcome {
    let (held, said) = (export.entries.len(), export.size);
    let same = u64::try_from(held) == Ok(said);
    if same { Passed } else { Failed(format!("{held} leaves are given, and the header says {said}")) }
}

fn root_is_recomputed(export: &Export, roots: &BTreeMap<u64, Hash>) -> Outcome {
    match roots.get(&export.size) {
        Some(root) if *root == export.root => Passed,
        Some(root) => Failed(format!("the leaves give {root}, and the header says {}", export.root)),
        None => Failed("there are fewer leaves than the header says".to_owned()),
    }
}

/// The root of the first `size` leaves, for every size asked for that the export reaches, and for its own.
fn roots(export: &Export, sizes: impl Iterator<Item = u64>) -> BTreeMap<u64, Hash> {
    let wanted: BTreeSet<u64> = sizes.chain([export.size]).collect();
    let mut frontier = Frontier::empty();
    let mut roots = BTreeMap::new();
    for entry in export.entries.iter().map(Some).chain([None]) {
        if wanted.contains(&frontier.size()) {
            roots.insert(frontier.size(), frontier.root());
        }
        entry.iter().for_each(|entry| frontier.append(entry.hash()));
    }
    roots
}

fn openings_are_true(export: &Export) -> Outcome {
    if export.openings.is_empty() {
        return NotCheckable("this view opens no commitment".to_owned());
    }
    let wrong =
        export.openings.iter().find_map(|opening| wrong_opening(export, opening).map(|why| (opening, why)));
    wrong
        .map_or(Passed, |(opening, why)| Failed(format!("{} of leaf {}: {why}", opening.field, opening.leaf)))
}

fn wrong_opening(export: &Export, opening: &Opening) -> Option<&'static str> {
    if commit(&opening.field, &opening.salt, &opening.value) != opening.commitment {
        return Some("field, salt and value give another commitment");
    }
    match leaf_holds(export, opening.leaf, &opening.commitment.to_string()) {
        None => Some("this view does not show the leaf"),
        Some(false) => Some("the leaf does not hold the commitment"),
        Some(true) => None,
    }
}

fn trees_are_true(export: &Export) -> Outcome {
    if export.trees.is_empty() {
        return NotCheckable("this view opens no tree".to_owned());
    }
    let wrong = export.trees.iter().find_map(|tree| wrong_tree(export, tree).map(|why| (tree.leaf, why)));
    wrong.map_or(Passed, |(leaf, why)| Failed(format!("the tree of leaf {leaf}: {why}")))
}

fn wrong_tree(export: &Export, tree: &OpenedTree) -> Option<&'static str> {
    let hashes: Vec<Hash> = tree.leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    if root(&hashes) != tree.root {
        return Some("its leaves give another root");
    }
    match leaf_holds(export, tree.leaf, &tree.root.to_string()) {
        None => Some("this view does not show the leaf"),
        Some(false) => Some("the leaf does not hold the root"),
        Some(true) => None,
    }
}

/// Whether the leaf holds the text as a value of its own; `None` when this view does not show the leaf.
fn leaf_holds(export: &Export, leaf: u64, text: &str) -> Option<bool> {
    let entry = usize::try_from(leaf).ok().and_then(|index| export.entries.get(index));
    let Some(Entry::Leaf(leaf)) = entry else { return None };
    let record: Value = serde_json::from_str(leaf).unwrap_or_default();
    Some(holds(&record, text))
}

/// Whether the text stands in the record as a value of its own.
fn holds(record: &Value, text: &str) -> bool {
    match record {
        Value::String(value) => value == text,
        Value::Array(items) => items.iter().any(|item| holds(item, text)),
        Value::Object(fields) => fields.values().any(|field| holds(field, text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Checkpoints of one source, and whether they are to be believed.
struct Notes {
    word: &'static str,
    read: Vec<Result<Checkpoint, BadNote>>,
}

impl Notes {
    fn read(word: &'static str, notes: &[String], keys: &[VerifyingKey]) -> Self {
        Self { word, read: notes.iter().map(|note| Checkpoint::parse_and_verify(note, keys)).collect() }
    }

    fn checkpoints(&self) -> impl Iterator<Item = &Checkpoint> {
        self.read.iter().flatten()
    }

    fn are_signed(&self) -> Outcome {
        let bad =
            (1..).zip(&self.read).find_map(|(number, note)| note.as_ref().err().map(|bad| (number, bad)));
        match bad {
            Some((number, bad)) => Failed(format!("{} {number}: {bad}", self.word)),
            None if self.read.is_empty() => NotCheckable(format!("no {} was given", self.word)),
            None => Passed,
        }
    }

    /// Only what is signed is compared: the others have failed already, and say nothing.
    fn are_prefixes(&self, export: &Export, roots: &BTreeMap<u64, Hash>) -> Outcome {
        let wrong = (1..).zip(&self.read).find_map(|(number, note)| {
            let why = not_a_prefix(note.as_ref().ok()?, export, roots)?;
            Some(Failed(format!("{} {number}: {why}", self.word)))
        });
        match wrong {
            Some(failed) => failed,
            None if self.checkpoints().next().is_none() => NotCheckable(format!("no signed {}", self.word)),
            None => Passed,
        }
    }

    /// An export without a checkpoint of its full size could have lost or gained leaves since it was signed.
    fn cover(&self, export: &Export) -> Outcome {
        let whole = |checkpoint: &Checkpoint| {
            (&checkpoint.origin, checkpoint.size, checkpoint.root)
                == (&export.origin, export.size, export.root)
        };
        let covered = self.checkpoints().any(whole);
        if covered {
            Passed
        } else {
            Failed(format!("no signed checkpoint covers all {} leaves", export.size))
        }
    }
}

fn not_a_prefix(checkpoint: &Checkpoint, export: &Export, roots: &BTreeMap<u64, Hash>) -> Option<String> {
    if checkpoint.origin != export.origin {
        return Some(format!("it is of {}, and the export of {}", checkpoint.origin, export.origin));
    }
    match roots.get(&checkpoint.size) {
        None => Some(format!("it is of {} leaves, and the export holds fewer", checkpoint.size)),
        Some(root) if *root != checkpoint.root => {
            Some(format!("the first {} leaves are others", checkpoint.size))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests;
