//! The leaves of an export as records, and what holds for all of them alike.

use journal::{Entry, Export, canonical};
use terms::StudyId;

use super::{Given, Held, Wrong, holds};
use crate::act::{Act, Leaf};
use crate::view;

/// A leaf that this view shows, at its place.
pub(super) struct Record {
    pub(super) index: u64,
    pub(super) leaf: Leaf,
}

/// What an export tells, with what is given besides.
pub(super) struct Records<'a> {
    pub(super) export: &'a Export,
    pub(super) given: &'a Given,
    /// The leaves that could be read, in order.
    pub(super) shown: Vec<Record>,
    /// How many leaves are only hashes.
    pub(super) hidden: usize,
    unreadable: Vec<u64>,
}

impl<'a> Records<'a> {
    pub(super) fn read(export: &'a Export, given: &'a Given) -> Self {
        let mut records = Self { export, given, shown: Vec::new(), hidden: 0, unreadable: Vec::new() };
        for (index, entry) in (0..).zip(&export.entries) {
            match entry {
                Entry::Hash(_) => records.hidden += 1,
                Entry::Leaf(text) => match read(text) {
                    Some(leaf) => records.shown.push(Record { index, leaf }),
                    None => records.unreadable.push(index),
                },
            }
        }
        records
    }

    /// The study, as its first leaf names it.
    pub(super) fn study(&self) -> Option<&StudyId> {
        self.shown.iter().find_map(|record| match &record.leaf.act {
            Act::StudyOpened { study, .. } => Some(study),
            _ => None,
        })
    }
}

/// A record has one spelling: what is not written as this program would write it is none.
fn read(text: &str) -> Option<Leaf> {
    let leaf: Leaf = serde_json::from_str(text).ok()?;
    canonical(&leaf).ok().filter(|spelled| spelled == text.as_bytes()).map(|_| leaf)
}

pub(super) fn are_readable(records: &Records<'_>) -> Held {
    match records.unreadable.first() {
        Some(index) => Err(Wrong::Contradiction(format!("leaf {index} is no record of this version"))),
        None => Ok(()),
    }
}

pub(super) fn stand_at_their_index(records: &Records<'_>) -> Held {
    records.shown.iter().try_for_each(|Record { index, leaf }| {
        holds(leaf.index == *index, || format!("leaf {index} says that it is leaf {}", leaf.index))
    })
}

pub(super) fn times_do_not_go_back(records: &Records<'_>) -> Held {
    let mut last = None;
    for Record { index, leaf } in &records.shown {
        holds(last <= Some(leaf.saved), || format!("leaf {index} was saved before the one before it"))?;
        holds(leaf.happened.is_none_or(|happened| happened <= leaf.saved), || {
            format!("leaf {index} was saved before it happened")
        })?;
        last = Some(leaf.saved);
    }
    Ok(())
}

pub(super) fn study_is_opened_first(records: &Records<'_>) -> Held {
    let mut opened = false;
    for Record { index, leaf } in &records.shown {
        if let Act::StudyOpened { study, .. } = &leaf.act {
            let origin = view::origin(study);
            holds(*index == 0, || format!("leaf {index} opens the study"))?;
            holds(origin == records.export.origin, || {
                format!("leaf {index} opens {study}, and the export is of {}", records.export.origin)
            })?;
            opened = true;
        }
    }
    if opened { Ok(()) } else { Err(Wrong::Missing("no leaf opens the study".to_owned())) }
}

pub(super) fn designs_are_in_order(records: &Records<'_>) -> Held {
    let (mut current, mut fixed) = (0, false);
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::DesignActivated { version, .. } => {
                holds(!fixed, || format!("leaf {index} changes the design after the first subject"))?;
                holds(*version == current + 1, || format!("leaf {index} activates version {version}"))?;
                current = *version;
            }
            Act::Randomized { .. } => fixed = true,
            _ => {}
        }
        holds(leaf.design.is_none_or(|design| design == current), || {
            format!("leaf {index} names a version of the design that was not in force")
        })?;
    }
    Ok(())
}

pub(super) fn design_given_is_in_force(records: &Records<'_>) -> Held {
    let given = records.given.design.as_ref();
    let given = given.ok_or_else(|| Wrong::Unknown("no design was given".to_owned()))?;
    let in_force = records.shown.iter().rev().find_map(|record| match &record.leaf.act {
        Act::DesignActivated { fingerprint, .. } => Some(fingerprint.to_string()),
        _ => None,
    });
    match in_force {
        Some(in_force) => holds(in_force == given.fingerprint(), || {
            "the design given is another than the last that was activated".to_owned()
        }),
        None => Err(Wrong::Missing("no leaf activates a design".to_owned())),
    }
}
