//! What a reader may see behind the commitments of an export.

use std::collections::{BTreeMap, BTreeSet};

use journal::{Entry, OpenedTree, Opening};
use serde_json::Value;
use store::rows::{list, opening};
use store::{Conn, Tree};
use trial::view;

use crate::case::Scene;
use crate::failure::{Failure, instrument};
use crate::keys::Kind;

/// The kinds of values that stand behind a commitment of their own and can be opened: never a seed.
const OPENABLE: [Kind; 4] = [Kind::KitType, Kind::Lot, Kind::SealedDesign, Kind::Text];

/// Everything that is opened to one reader.
#[derive(Default)]
pub(super) struct Openings {
    pub(super) values: Vec<Opening>,
    pub(super) lists: Vec<OpenedTree>,
}

impl Openings {
    /// Finds what the reader may see of what the leaves shown commit to.
    ///
    /// Which opening belongs to which leaf is not stored: the commitment says it.
    pub(super) fn find(conn: &mut Conn, scene: &Scene<'_>, held: &Held) -> Result<Self, Failure> {
        let role = scene.authority.role;
        let fields: Vec<&str> = held.fields().into_iter().filter(|field| view::opens(role, field)).collect();
        let values = if fields.is_empty() { Vec::new() } else { values(conn, scene, held, &fields)? };
        let lists = if view::opens_lists(role) { lists(conn, scene, held)? } else { Vec::new() };
        Ok(Self { values, lists })
    }
}

fn values(conn: &mut Conn, scene: &Scene<'_>, held: &Held, fields: &[&str]) -> Result<Vec<Opening>, Failure> {
    let mut values = Vec::new();
    for kind in OPENABLE {
        let rows = opening::of_kind(conn, &Tree::Study(scene.study.clone()), &kind.to_string())?;
        for row in rows {
            let opened = scene.vault.open_row(kind, &row)?;
            let found = fields.iter().find_map(|field| {
                let commitment = scene.vault.commitment(field, &opened);
                let leaf = held.leaf(&commitment.to_string(), field)?;
                let (field, value) = ((*field).to_owned(), opened.value.to_vec());
                Some(Opening { leaf, commitment, field, salt: *opened.salt, value })
            });
            values.extend(found);
        }
    }
    Ok(values)
}

/// Every position of every list with its salt and its arm, as its list's root commits to them.
fn lists(conn: &mut Conn, scene: &Scene<'_>, held: &Held) -> Result<Vec<OpenedTree>, Failure> {
    let mut lists = Vec::new();
    for row in list::all(conn, &scene.study)? {
        let Some(leaf) = held.leaf(&row.root.to_string(), "root") else { continue };
        let mut leaves = Vec::new();
        for place in list::contents(conn, &row.id)? {
            let opened = scene.vault.open_row(Kind::Arm, &place.arm)?;
            let arm = opened.value.first().copied().unwrap_or(u8::MAX);
            let arm = terms::Arm::new(arm);
            leaves
                .push(allocator::commitment_leaf(&opened.salt, place.stratum, place.position, arm).to_vec());
        }
        lists.push(OpenedTree { leaf, root: row.root, leaves });
    }
    Ok(lists)
}

/// Every text of the leaves shown that has the form of a commitment or root, under the name of each field in which it
/// stands, with its leaf.
#[derive(Default)]
pub(super) struct Held(BTreeMap<(String, String), u64>);

impl Held {
    /// Adds what stands in these entries, the first of which has the index `from`.
    pub(super) fn add(&mut self, from: u64, entries: &[Entry]) -> Result<(), Failure> {
        for (index, entry) in (from..).zip(entries) {
            if let Entry::Leaf(leaf) = entry {
                self.collect(index, "", serde_json::from_str(leaf).map_err(instrument)?);
            }
        }
        Ok(())
    }

    fn collect(&mut self, index: u64, field: &str, value: Value) {
        match value {
            Value::String(text) if text.len() == 64 => {
                self.0.insert((field.to_owned(), text), index);
            }
            Value::Array(items) => items.into_iter().for_each(|item| self.collect(index, field, item)),
            Value::Object(fields) => {
                fields.into_iter().for_each(|(field, value)| self.collect(index, &field, value));
            }
            _ => {}
        }
    }

    fn fields(&self) -> BTreeSet<&str> {
        self.0.keys().map(|(field, _)| field.as_str()).collect()
    }

    /// The leaf that holds the text in a field of this name.
    fn leaf(&self, text: &str, field: &str) -> Option<u64> {
        self.0.get(&(field.to_owned(), text.to_owned())).copied()
    }
}
