//! How many kits of each type could be used, over time: for unblinded people alone, and never of a site for whoever
//! supplies.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use ledger::Place;
use store::rows::{batch, kit, movement, secret, shipment};
use store::{Conn, Tx};
use terms::{Day, KitNumber, KitType, Sealed, StudyId};
use trial::decide::list as decide;
use trial::decide::register::kit_salt;
use trial::study::KitContents;
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
    pub contents: KitContents,
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
pub fn away_from_sites(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Arc<ByType>, Failure> {
    let (who, together) = ((service, caller, study), (&service.reading.stock, study));
    case::record_then_read_together(who, Action::ReadStockByType, record, together, |conn, scene, grant| {
        let contents = Contents::read(conn, scene)?;
        by_type(conn, scene, &contents, &grant, |place| place.site().is_none())
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
    contents: &Contents,
    grant: &Grant,
    is_counted: fn(&Place) -> bool,
) -> Result<ByType, Failure> {
    let sent = shipment::all(conn, &scene.study)?.into_iter().map(|row| (row.id, row.from)).collect();
    let mut changes: BTreeMap<usize, Changes> = BTreeMap::new();
    for (kit, moved) in movement::of_stock_by_kit(conn, &scene.study)? {
        let Some(of) = contents.own(kit, grant) else { continue };
        let (left, came) = passed(&moved, &sent);
        for (place, change) in left.map(|at| (at, -1)).into_iter().chain(came.map(|at| (at, 1))) {
            if is_counted(&place) {
                let changes = changes.entry(of).or_default();
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
    Ok(ByType { types: types.collect(), unreadable: contents.unreadable() })
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
    // What went from one place to another on one day changed nothing.
    changes.into_iter().filter(|(_, change)| *change != 0).map(sum).collect()
}

/// What is in every kit of a study, still sealed.
pub(crate) struct Contents {
    kits: HashMap<KitNumber, Content>,
}

/// What is in a kit, and whether it was sealed for this kit; nothing where it does not open.
type Content = Option<(Sealed<KitType>, bool)>;

impl Contents {
    pub(crate) fn read(conn: &mut Conn, scene: &Scene<'_>) -> Result<Self, Failure> {
        let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
        let number_seed = scene.vault.seed(conn, &seeds.kit_numbers)?;
        let mut kits = HashMap::new();
        for row in batch::all(conn, &scene.study)? {
            for content in kit::contents_of(conn, &scene.study, &row.id)? {
                let salt = kit_salt(&number_seed, &scene.study, content.number);
                kits.insert(content.number, scene.vault.kit_type_at(&content.kit_type, &salt).ok());
            }
        }
        Ok(Self { kits })
    }

    /// What is in a kit, and whether it was sealed for this kit.
    pub(crate) fn of(&self, kit: KitNumber) -> Option<&(Sealed<KitType>, bool)> {
        self.kits.get(&kit)?.as_ref()
    }

    /// The place in the sealed design of what was sealed for this kit.
    fn own(&self, kit: KitNumber, grant: &Grant) -> Option<usize> {
        let (kit_type, _) = self.of(kit).filter(|(_, is_own)| *is_own)?;
        Some(kit_type.open(grant).as_usize())
    }

    fn unreadable(&self) -> usize {
        self.kits.values().filter(|content| !matches!(content, Some((_, true)))).count()
    }
}
