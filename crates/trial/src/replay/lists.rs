//! Allocation lists: their life, and the positions that are given from them.

use std::collections::{BTreeMap, BTreeSet};

use terms::{ListId, UserId};

use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::ListState;
use crate::act::Act;

/// A list so far.
struct List<'a> {
    generated_by: &'a Option<UserId>,
    lengths: usize,
    state: ListState,
}

type Lists<'a> = BTreeMap<&'a ListId, List<'a>>;

/// SEQ-06: generated, approved by another person, and only then in use, one at a time.
pub(super) fn are_approved_before_use(records: &Records<'_>) -> Held {
    let mut lists = Lists::new();
    records.shown.iter().try_for_each(|record| step(&mut lists, record))
}

fn step<'a>(lists: &mut Lists<'a>, Record { index, leaf }: &'a Record) -> Held {
    match &leaf.act {
        Act::ListGenerated { list, lengths, .. } => {
            let made =
                List { generated_by: &leaf.actor, lengths: lengths.len(), state: ListState::Generated };
            let again = lists.insert(list, made).is_some();
            holds(!again, || format!("leaf {index} generates list {list} again"))
        }
        Act::ListApproved { list } => {
            let of = change(lists, list, ListState::Generated, ListState::Approved, *index)?;
            holds(leaf.actor.is_some() && leaf.actor != *of.generated_by, || {
                format!("leaf {index}: list {list} was approved by the person who generated it")
            })
        }
        Act::ListActivated { list } => {
            let active = lists.values().any(|other| other.state == ListState::Active);
            holds(!active, || format!("leaf {index} activates list {list} while another is in use"))?;
            change(lists, list, ListState::Approved, ListState::Active, *index).map(|_| ())
        }
        Act::ListDiscarded { list, .. } => {
            let of = find(lists, list, *index)?;
            holds(of.state != ListState::Discarded, || format!("leaf {index} discards list {list} again"))?;
            of.state = ListState::Discarded;
            Ok(())
        }
        Act::EnvelopesPrinted { list } => {
            let of = find(lists, list, *index)?;
            // The leaf that brought it into use may be one that is not shown.
            before((of.state >= ListState::Active).then_some(()), || {
                format!("leaf {index} prints envelopes of list {list} before it was in use")
            })?;
            holds(of.state == ListState::Active, || {
                format!("leaf {index} prints envelopes of a discarded list")
            })
        }
        _ => Ok(()),
    }
}

fn find<'l, 'a>(lists: &'l mut Lists<'a>, list: &'a ListId, index: u64) -> Result<&'l mut List<'a>, Wrong> {
    before(lists.get_mut(list), || format!("leaf {index} names list {list}, which was not generated"))
}

fn change<'l, 'a>(
    lists: &'l mut Lists<'a>,
    list: &'a ListId,
    from: ListState,
    to: ListState,
    index: u64,
) -> Result<&'l mut List<'a>, Wrong> {
    let of = find(lists, list, index)?;
    // A step that is missing before this one may be a leaf that is not shown; one that was taken twice is not.
    before((of.state >= from).then_some(()), || {
        format!("leaf {index}: list {list} was not {from} before it was {to}")
    })?;
    holds(of.state == from, || format!("leaf {index}: list {list} was {} before it was {to}", of.state))?;
    of.state = to;
    Ok(of)
}

/// SEQ-08: from 0 in each stratum of a list, without gap or reuse.
pub(super) fn positions_are_in_order(records: &Records<'_>) -> Held {
    let mut given: BTreeMap<(&ListId, u32), BTreeSet<u32>> = BTreeMap::new();
    for Record { index, leaf } in &records.shown {
        let Act::Randomized { list, stratum, position, .. } = &leaf.act else { continue };
        let of_stratum = given.entry((list, *stratum)).or_default();
        let last = of_stratum.last().copied();
        holds(last.is_none_or(|last| last < *position), || {
            format!("leaf {index} gives position {position} of stratum {stratum} again or late")
        })?;
        of_stratum.insert(*position);
    }
    for ((list, stratum), positions) in given {
        let gap = (0..).zip(&positions).find(|(expected, position)| expected != *position);
        if let Some((expected, _)) = gap {
            let why = format!("position {expected} of stratum {stratum} of list {list} was left out");
            return Err(Wrong::Missing(why));
        }
    }
    Ok(())
}

/// A position is given only from the one active list, in a stratum that it has; and a list that has given one is never
/// discarded (SEQ-10).
pub(super) fn positions_are_of_the_list_in_use(records: &Records<'_>) -> Held {
    let mut lists = Lists::new();
    let mut used: Vec<&ListId> = Vec::new();
    for record in &records.shown {
        match &record.leaf.act {
            Act::Randomized { list, stratum, .. } => {
                let index = record.index;
                let of = find(&mut lists, list, index)?;
                holds(of.state == ListState::Active, || {
                    format!("leaf {index} gives a position of list {list}, which was {}", of.state)
                })?;
                let has = usize::try_from(*stratum).is_ok_and(|stratum| stratum < of.lengths);
                holds(has, || format!("leaf {index}: list {list} has no stratum {stratum}"))?;
                used.push(list);
            }
            Act::ListDiscarded { list, .. } => holds(!used.contains(&list), || {
                format!("leaf {} discards list {list}, which has given a position", record.index)
            })?,
            _ => {}
        }
        // What is wrong with the life of a list is told by the rule above.
        let _told = step(&mut lists, record);
    }
    Ok(())
}
