//! The database compared with its journal (`iwrs verify --rebuild`): every row that follows from a leaf, both ways;
//! and the rows that say how things stand, set anew from the leaves.
//!
//! It is the operator's: nobody sees an arm by it, because none is opened.

mod openings;
mod tree;

use store::rows::{compared, projection};
use store::{Conn, Tree, Tx};
use terms::{KitNumber, StudyId};
use trial::act::Act;
use trial::rebuild::{
    Difference, OF_A_STUDY, OF_THE_INSTALLATION, PROJECTIONS, Replayed, Rows, What, differences,
};

use crate::failure::{Failure, missing};
use crate::service::{Service, Shared};
use crate::study::operator::act;
use openings::Words;
use tree::Leaves;

/// What came of comparing one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The tree: the installation, or a study.
    pub tree: Tree,
    /// Its tables, each with the number of its rows and what is wrong with them.
    pub tables: Vec<ComparedTable>,
    /// Why the leaves could not be replayed to their end; then the rows were not compared.
    pub stuck: Option<String>,
}

/// What came of comparing one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedTable {
    /// Its name.
    pub name: &'static str,
    /// How many rows of the tree it has.
    pub rows: usize,
    /// What is wrong with them.
    pub differences: Vec<Difference>,
}

/// What came of setting rows anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// So many were.
    Done(Repaired),
    /// None was: a row of the history, or the journal itself, is not as it should be.
    HistoryDiffers,
}

/// How many rows were set anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Of kits.
    pub kits: u64,
    /// Of lists.
    pub lists: u64,
    /// Of subjects.
    pub subjects: u64,
}

impl Compared {
    /// Whether every row is as the journal says.
    pub fn is_sound(&self) -> bool {
        self.stuck.is_none() && self.tables.iter().all(|table| table.differences.is_empty())
    }

    /// Whether the only rows that are otherwise are such as can be set anew.
    fn only_projections(&self) -> bool {
        let others = self.tables.iter().filter(|table| !PROJECTIONS.contains(&table.name));
        self.stuck.is_none() && others.into_iter().all(|table| table.differences.is_empty())
    }
}

/// Compares every tree of the database with its rows, all as they are at one instant.
///
/// # Errors
/// Faults: the database cannot be read, or a data key does not open.
pub fn compare(service: &Shared) -> Result<Vec<Compared>, Failure> {
    service.store.read(|conn| {
        let trees = compared::trees(conn)?;
        trees.iter().map(|tree| Ok(compare_tree(service, conn, tree)?.0)).collect()
    })
}

/// The studies that have a journal.
///
/// # Errors
/// Faults.
pub fn studies(service: &Shared) -> Result<Vec<StudyId>, Failure> {
    let trees = service.store.read(|conn| Ok::<_, Failure>(compared::trees(conn)?))?;
    let study = |tree| match tree {
        Tree::Study(study) => Some(study),
        Tree::Installation => None,
    };
    Ok(trees.into_iter().filter_map(study).collect())
}

/// Sets the rows of a study anew that say how things stand, under its lock, and says in a leaf how many were otherwise.
/// Where none is, no leaf is written. Nothing is set while the history itself differs: rows that look right again would
/// hide it.
///
/// # Errors
/// [`trial::Refusal::NotFound`] for an unknown study; faults.
pub fn repair(service: &Shared, study: &StudyId) -> Result<Repair, Failure> {
    let tree = Tree::Study(study.clone());
    act(service, study, move |operator, tx| {
        let (compared, replayed) = compare_tree(operator.service, tx, &tree)?;
        if !compared.only_projections() {
            return Ok(Repair::HistoryDiffers);
        }
        let replayed = replayed.ok_or_else(|| missing("replay"))?;
        let repaired = set_anew(tx, &compared, &replayed)?;
        if repaired != Repaired::default() {
            let Repaired { kits, lists, subjects } = repaired;
            operator.append(tx, None, Act::ProjectionsRebuilt { kits, lists, subjects })?;
        }
        Ok(Repair::Done(repaired))
    })
}

fn compare_tree(
    service: &Service,
    conn: &mut Conn,
    tree: &Tree,
) -> Result<(Compared, Option<Replayed>), Failure> {
    let (mut stored, names) = match tree {
        Tree::Study(study) => (compared::of_study(conn, study)?, OF_A_STUDY.as_slice()),
        Tree::Installation => (compared::of_installation(conn)?, OF_THE_INSTALLATION.as_slice()),
    };
    let leaves = Leaves::read(conn, tree)?;
    Words::of(service, conn, tree)?.put(&mut stored);
    let (replayed, stuck) = match leaves.replay() {
        Ok(replayed) => (Some(replayed), None),
        Err(why) => (None, Some(why)),
    };
    let mut expected = replayed.as_ref().map_or_else(Rows::default, |replayed| replayed.rows.clone());
    leaves.add_rows(tree, &stored, &mut expected);
    // Without a replay only the journal's own tables can be judged.
    let judged = |name: &&&'static str| replayed.is_some() || tree::OWN_TABLES.contains(name);
    let table = |name: &&'static str| ComparedTable {
        name,
        rows: stored.table(name).map_or(0, std::collections::BTreeMap::len),
        differences: differences(name, &stored, &expected),
    };
    let tables = names.iter().filter(judged).map(table).collect();
    Ok((Compared { tree: tree.clone(), tables, stuck }, replayed))
}

/// Puts every row that is otherwise as the leaves give it. All that are to go go first: a row that stands in the place
/// of another one would offend a constraint.
fn set_anew(tx: &mut Tx, compared: &Compared, replayed: &Replayed) -> Result<Repaired, Failure> {
    let [kits, lists, subjects] = PROJECTIONS.map(|table| otherwise(compared, table));
    kits.iter().filter(|(_, is_there)| *is_there).try_for_each(|(key, _)| projection::remove_kit(tx, key))?;
    lists.iter().try_for_each(|(key, _)| projection::remove_list(tx, key))?;
    let there = subjects.iter().filter(|(_, is_there)| *is_there);
    there.into_iter().try_for_each(|(key, _)| projection::remove_subject(tx, key))?;
    for (key, _) in &kits {
        let number = KitNumber::parse(key).ok();
        if let Some((number, kit)) = number.and_then(|number| Some((number, replayed.kits.get(&number)?))) {
            projection::add_kit(tx, number, kit)?;
        }
    }
    for (list, state) in replayed.lists.iter().filter(|(list, _)| names(&lists, list.as_str())) {
        projection::add_list(tx, list, *state)?;
    }
    for (id, (state, at)) in replayed.subjects.iter().filter(|(id, _)| names(&subjects, id.as_str())) {
        projection::add_subject(tx, id, *state, *at)?;
    }
    let count = |rows: Vec<_>| u64::try_from(rows.len()).unwrap_or(u64::MAX);
    Ok(Repaired { kits: count(kits), lists: count(lists), subjects: count(subjects) })
}

fn names(rows: &[(&str, bool)], key: &str) -> bool {
    rows.iter().any(|(named, _)| *named == key)
}

/// The rows of a table that are otherwise, each once, and whether there is one.
fn otherwise<'c>(compared: &'c Compared, table: &str) -> Vec<(&'c str, bool)> {
    let found = compared.tables.iter().filter(|found| found.name == table);
    let mut rows: Vec<(&str, bool)> = found
        .flat_map(|table| &table.differences)
        .map(|difference| (difference.key.as_str(), difference.what != What::NoRow))
        .collect();
    rows.dedup();
    rows
}
