//! The journal replayed into what the rows of the database must be, and the comparison of both.
//!
//! Nothing is opened for it: a sealed value is compared by the commitment that stands for it in a leaf, and what would
//! reveal a treatment is only asked to be there.

mod accountability;
mod alerts;
mod batches;
mod fold;
mod kits;
mod packing;
mod people;
mod shipments;
mod study;
mod subjects;
mod units;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ledger::Kit;
use terms::{KitNumber, ListId, Moment, SubjectId};

use crate::{ListState, SubjectState};

pub use batches::RECALL;
pub use fold::{Stuck, replay};
pub use kits::{DAMAGED_ON_RECEIPT, MISSING_ON_RECEIPT, OUT_OF_DATE};

/// The tables that say how things stand now. They follow from the others, so they alone can be set anew.
pub const PROJECTIONS: [&str; 3] = ["kit_state", "list_state", "subject_state"];

/// The tables whose rows follow from the leaves of a study, in the order in which they are told.
pub const OF_A_STUDY: [&str; 64] = [
    "study",
    "study_secret",
    "study_design",
    "site",
    "role_grant",
    "role_confirmation",
    "role_revocation",
    "hold",
    "hold_release",
    "redaction",
    "redaction_confirmation",
    "allocation_list",
    "list_change",
    "list_state",
    "batch",
    "batch_attribute",
    "packaging_list",
    "packing",
    "sample_check",
    "batch_step",
    "expiry_extension",
    "batch_expiry",
    "batch_recall",
    "lot_statement",
    "lot_recall",
    "lot_recall_kit",
    "label_print",
    "kit",
    "depot",
    "resupply_plan",
    "shipment",
    "shipment_kit",
    "shipment_step",
    "movement",
    "kit_state",
    "kit_count",
    "kit_reconciliation",
    "kit_reconciliation_kit",
    "kit_reconciliation_confirmation",
    "destruction",
    "destruction_kit",
    "destruction_authorization",
    "alert",
    "alert_acknowledgement",
    "alert_clearing",
    "subject",
    "subject_end",
    "subject_state",
    "visit_record",
    "randomization",
    "kit_allocation",
    "dispensation",
    "kit_check",
    "handover",
    "kit_replacement",
    "wrong_scan",
    "prepared_unit",
    "unit_end",
    "unit_stop",
    "unblinding",
    "unblinding_note",
    "journal_leaf",
    "tree_head",
    "checkpoint",
];

/// The tables whose rows follow from the leaves of the installation.
pub const OF_THE_INSTALLATION: [&str; 7] = [
    "person",
    "role_grant",
    "role_confirmation",
    "role_revocation",
    "reset_proposal",
    "journal_leaf",
    "tree_head",
];

/// What stands for a sealed value that is not opened for the comparison.
pub const UNOPENED: &str = "sealed";

/// What stands in one column of a row, in its one spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A value that everybody with the database may read.
    Plain(String),
    /// A sealed value: the field of the leaf in which it is committed, and what stands for it.
    Sealed {
        /// The name that its commitment binds.
        field: &'static str,
        /// The commitment, or [`UNOPENED`]; in a row as it is stored, the id of the opening.
        by: String,
    },
}

impl Cell {
    /// A value.
    pub fn of(value: impl fmt::Display) -> Self {
        Self::Plain(value.to_string())
    }

    /// A value, where there is one.
    pub fn maybe(value: Option<impl fmt::Display>) -> Self {
        value.map_or(Self::Empty, Self::of)
    }

    /// A sealed value, by its commitment or its opening.
    pub fn sealed(field: &'static str, by: impl fmt::Display) -> Self {
        Self::Sealed { field, by: by.to_string() }
    }

    /// A sealed value, where there is one.
    pub fn maybe_sealed(field: &'static str, by: Option<impl fmt::Display>) -> Self {
        by.map_or(Self::Empty, |by| Self::sealed(field, by))
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("nothing"),
            Self::Plain(value) => write!(f, "\"{value}\""),
            Self::Sealed { field, by } => write!(f, "a sealed {field} ({by})"),
        }
    }
}

/// The columns of a row besides its key.
pub type Columns = BTreeMap<&'static str, Cell>;

/// Rows by their keys.
pub type Table = BTreeMap<String, Columns>;

/// Rows of many tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows(BTreeMap<&'static str, Table>);

impl Rows {
    /// Adds a row; its key is written as its parts with strokes between them. Whether there was none with this key.
    pub fn add<const K: usize, const C: usize>(
        &mut self,
        table: &'static str,
        key: [&dyn fmt::Display; K],
        columns: [(&'static str, Cell); C],
    ) -> bool {
        let key = key.map(ToString::to_string).join("/");
        self.0.entry(table).or_default().insert(key, columns.into_iter().collect()).is_none()
    }

    /// The rows of a table.
    pub fn table(&self, table: &str) -> Option<&Table> {
        self.0.get(table)
    }

    /// Every cell of the columns of this name, to be put into words.
    pub fn cells_mut(&mut self, column: &str) -> impl Iterator<Item = &mut Cell> {
        self.columns_mut().filter(move |(name, _)| **name == column).map(|(_, cell)| cell)
    }

    /// Every sealed value with its field, to be put into words.
    pub fn sealed_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut String)> {
        self.columns_mut().filter_map(|(_, cell)| match cell {
            Cell::Sealed { field, by } => Some((*field, by)),
            Cell::Empty | Cell::Plain(_) => None,
        })
    }

    fn columns_mut(&mut self) -> impl Iterator<Item = (&&'static str, &mut Cell)> {
        self.0.values_mut().flat_map(BTreeMap::values_mut).flat_map(BTreeMap::iter_mut)
    }
}

/// What the leaves give: all rows, and what the projections say in the words of their rooms.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// The rows.
    pub rows: Rows,
    /// The kits.
    pub kits: BTreeMap<KitNumber, Kit>,
    /// The subjects: what became of each, and when.
    pub subjects: BTreeMap<SubjectId, (SubjectState, Moment)>,
    /// The lists.
    pub lists: BTreeMap<ListId, ListState>,
}

/// A row that is not as the journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The key of the row, its parts with strokes between them.
    pub key: String,
    /// What is wrong with it.
    pub what: What,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A leaf says that there is such a row, and there is none.
    NoRow,
    /// There is such a row, and no leaf says so.
    NoLeaf,
    /// The row has another value than the leaves give.
    Other {
        /// The column.
        column: &'static str,
        /// The value of the row.
        stored: Cell,
        /// The value that the leaves give.
        replayed: Cell,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, key, what } = self;
        match what {
            What::NoRow => write!(f, "{table} {key}: the journal tells of it, and there is no such row"),
            What::NoLeaf => {
                write!(f, "{table} {key}: there is such a row, and the journal tells nothing of it")
            }
            What::Other { column, stored, replayed } => {
                write!(f, "{table} {key}: {column} is {stored}, and the journal says {replayed}")
            }
        }
    }
}

/// Every difference of one table between what is stored and what the leaves give, in the order of the keys.
pub fn differences(table: &'static str, stored: &Rows, replayed: &Rows) -> Vec<Difference> {
    let none = Table::new();
    let (stored, replayed) = (stored.table(table).unwrap_or(&none), replayed.table(table).unwrap_or(&none));
    let keys: BTreeSet<&String> = stored.keys().chain(replayed.keys()).collect();
    let mut found = Vec::new();
    for key in keys {
        let difference = |what| Difference { table, key: key.clone(), what };
        match (stored.get(key), replayed.get(key)) {
            (None, _) => found.push(difference(What::NoRow)),
            (_, None) => found.push(difference(What::NoLeaf)),
            (Some(stored), Some(replayed)) => found.extend(others(stored, replayed).map(difference)),
        }
    }
    found
}

fn others(stored: &Columns, replayed: &Columns) -> impl Iterator<Item = What> {
    let columns: BTreeSet<&'static str> = stored.keys().chain(replayed.keys()).copied().collect();
    let cell = |row: &Columns, column: &str| row.get(column).cloned().unwrap_or(Cell::Empty);
    columns.into_iter().filter_map(move |column| {
        let (stored, replayed) = (cell(stored, column), cell(replayed, column));
        (stored != replayed).then_some(What::Other { column, stored, replayed })
    })
}

#[cfg(test)]
mod tests {
    use super::{Cell, Rows, differences};

    fn rows(rows: &[(&str, &str, Option<&str>)]) -> Rows {
        let mut all = Rows::default();
        for (key, state, site) in rows {
            let columns = [("state", Cell::of(state)), ("site", Cell::maybe(site.as_ref()))];
            assert!(all.add("kit_state", [key, &1], columns));
        }
        all
    }

    #[test]
    fn rows_are_compared_both_ways_and_column_by_column() {
        let stored = rows(&[("a", "available", None), ("b", "lost", Some("34")), ("d", "damaged", None)]);
        let replayed = rows(&[("a", "available", None), ("b", "available", None), ("c", "released", None)]);
        let said: Vec<String> =
            differences("kit_state", &stored, &replayed).iter().map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "kit_state b/1: site is \"34\", and the journal says nothing",
                "kit_state b/1: state is \"lost\", and the journal says \"available\"",
                "kit_state c/1: the journal tells of it, and there is no such row",
                "kit_state d/1: there is such a row, and the journal tells nothing of it",
            ]
        );
        assert_eq!(differences("kit_state", &stored, &stored), []);
        assert_eq!(differences("hold", &stored, &replayed), [], "another table has no rows");
    }

    #[test]
    fn a_key_is_taken_once() {
        let mut all = rows(&[("a", "available", None)]);
        assert!(!all.add("kit_state", [&"a", &1], []));
    }
}
