//! The export: one reader's view of a whole tree, as a file of JSON lines that can be checked without us.
//!
//! Every line is canonical JSON, so one export has one spelling and a reader cannot be shown two meanings.

mod parse;

use serde::{Deserialize, Serialize};

use crate::canonical::{NotCanonical, canonical};
use crate::commitment::Commitment;
use crate::hash::{Hash, leaf_hash};
use crate::note::VerifyingKey;

pub use parse::BadExport;

/// The name of the format, in the first line of every export.
pub const FORMAT: &str = "iwrs-export-1";

/// One reader's view of one tree. It may hold opened values and has no `Debug` for that reason.
#[derive(Clone, PartialEq, Eq)]
pub struct Export {
    /// Which tree: the origin of its checkpoints.
    pub origin: String,
    /// The number of leaves that the tree had; at most 2^53 - 1.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Whose view it is, in words of the one who made it.
    pub view: String,
    /// The keys that sign this tree, as the file says. Who they belong to must be known from elsewhere.
    pub keys: Vec<VerifyingKey>,
    /// Every leaf in order of its index, or its hash.
    pub entries: Vec<Entry>,
    /// The committed values that this reader may see.
    pub openings: Vec<Opening>,
    /// The small trees, of which a leaf holds only the root, that this reader may see.
    pub trees: Vec<OpenedTree>,
    /// Signed notes.
    pub checkpoints: Vec<String>,
}

/// What an export shows of one leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The leaf: the very bytes that were hashed.
    Leaf(String),
    /// Only its hash, since this reader may not see it.
    Hash(Hash),
}

/// What a commitment in a leaf stands for.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    /// The index of the leaf that holds the commitment.
    pub leaf: u64,
    /// The commitment.
    pub commitment: Commitment,
    /// The name of the committed field.
    pub field: String,
    /// The salt it was committed with.
    pub salt: [u8; 32],
    /// The committed value.
    pub value: Vec<u8>,
}

/// What a root in a leaf stands for, when many values are committed by one root.
#[derive(Clone, PartialEq, Eq)]
pub struct OpenedTree {
    /// The index of the leaf of the journal that holds the root.
    pub leaf: u64,
    /// The root.
    pub root: Hash,
    /// All leaves of the small tree, in order.
    pub leaves: Vec<Vec<u8>>,
}

impl Entry {
    /// The hash of the leaf.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Leaf(leaf) => leaf_hash(leaf.as_bytes()),
            Self::Hash(hash) => *hash,
        }
    }
}

impl Export {
    /// The file: header, entries, openings, trees and checkpoints, each on a line that ends with a newline. It can be
    /// written in pieces as well: [`Export::header`], the entries in order by [`Export::lines`], [`Export::rest`].
    ///
    /// # Errors
    /// When the size or an index is above 2^53 - 1.
    pub fn write(&self) -> Result<String, NotCanonical> {
        Ok([self.header()?, Self::lines(0, &self.entries)?, self.rest()?].concat())
    }

    /// What comes before the entries.
    ///
    /// # Errors
    /// When the size is above 2^53 - 1.
    pub fn header(&self) -> Result<String, NotCanonical> {
        let header = Line::Header {
            format: FORMAT.to_owned(),
            keys: self.keys.iter().map(ToString::to_string).collect(),
            origin: self.origin.clone(),
            root: self.root,
            size: self.size,
            view: self.view.clone(),
        };
        written([header])
    }

    /// Entries that follow each other, the first of which has the index `from`.
    ///
    /// # Errors
    /// When an index is above 2^53 - 1.
    pub fn lines(from: u64, entries: &[Entry]) -> Result<String, NotCanonical> {
        written((from..).zip(entries).map(|(index, entry)| Line::entry(index, entry)))
    }

    /// What comes after the entries. The openings are put in order of leaf and commitment, and the trees in order of
    /// leaf and root, which tells nothing of the order in which they were found.
    ///
    /// # Errors
    /// When an index is above 2^53 - 1.
    pub fn rest(&self) -> Result<String, NotCanonical> {
        let mut openings: Vec<&Opening> = self.openings.iter().collect();
        openings.sort_by_key(|opening| (opening.leaf, opening.commitment));
        openings.dedup_by_key(|opening| (opening.leaf, opening.commitment));
        let openings = openings.into_iter().map(Line::opening);
        let mut trees: Vec<&OpenedTree> = self.trees.iter().collect();
        trees.sort_by_key(|tree| (tree.leaf, tree.root));
        trees.dedup_by_key(|tree| (tree.leaf, tree.root));
        let trees = trees.into_iter().map(Line::tree);
        let checkpoints = self.checkpoints.iter().map(|note| Line::Checkpoint { checkpoint: note.clone() });
        written(openings.chain(trees).chain(checkpoints))
    }
}

fn written(lines: impl IntoIterator<Item = Line>) -> Result<String, NotCanonical> {
    let mut text = String::new();
    for line in lines {
        text.push_str(&String::from_utf8_lossy(&canonical(&line)?));
        text.push('\n');
    }
    Ok(text)
}

/// A line of the file as JSON has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Line {
    Header { format: String, keys: Vec<String>, origin: String, root: Hash, size: u64, view: String },
    Leaf { index: u64, leaf: String },
    Hash { index: u64, hash: Hash },
    Opening { opening: OpeningLine },
    Tree { tree: TreeLine },
    Checkpoint { checkpoint: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpeningLine {
    leaf: u64,
    commitment: Commitment,
    field: String,
    /// 32 bytes in hex, spelled like a hash.
    salt: Hash,
    /// Base64, standard alphabet, with padding.
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TreeLine {
    leaf: u64,
    root: Hash,
    /// Base64, like the values of openings.
    leaves: Vec<String>,
}

impl Line {
    fn entry(index: u64, entry: &Entry) -> Self {
        match entry {
            Entry::Leaf(leaf) => Self::Leaf { index, leaf: leaf.clone() },
            Entry::Hash(hash) => Self::Hash { index, hash: *hash },
        }
    }

    fn opening(opening: &Opening) -> Self {
        let Opening { leaf, commitment, field, salt, value } = opening;
        let value = <base64ct::Base64 as base64ct::Encoding>::encode_string(value);
        let (field, salt) = (field.clone(), Hash::new(*salt));
        Self::Opening { opening: OpeningLine { leaf: *leaf, commitment: *commitment, field, salt, value } }
    }

    fn tree(tree: &OpenedTree) -> Self {
        let encode = |leaf: &Vec<u8>| <base64ct::Base64 as base64ct::Encoding>::encode_string(leaf);
        let leaves = tree.leaves.iter().map(encode).collect();
        Self::Tree { tree: TreeLine { leaf: tree.leaf, root: tree.root, leaves } }
    }
}

#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
