//! The journal itself: its leaves as they are stored, the hashes that follow from them, its head and its checkpoints.

use std::collections::BTreeMap;

use journal::{Checkpoint, Frontier, Hash, canonical, leaf_hash};
use store::rows::leaf;
use store::{Conn, Tree};
use trial::act;
use trial::rebuild::{Cell, Replayed, Rows, replay};
use trial::view;

use crate::failure::Failure;

/// The tables of the journal itself, which need no replay to be judged.
pub(super) const OWN_TABLES: [&str; 3] = ["journal_leaf", "tree_head", "checkpoint"];

/// How many leaves are read at a time.
const BATCH: u32 = 1_000;

/// The leaves of a tree, by the index under which each is stored.
pub(super) struct Leaves(BTreeMap<u64, Vec<u8>>);

impl Leaves {
    pub(super) fn read(conn: &mut Conn, tree: &Tree) -> Result<Self, Failure> {
        let mut leaves = BTreeMap::new();
        let mut from = 0;
        loop {
            let page = leaf::page(conn, tree, from, BATCH)?;
            let Some(last) = page.last() else { return Ok(Self(leaves)) };
            from = last.index.saturating_add(1);
            leaves.extend(page.into_iter().map(|leaf| (leaf.index, leaf.canonical)));
        }
    }

    /// What the leaves give; why they give nothing.
    pub(super) fn replay(&self) -> Result<Replayed, String> {
        let read = |(index, bytes): (&u64, &Vec<u8>)| {
            read(*index, bytes).ok_or_else(|| format!("leaf {index} is no record of this version"))
        };
        let leaves = self.0.iter().map(read).collect::<Result<Vec<_>, String>>()?;
        replay(&leaves).map_err(|stuck| stuck.to_string())
    }

    /// Adds the rows that the journal's own tables must have: hashes and times out of the leaves' bytes, the head out
    /// of the hashes, and the text of every checkpoint that was kept.
    pub(super) fn add_rows(&self, tree: &Tree, stored: &Rows, expected: &mut Rows) {
        let sizes: Vec<u64> = keys(stored, "checkpoint");
        let last = self.0.keys().next_back().map_or(0, |last| last.saturating_add(1));
        // The head tells of leaves that were cut off; a number that somebody made up must not make this run for ever.
        let known = last
            .max(head_size(tree, stored))
            .min(u64::try_from(self.0.len()).unwrap_or(u64::MAX).saturating_mul(2));
        let mut frontier = Frontier::empty();
        for index in 0..known {
            let (hash, saved) = self.row(index);
            expected.add("journal_leaf", [&index], [("leaf_hash", Cell::of(hash)), ("saved_at", saved)]);
            frontier.append(hash);
            if sizes.contains(&frontier.size()) {
                let text = note(tree, &frontier);
                expected.add("checkpoint", [&frontier.size()], [("note", Cell::Plain(text))]);
            }
        }
        let columns =
            [("size", Cell::of(frontier.size())), ("frontier", Cell::of(hex(&frontier.to_bytes())))];
        expected.add("tree_head", [tree], columns);
    }

    /// The hash and the time of the leaf at an index; where there is none, what nothing is equal to.
    fn row(&self, index: u64) -> (Hash, Cell) {
        let Some(bytes) = self.0.get(&index) else { return (journal::empty_root(), Cell::Empty) };
        let saved = read(index, bytes).map_or(Cell::Empty, |leaf| Cell::of(leaf.saved));
        (leaf_hash(bytes), saved)
    }
}

/// A record in its one spelling, at its own index.
fn read(index: u64, bytes: &[u8]) -> Option<act::Leaf> {
    let leaf: act::Leaf = serde_json::from_slice(bytes).ok()?;
    let spelled = canonical(&leaf).ok()?;
    Some(leaf).filter(|leaf| leaf.index == index && spelled == bytes)
}

fn note(tree: &Tree, frontier: &Frontier) -> String {
    let origin = match tree {
        Tree::Study(study) => view::origin(study),
        Tree::Installation => tree.to_string(),
    };
    Checkpoint::new(&origin, frontier.head()).text()
}

fn head_size(tree: &Tree, stored: &Rows) -> u64 {
    let head = stored.table("tree_head").and_then(|heads| heads.get(&tree.to_string()));
    match head.and_then(|head| head.get("size")) {
        Some(Cell::Plain(size)) => size.parse().unwrap_or_default(),
        _ => 0,
    }
}

fn keys(rows: &Rows, table: &str) -> Vec<u64> {
    rows.table(table).into_iter().flatten().filter_map(|(key, _)| key.parse().ok()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
