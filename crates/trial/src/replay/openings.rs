//! What can be said only by those who may see arms and kit types.

use std::collections::{BTreeMap, BTreeSet};

use allocator::LEAF_BYTES;
use journal::{Hash, leaf_hash, root};
use terms::{Arm, KitNumber, KitType, ListId, Position, Stratum};

use super::records::{Record, Records};
use super::{Held, Wrong, before, holds};
use crate::act::Act;

/// A position of a list, as its opened leaf has it.
struct Place {
    stratum: u32,
    position: u32,
    arm: Arm,
}

/// A list whose tree is opened.
struct Opened<'a> {
    list: &'a ListId,
    /// How many positions were wanted in each stratum.
    lengths: &'a [u32],
    /// The positions; none when a leaf of the tree is no position.
    places: Option<Vec<Place>>,
}

fn lists<'a>(records: &'a Records<'_>) -> Vec<Opened<'a>> {
    let opened = |root: &Hash| {
        let tree = records.export.trees.iter().find(|tree| tree.root == *root)?;
        Some(tree.leaves.iter().map(|leaf| place(leaf)).collect())
    };
    let mut lists = Vec::new();
    for record in &records.shown {
        if let Act::ListGenerated { list, root, lengths, .. } = &record.leaf.act
            && let Some(places) = opened(root)
        {
            lists.push(Opened { list, lengths, places });
        }
    }
    lists
}

/// Salt (32), stratum (4), position (4), arm (1): see [`allocator::commitment_leaf`].
fn place(leaf: &[u8]) -> Option<Place> {
    let leaf: &[u8; LEAF_BYTES] = leaf.try_into().ok()?;
    let (_salt, rest) = leaf.split_first_chunk::<32>()?;
    let (stratum, rest) = rest.split_first_chunk::<4>()?;
    let (position, arm) = rest.split_first_chunk::<4>()?;
    let (stratum, position) = (u32::from_be_bytes(*stratum), u32::from_be_bytes(*position));
    Some(Place { stratum, position, arm: Arm::new(*arm.first()?) })
}

fn no_list() -> Wrong {
    Wrong::Unknown("this view opens no list".to_owned())
}

/// Stratum by stratum, from position 0 without gap, and each at least as long as was wanted.
pub(super) fn lists_are_whole(records: &Records<'_>) -> Held {
    let lists = lists(records);
    if lists.is_empty() {
        return Err(no_list());
    }
    for Opened { list, lengths, places } in lists {
        let places = places.ok_or_else(|| {
            Wrong::Contradiction(format!("list {list} opens to something that is no position"))
        })?;
        let mut rest = places.as_slice();
        for (stratum, length) in (0_u32..).zip(lengths) {
            let own = rest.iter().take_while(|place| place.stratum == stratum).count();
            let (of_stratum, after) = rest.split_at(own);
            let in_order = (0..).zip(of_stratum).all(|(position, place)| place.position == position);
            let long_enough = u32::try_from(own).is_ok_and(|own| own >= *length);
            holds(in_order && long_enough, || format!("stratum {stratum} of list {list} is not whole"))?;
            rest = after;
        }
        holds(rest.is_empty(), || format!("list {list} holds positions of no stratum"))?;
    }
    Ok(())
}

/// What a subject got is what stands at the subject's position: by the sealed design when it is given, and else by
/// one kit type for one arm and one arm for one kit type.
pub(super) fn kits_are_of_the_arms_type(records: &Records<'_>) -> Held {
    let (places, types) = (arms(records), kit_types(records));
    if places.is_empty() || types.is_empty() {
        return Err(Wrong::Unknown("this view does not open both lists and kit types".to_owned()));
    }
    let (mut subjects, mut pairs) = (BTreeMap::new(), BTreeMap::new());
    for Record { index, leaf } in &records.shown {
        match &leaf.act {
            Act::Randomized { subject, list, stratum, position, .. } => {
                let arm = places.get(&(list, *stratum, *position)).ok_or_else(|| {
                    Wrong::Contradiction(format!("leaf {index} gives a position that its list does not have"))
                })?;
                subjects.insert(subject, *arm);
            }
            Act::KitsAllocated { subject, kits, .. } => {
                let arm = *before(subjects.get(subject), || format!("subject {subject} was not randomized"))?;
                for kit in kits {
                    let found = types.get(kit).ok_or_else(|| {
                        Wrong::Unknown(format!("this view does not open the type of kit {kit}"))
                    })?;
                    // The words tell neither the arm nor the type: whoever reads them may not be who opened the file.
                    holds(fits(records, &mut pairs, arm, *found), || {
                        format!("leaf {index}: kit {kit} is not of the type of its subject's arm")
                    })?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn fits(records: &Records<'_>, pairs: &mut BTreeMap<Arm, KitType>, arm: Arm, found: KitType) -> bool {
    if let Some(sealed) = &records.given.sealed {
        return sealed.kit_type_of(arm) == Some(found);
    }
    let known = *pairs.entry(arm).or_insert(found);
    known == found && pairs.iter().all(|(other, kit_type)| *other == arm || *kit_type != found)
}

fn arms<'a>(records: &'a Records<'_>) -> BTreeMap<(&'a ListId, u32, u32), Arm> {
    let mut arms = BTreeMap::new();
    for Opened { list, places, .. } in lists(records) {
        let places = places.unwrap_or_default();
        arms.extend(places.iter().map(|place| ((list, place.stratum, place.position), place.arm)));
    }
    arms
}

pub(super) fn kit_types(records: &Records<'_>) -> BTreeMap<KitNumber, KitType> {
    let opened: BTreeMap<_, _> = records
        .export
        .openings
        .iter()
        .filter(|opening| opening.field == "kit_type")
        .map(|opening| (opening.commitment, opening.value.as_slice()))
        .collect();
    let mut types = BTreeMap::new();
    for record in &records.shown {
        let Act::KitsRegistered(registered) = &record.leaf.act else { continue };
        for kit in &registered.kits {
            if let Some([index]) = opened.get(&kit.kit_type) {
                types.insert(kit.number, KitType::new(*index));
            }
        }
    }
    types
}

/// SEQ-02: each seed given is that of a list, whose root it gives again, and one is given for every list that gave a
/// position. That takes no opening: after the final release anyone can do it.
pub(super) fn lists_follow_from_seeds(records: &Records<'_>) -> Held {
    let given = records.given;
    let (Some(sealed), Some(study)) = (&given.sealed, records.study()) else {
        return Err(Wrong::Unknown("no sealed design was given".to_owned()));
    };
    if given.seeds.is_empty() {
        return Err(Wrong::Unknown("no seed was given".to_owned()));
    }
    let mut followed = BTreeSet::new();
    for (number, seed) in (1..).zip(&given.seeds) {
        let derived = |list: &ListId| {
            let made = allocator::derive(seed, study.as_str(), list.as_str(), sealed.block_design());
            let leaf = |(stratum, position, entry): (Stratum, Position, allocator::Entry)| {
                let salt = allocator::salt(seed, study.as_str(), list.as_str(), stratum, position);
                leaf_hash(&allocator::commitment_leaf(&salt, stratum, position, entry.arm))
            };
            root(&made.rows().map(leaf).collect::<Vec<_>>())
        };
        let of = records.shown.iter().find_map(|record| match &record.leaf.act {
            Act::ListGenerated { list, root, .. } if derived(list) == *root => Some(list),
            _ => None,
        });
        followed.insert(before(of, || {
            format!("seed {number} gives none of the lists under the sealed design given")
        })?);
    }
    every_used_list(records, &followed)
}

/// The seed of a discarded list says nothing of the one that was used.
fn every_used_list(records: &Records<'_>, followed: &BTreeSet<&ListId>) -> Held {
    let used: BTreeSet<&ListId> = records
        .shown
        .iter()
        .filter_map(|record| match &record.leaf.act {
            Act::Randomized { list, .. } => Some(list),
            _ => None,
        })
        .collect();
    if used.is_empty() {
        return Err(Wrong::Unknown("no list has given a position".to_owned()));
    }
    match used.difference(followed).next() {
        Some(list) => {
            Err(Wrong::Unknown(format!("no seed was given of list {list}, which has given positions")))
        }
        None => Ok(()),
    }
}
