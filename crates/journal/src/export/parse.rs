//! Reading an export, strictly: one spelling, one order, nothing missing and nothing twice.

use std::collections::BTreeSet;

use base64ct::{Base64, Encoding};

use super::{Entry, Export, FORMAT, Line, OpenedTree, Opening, OpeningLine, TreeLine};
use crate::canonical::canonical;

/// The file is not an export, and where it first is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadExport {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

impl Export {
    /// Reads a file.
    ///
    /// # Errors
    /// At the first line that is not canonical JSON, is of an unknown kind, has unknown or missing fields, or
    /// is out of order; also when a leaf is missing or given twice, and when the last line does not end.
    pub fn parse(file: &str) -> Result<Self, BadExport> {
        let mut lines = (1..).zip(file.split_inclusive('\n'));
        let at = |line: usize| move |why: String| BadExport { line, why };
        let (number, first) = lines.next().unwrap_or((1, ""));
        let mut export = read(first).and_then(header).map_err(at(number))?;
        let mut last = number;
        for (number, line) in lines {
            read(line).and_then(|line| export.take(line)).map_err(at(number))?;
            last = number;
        }
        export.complete().map_err(at(last + 1))?;
        Ok(export)
    }

    /// Takes the next line, if it may stand here.
    fn take(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Header { .. } => Err("a second header".to_owned()),
            Line::Leaf { index, leaf } => self.take_entry(index, Entry::Leaf(leaf)),
            Line::Hash { index, hash } => self.take_entry(index, Entry::Hash(hash)),
            Line::Opening { opening } => {
                self.complete()?;
                if !self.checkpoints.is_empty() {
                    return Err("an opening after the checkpoints".to_owned());
                }
                if !self.trees.is_empty() {
                    return Err("an opening after the trees".to_owned());
                }
                self.take_opening(opening)
            }
            Line::Tree { tree } => {
                self.complete()?;
                if !self.checkpoints.is_empty() {
                    return Err("a tree after the checkpoints".to_owned());
                }
                self.take_tree(tree)
            }
            Line::Checkpoint { checkpoint } => {
                self.complete()?;
                self.checkpoints.push(checkpoint);
                Ok(())
            }
        }
    }

    fn take_entry(&mut self, index: u64, entry: Entry) -> Result<(), String> {
        let next = self.next_index();
        if next == self.size {
            return Err(format!("leaf {index} after all {next} leaves of the header"));
        }
        if index != next {
            return Err(format!("leaf {index} where leaf {next} belongs"));
        }
        self.entries.push(entry);
        Ok(())
    }

    fn take_opening(&mut self, line: OpeningLine) -> Result<(), String> {
        let OpeningLine { leaf, commitment, field, salt, value } = line;
        if leaf >= self.size {
            return Err(format!("an opening of leaf {leaf}, which does not exist"));
        }
        let order = self.openings.last().is_none_or(|last| (last.leaf, last.commitment) < (leaf, commitment));
        if !order {
            return Err("openings not in order of leaf and commitment".to_owned());
        }
        let value = decode(&value).ok_or("an opening's value is not base64")?;
        self.openings.push(Opening { leaf, commitment, field, salt: *salt.bytes(), value });
        Ok(())
    }

    fn take_tree(&mut self, line: TreeLine) -> Result<(), String> {
        let TreeLine { leaf, root, leaves } = line;
        if leaf >= self.size {
            return Err(format!("a tree of leaf {leaf}, which does not exist"));
        }
        if self.trees.last().is_some_and(|last| (last.leaf, last.root) >= (leaf, root)) {
            return Err("trees not in order of leaf and root".to_owned());
        }
        let leaves: Option<_> = leaves.iter().map(|leaf| decode(leaf)).collect();
        let leaves = leaves.ok_or("a leaf of a tree is not base64")?;
        self.trees.push(OpenedTree { leaf, root, leaves });
        Ok(())
    }

    fn complete(&self) -> Result<(), String> {
        let next = self.next_index();
        if next == self.size { Ok(()) } else { Err(format!("leaf {next} of {} is missing", self.size)) }
    }

    fn next_index(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
    }
}

/// The bytes behind a text in base64, which must be their one spelling.
fn decode(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok().filter(|bytes| Base64::encode_string(bytes) == text)
}

/// One line, which must be spelled as this program would spell it.
fn read(line: &str) -> Result<Line, String> {
    let line = line.strip_suffix('\n').ok_or("the line does not end with a newline")?;
    let parsed: Line = serde_json::from_str(line)
        .map_err(|error| format!("neither header, leaf, hash, opening, tree nor checkpoint ({error})"))?;
    let spelled = canonical(&parsed).map_err(|error| error.to_string())?;
    if spelled == line.as_bytes() { Ok(parsed) } else { Err("not canonical JSON".to_owned()) }
}

fn header(line: Line) -> Result<Export, String> {
    let Line::Header { format, keys, origin, root, size, view } = line else {
        return Err("the header must come first".to_owned());
    };
    if format != FORMAT {
        return Err(format!("the format is not {FORMAT}"));
    }
    if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
        return Err("a key is given twice".to_owned());
    }
    let keys: Result<_, _> = keys.iter().map(|key| key.parse()).collect();
    let keys = keys.map_err(|error: crate::BadKey| error.to_string())?;
    let (entries, openings, trees, checkpoints) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    Ok(Export { origin, size, root, view, keys, entries, openings, trees, checkpoints })
}
