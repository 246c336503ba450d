//! True lots that are called back.

use std::collections::{BTreeMap, BTreeSet};

use terms::{BatchId, KitNumber, KitType, LotStatementId, UserId};

use super::batches::could_be_used;
use super::kits::Stock;
use super::openings::kit_types;
use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::act::{Act, KitsAt, LotStatementRead};

/// BLD-10, BLD-14: whoever recalls a true lot has read what that does and reveals, of the same lot and in the same
/// file; a statement serves once.
pub(super) fn are_recalled_after_their_statement(records: &Records<'_>) -> Held {
    let mut read: BTreeMap<&LotStatementId, (Option<&UserId>, &LotStatementRead)> = BTreeMap::new();
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::LotStatementRead(of) => _ = read.insert(&of.statement, (leaf.actor.as_ref(), of)),
            Act::LotRecalled(recalled) => {
                let (by, of) = before(read.remove(&recalled.statement), || {
                    format!("leaf {index} recalls a true lot without a statement that was read")
                })?;
                let is_the_same = (&of.batch, of.lot, of.statement_file)
                    == (&recalled.batch, recalled.lot, recalled.statement_file);
                holds(is_the_same && by == leaf.actor.as_ref(), || {
                    format!(
                        "leaf {index} recalls something else than its statement says, or by somebody else"
                    )
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What a recall has named so far, in the leaves after it.
struct Recall<'a> {
    index: u64,
    batch: &'a BatchId,
    named: BTreeSet<KitNumber>,
}

/// BLD-10: the kits that the leaves after the recall of a lot name are all of one type, and no kit of that type in the
/// batch is left in use. Who sees no kit type cannot check it.
pub(super) fn recalls_reach_the_lot_alone(records: &Records<'_>) -> Held {
    if !records.shown.iter().any(|record| matches!(record.leaf.act, Act::LotRecalled(_))) {
        return Ok(());
    }
    let types = kit_types(records);
    if types.is_empty() {
        return Err(Wrong::Unknown("this view opens no kit types".to_owned()));
    }
    let (mut stock, mut batches) = (Stock::default(), BTreeMap::new());
    let mut recall: Option<Recall<'_>> = None;
    for record in &records.shown {
        if let (Some(of), Act::KitsRecalled(at)) = (&mut recall, &record.leaf.act) {
            of.named.extend(all(at));
        } else if let Some(of) = recall.take() {
            is_the_lot(&of, &types, &stock, &batches)?;
        }
        // What is wrong with the moves themselves is told by the rule about them.
        let moved = stock.take(record);
        moved.map_err(|_told| Wrong::Unknown("kits do not move as the ledger allows".to_owned()))?;
        match &record.leaf.act {
            Act::KitsRegistered(of) => {
                batches.extend(of.kits.iter().map(|kit| (kit.number, &of.batch)));
            }
            Act::LotRecalled(of) => {
                recall = Some(Recall { index: record.index, batch: &of.batch, named: BTreeSet::new() });
            }
            _ => {}
        }
    }
    recall.map_or(Ok(()), |of| is_the_lot(&of, &types, &stock, &batches))
}

fn all(at: &KitsAt) -> impl Iterator<Item = KitNumber> {
    [&at.kits, &at.with_subjects, &at.out_of_use].into_iter().flatten().copied()
}

/// The words tell no type: whoever reads them may not be who opened the file.
fn is_the_lot(
    recall: &Recall<'_>,
    types: &BTreeMap<KitNumber, KitType>,
    stock: &Stock<'_>,
    batches: &BTreeMap<KitNumber, &BatchId>,
) -> Held {
    let index = recall.index;
    let of: BTreeSet<Option<&KitType>> = recall.named.iter().map(|kit| types.get(kit)).collect();
    holds(of.len() < 2, || format!("the recall of leaf {index} names kits of more than one type"))?;
    let is_of_it = |kit: &KitNumber| of.contains(&types.get(kit)) && batches.get(kit) == Some(&recall.batch);
    let left = stock.kits.iter().find(|(number, kit)| is_of_it(number) && could_be_used(kit));
    match left {
        Some((number, _)) => {
            holds(false, || format!("the recall of leaf {index} leaves kit {number} in use"))
        }
        None => Ok(()),
    }
}
