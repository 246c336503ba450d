//! How many kits of each type could be used, over time: for unblinded people alone, and never of a site for whoever
//! supplies.

use std::collections::BTreeMap;

use ledger::Place;
use store::rows::{batch, kit, movement, secret, shipment};
use store::{Conn, Tx};
use terms::{Day, KitNumber, Sealed, StudyId};
use trial::decide::list as decide;
use trial::decide::register::kit_salt;
use trial::{Action, Grant};

use super::stock::passed;
use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::request::Caller;
use crate::service::Shared;

/// The kits of a type that could be used: released in a stock, or on a site's shelf. It has no `Debug`.
pub struct TypeStock {
    /// The internal code of the type.
    pub kit_type: String,
    /// What it holds.
    pub contents: String,
    /// How many there were at the end of each day in UTC on which that changed.
    pub usable: Vec<(Day, u32)>,
    /// How many there are now at every place that ever had one.
    pub places: Vec<(Place, u32)>,
}

/// The stock of every type, in the order of the sealed design.
pub struct ByType {
    /// Type by type.
    pub types: Vec<TypeStock>,
    /// How many kits have a type that cannot be read, and are not counted.
    pub unreadable: usize,
}

/// The stock of every type in the sponsor's stock and in depots, for whoever supplies. Every read is recorded, and
/// committed before anything is answered (BLD-14). Kits at a site are left out: they become fewer by the type that a
/// subject was given.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn away_from_sites(service: &Shared, caller: &Caller, study: &StudyId) -> Result<ByType, Failure> {
    case::record_then_read(service, caller, study, Action::ReadStockByType, record, |conn, scene, grant| {
        let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
        let number_seed = scene.vault.seed(conn, &seeds.kit_numbers)?;
        by_type(conn, scene, &number_seed, &grant, |place| place.site().is_none())
    })
}

fn record(tx: &mut Tx, scene: &Scene<'_>) -> Result<Grant, Failure> {
    let (act, grant) = decide::read_stock_by_type();
    scene.append(tx, None, act)?;
    Ok(grant)
}

/// The stock of every type at the places that are counted.
pub(crate) fn by_type(
    conn: &mut Conn,
    scene: &Scene<'_>,
    number_seed: &Sealed<[u8; 32]>,
    grant: &Grant,
    is_counted: fn(&Place) -> bool,
) -> Result<ByType, Failure> {
    let sent = shipment::all(conn, &scene.study)?.into_iter().map(|row| (row.id, row.from)).collect();
    let (types, unreadable) = types(conn, scene, number_seed, grant)?;
    let mut changes: BTreeMap<usize, Changes> = BTreeMap::new();
    for (kit, moved) in movement::of_stock_by_kit(conn, &scene.study)? {
        let Some(of) = types.get(&kit) else { continue };
        let (left, came) = passed(&moved, &sent);
        for (place, change) in left.map(|at| (at, -1)).into_iter().chain(came.map(|at| (at, 1))) {
            if is_counted(&place) {
                let changes = changes.entry(*of).or_default();
                *changes.days.entry(moved.happened.utc().date_naive()).or_default() += change;
                *changes.places.entry(place).or_default() += change;
            }
        }
    }
    let sealed = scene.sealed_design(conn)?;
    let types = sealed.kit_types().iter().enumerate().map(|(of, words)| {
        let changes = changes.remove(&of).unwrap_or_default();
        let places = changes.places.into_iter().map(|(place, kits)| (place, count(kits))).collect();
        TypeStock {
            kit_type: words.code.clone(),
            contents: words.contents.clone(),
            usable: summed(changes.days),
            places,
        }
    });
    Ok(ByType { types: types.collect(), unreadable })
}

/// By how much the kits of a type became more or fewer.
#[derive(Default)]
struct Changes {
    days: BTreeMap<Day, i64>,
    places: BTreeMap<Place, i64>,
}

fn count(kits: i64) -> u32 {
    u32::try_from(kits).unwrap_or(0)
}

fn summed(changes: BTreeMap<Day, i64>) -> Vec<(Day, u32)> {
    let mut usable = 0_i64;
    let sum = |(day, change)| {
        usable = usable.saturating_add(change);
        (day, count(usable))
    };
    changes.into_iter().map(sum).collect()
}

/// The type of every kit by its place in the sealed design.
fn types(
    conn: &mut Conn,
    scene: &Scene<'_>,
    number_seed: &Sealed<[u8; 32]>,
    grant: &Grant,
) -> Result<(BTreeMap<KitNumber, usize>, usize), Failure> {
    let (study, mut types, mut unreadable) = (&scene.study, BTreeMap::new(), 0);
    for row in batch::all(conn, study)? {
        for content in kit::contents_of(conn, study, &row.id)? {
            let salt = kit_salt(number_seed, study, content.number);
            match scene.vault.kit_type(&content.kit_type, &salt) {
                Ok(sealed) => _ = types.insert(content.number, sealed.open(grant).as_usize()),
                Err(_unreadable) => unreadable += 1,
            }
        }
    }
    Ok((types, unreadable))
}
