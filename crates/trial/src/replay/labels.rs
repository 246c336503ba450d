//! The labels that were printed.

use std::collections::{BTreeMap, BTreeSet};

use terms::BatchId;

use super::batches::Labels;
use super::records::{Record, Records};
use super::{Held, before, holds};
use crate::act::{Act, LabelsPrinted};

/// KIT-15: a label is printed for every kit of a batch and for no other, with the label expiry that is in force; and a
/// second time only for a reason, because two labels with one number could make two kits of it.
pub(super) fn are_of_whole_batches(records: &Records<'_>) -> Held {
    let (mut labels, mut sizes, mut printed) = (Labels::default(), BTreeMap::new(), BTreeSet::new());
    for record in &records.shown {
        // What is wrong with a change itself is told by the rule about changes.
        let _told_there = labels.take(record);
        match &record.leaf.act {
            Act::KitsRegistered(registered) => {
                sizes.insert(&registered.batch, registered.kits.len());
            }
            Act::LabelsPrinted(act) => {
                is_of_the_whole_batch(record, act, &labels, &sizes)?;
                let is_first = printed.insert(&act.batch);
                holds(is_first || act.reason.is_some(), || {
                    format!("leaf {} prints labels again and does not say why", record.index)
                })?;
                before((!is_first || act.reason.is_none()).then_some(()), || {
                    format!("leaf {} says why labels are printed again, and none were before", record.index)
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_of_the_whole_batch(
    Record { index, .. }: &Record,
    act: &LabelsPrinted,
    labels: &Labels<'_>,
    sizes: &BTreeMap<&BatchId, usize>,
) -> Held {
    let kits = before(sizes.get(&act.batch), || {
        format!("leaf {index} prints labels of batch {}, which was not registered", act.batch)
    })?;
    holds(u64::try_from(*kits) == Ok(act.labels), || {
        format!("leaf {index} prints {} labels for {kits} kits", act.labels)
    })?;
    let (in_force, _) = labels.last(*index, &act.batch)?;
    holds(in_force == act.label_expiry, || {
        format!("leaf {index} prints the label expiry {}, and {in_force} is in force", act.label_expiry)
    })
}
