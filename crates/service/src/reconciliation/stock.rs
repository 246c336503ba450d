//! How many kits of each type could be used, over time and over all places together: for whoever reads the
//! reconciliation, and nobody else.

use std::collections::BTreeMap;

use store::Conn;
use store::rows::{batch, kit, movement};
use terms::{Day, KitNumber};
use trial::decide::register::kit_salt;

use super::Reader;
use crate::failure::Failure;

/// The kits of a type that could be used: released or on a site's shelf.
pub struct TypeStock {
    /// The internal code of the type.
    pub kit_type: String,
    /// What it holds.
    pub contents: String,
    /// How many there were at the end of each day in UTC on which that changed.
    pub usable: Vec<(Day, u32)>,
}

/// The stock of every type, in the order of the sealed design, and how many kits have a type that cannot be read.
pub(super) fn by_type(conn: &mut Conn, reader: &Reader<'_>) -> Result<(Vec<TypeStock>, usize), Failure> {
    let (types, unreadable) = types(conn, reader)?;
    let mut changes: BTreeMap<usize, BTreeMap<Day, i64>> = BTreeMap::new();
    for change in movement::usable_changes(conn, &reader.scene.study)? {
        if let Some(of) = types.get(&change.kit) {
            let day = change.happened.utc().date_naive();
            *changes.entry(*of).or_default().entry(day).or_default() += if change.comes { 1 } else { -1 };
        }
    }
    let stock = reader.sealed.kit_types().iter().enumerate().map(|(of, words)| TypeStock {
        kit_type: words.code.clone(),
        contents: words.contents.clone(),
        usable: summed(changes.remove(&of).unwrap_or_default()),
    });
    Ok((stock.collect(), unreadable))
}

fn summed(changes: BTreeMap<Day, i64>) -> Vec<(Day, u32)> {
    let mut usable = 0_i64;
    let sum = |(day, change)| {
        usable = usable.saturating_add(change);
        (day, u32::try_from(usable).unwrap_or(0))
    };
    changes.into_iter().map(sum).collect()
}

/// The type of every kit by its place in the sealed design.
fn types(conn: &mut Conn, reader: &Reader<'_>) -> Result<(BTreeMap<KitNumber, usize>, usize), Failure> {
    let (study, mut types, mut unreadable) = (&reader.scene.study, BTreeMap::new(), 0);
    for row in batch::all(conn, study)? {
        for content in kit::contents_of(conn, study, &row.id)? {
            let salt = kit_salt(&reader.number_seed, study, content.number);
            match reader.scene.vault.kit_type(&content.kit_type, &salt) {
                Ok(sealed) => {
                    types.insert(content.number, sealed.open(&reader.grant).as_usize());
                }
                Err(_unreadable) => unreadable += 1,
            }
        }
    }
    Ok((types, unreadable))
}
