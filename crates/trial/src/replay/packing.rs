//! How the kits of a batch come to exist.

use std::collections::{BTreeMap, BTreeSet};

use terms::{BatchId, KitNumber, UserId};

use super::records::{Record, Records};
use super::{Held, before, holds};
use crate::act::{Act, KitsRegistered, PackingRecorded, SampleChecked};

/// KIT-25: no step towards the release of a batch is taken before a packing of all its kits was recorded, after its
/// packaging list left, and before a second person checked the sample of the last packing, and it passed. A batch is
/// packed again after a failed sample alone.
pub(super) fn are_packed_and_checked(records: &Records<'_>) -> Held {
    let mut batches = Batches::default();
    records.shown.iter().try_for_each(|record| batches.take(record))
}

/// KIT-25: a sample holds kits of its batch, each once, as many as the design says or all of a smaller one.
pub(super) fn samples_are_of_the_batch(records: &Records<'_>) -> Held {
    let wanted = records.given.design.as_ref().map(|design| design.supply.sample_kits);
    let mut batches: BTreeMap<&BatchId, BTreeSet<KitNumber>> = BTreeMap::new();
    // A batch is checked again only after its sample failed.
    let mut failed: BTreeMap<&BatchId, BTreeSet<KitNumber>> = BTreeMap::new();
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::KitsRegistered(KitsRegistered { batch, kits, .. }) => {
                batches.insert(batch, kits.iter().map(|kit| kit.number).collect());
            }
            Act::SampleChecked(SampleChecked { batch, kits, .. }) => {
                let of_batch = registered(batches.get(batch), *index, batch)?;
                let sample: BTreeSet<KitNumber> = kits.iter().copied().collect();
                holds(sample.len() == kits.len() && sample.is_subset(of_batch), || {
                    format!("leaf {index} checks kits that are no sample of batch {batch}")
                })?;
                let before = failed.entry(batch).or_default();
                holds(before.is_subset(&sample), || {
                    format!("leaf {index} leaves out a kit of a sample that failed")
                })?;
                let enough = wanted.is_none_or(|wanted| {
                    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX).min(of_batch.len());
                    // A new draw may meet kits of the one before.
                    sample.len() >= wanted && sample.len() <= before.len().saturating_add(wanted)
                });
                holds(enough, || format!("leaf {index} does not check as many kits as the design says"))?;
                *before = sample;
            }
            _ => {}
        }
    }
    Ok(())
}

fn registered<T>(batch: Option<T>, index: u64, id: &BatchId) -> Result<T, super::Wrong> {
    before(batch, || format!("leaf {index} is of batch {id}, which was not registered"))
}

/// A packing, with who recorded it and what its sample showed.
struct Packed<'a> {
    attempt: u32,
    by: Option<&'a UserId>,
    passed: Option<bool>,
}

/// How far every batch is.
#[derive(Default)]
struct Batches<'a> {
    sizes: BTreeMap<&'a BatchId, usize>,
    exported: BTreeSet<&'a BatchId>,
    packed: BTreeMap<&'a BatchId, Packed<'a>>,
}

impl<'a> Batches<'a> {
    fn take(&mut self, record: &'a Record) -> Held {
        match &record.leaf.act {
            Act::KitsRegistered(KitsRegistered { batch, kits, .. }) => {
                self.sizes.insert(batch, kits.len());
                Ok(())
            }
            Act::PackagingListExported(exported) => {
                self.exported.insert(&exported.batch);
                registered(self.sizes.get(&exported.batch), record.index, &exported.batch).map(drop)
            }
            Act::PackingRecorded(recorded) => self.record(record, recorded),
            Act::SampleChecked(checked) => self.check(record, checked),
            Act::BatchCertified { batch, .. } | Act::BatchReleased { batch, .. } => {
                let passed = self.packed.get(batch).and_then(|packed| packed.passed);
                holds(passed != Some(false), || {
                    format!("leaf {} goes on with batch {batch}, whose sample failed", record.index)
                })?;
                before(passed, || {
                    format!(
                        "leaf {} goes on with batch {batch}, which is not packed and checked",
                        record.index
                    )
                })
                .map(drop)
            }
            _ => Ok(()),
        }
    }

    fn record(&mut self, Record { index, leaf }: &'a Record, recorded: &'a PackingRecorded) -> Held {
        let PackingRecorded { batch, attempt, kits, .. } = recorded;
        let size = *registered(self.sizes.get(batch), *index, batch)?;
        holds(usize::try_from(*kits) == Ok(size), || {
            format!("leaf {index} packs {kits} of the {size} kits of batch {batch}")
        })?;
        before(self.exported.contains(batch).then_some(()), || {
            format!("leaf {index} packs batch {batch}, of which no packaging list left")
        })?;
        let last = self.packed.get(batch);
        let follows = match last {
            None => *attempt == 1,
            Some(last) => last.passed == Some(false) && *attempt == last.attempt + 1,
        };
        holds(follows, || format!("leaf {index} packs batch {batch} again, and no sample of it failed"))?;
        let by = leaf.actor.as_ref();
        self.packed.insert(batch, Packed { attempt: *attempt, by, passed: None });
        Ok(())
    }

    fn check(&mut self, Record { index, leaf }: &'a Record, checked: &'a SampleChecked) -> Held {
        let packed = before(self.packed.get_mut(&checked.batch), || {
            format!("leaf {index} checks batch {}, which is not packed", checked.batch)
        })?;
        holds(packed.attempt == checked.attempt && packed.passed.is_none(), || {
            format!("leaf {index} checks a packing of batch {} that is not the last, or again", checked.batch)
        })?;
        holds(packed.by != leaf.actor.as_ref(), || {
            format!("leaf {index} checks what the same person packed")
        })?;
        packed.passed = Some(checked.passed);
        Ok(())
    }
}
