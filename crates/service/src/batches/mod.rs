//! What is done to a whole batch after its registration: its label expiry changes, or it is called back.

pub mod extend;
pub mod lot;
mod lot_statement;
pub mod read;
pub mod recall;
pub mod shorten;

use std::collections::BTreeMap;

use ledger::Place;
use store::rows::{batch, batch_expiry, batch_recall, leaf, shipment, site};
use store::{Conn, Tree, Tx};
use terms::{BatchId, Day, KitNumber, SiteId};
use trial::act::{Act, KitsAt, Leaf};
use trial::decide::expiry::Standing;
use trial::decide::recall::Fate;
use trial::{Reach, view};

use crate::case::Scene;
use crate::failure::{Failure, instrument, missing};
use crate::site as sites;

/// The kits of a batch that an act concerned at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtPlace {
    /// The place.
    pub place: Place,
    /// The kits that nobody was given, in the order of their numbers.
    pub kits: Vec<KitNumber>,
    /// The kits that subjects have, in the order of their numbers.
    pub with_subjects: Vec<KitNumber>,
    /// Of a true lot that is called back: the kits that are out of use already, in the order of their numbers.
    pub out_of_use: Vec<KitNumber>,
}

/// How a kit stands to an act that concerns it.
enum Stands {
    /// Nobody was given it.
    Held,
    /// A subject has it.
    WithSubject,
    /// Nobody was given it, and it is out of use already.
    OutOfUse,
}

impl From<Fate> for Stands {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::SetAside | Fate::SetAsideOnArrival => Self::Held,
            Fate::WithSubject => Self::WithSubject,
            Fate::Nothing => Self::OutOfUse,
        }
    }
}

/// Kits by their places.
#[derive(Default)]
struct Concerned(BTreeMap<Place, AtPlace>);

impl Concerned {
    fn add(&mut self, place: &Place, kit: KitNumber, stands: Stands) {
        let at = self.0.entry(place.clone()).or_insert_with(|| AtPlace {
            place: place.clone(),
            kits: Vec::new(),
            with_subjects: Vec::new(),
            out_of_use: Vec::new(),
        });
        match stands {
            Stands::Held => at.kits.push(kit),
            Stands::WithSubject => at.with_subjects.push(kit),
            Stands::OutOfUse => at.out_of_use.push(kit),
        }
    }

    /// A leaf for every place, of the site that it is or that a shipment goes to: so no reader of one site sees a kit
    /// of another one. With the index of each, and its site.
    fn append(
        self,
        tx: &mut Tx,
        scene: &Scene<'_>,
        batch: &BatchId,
        act: fn(KitsAt) -> Act,
    ) -> Result<Vec<(u64, Option<SiteId>, AtPlace)>, Failure> {
        let mut appended = Vec::new();
        for (place, at) in self.0 {
            let site = site_of(tx, scene, &place)?;
            let (depot, shipment) = match &place {
                Place::Depot(depot) => (Some(depot.clone()), None),
                Place::Shipment(shipment) => (None, Some(shipment.clone())),
                Place::Store | Place::Site(_) => (None, None),
            };
            let (batch, out_of_use) = (batch.clone(), at.out_of_use.clone());
            let (kits, with_subjects) = (at.kits.clone(), at.with_subjects.clone());
            let act = act(KitsAt { batch, depot, shipment, kits, with_subjects, out_of_use });
            appended.push((scene.append(tx, site.as_ref(), act)?, site, at));
        }
        Ok(appended)
    }
}

/// The site that it is, or that a shipment goes to.
fn site_of(conn: &mut Conn, scene: &Scene<'_>, place: &Place) -> Result<Option<SiteId>, Failure> {
    let Place::Shipment(id) = place else { return Ok(place.site().cloned()) };
    let row = shipment::find(conn, &scene.study, id)?.ok_or_else(|| missing("shipment"))?;
    Ok(row.to.site().cloned())
}

/// How many leaves are read at a time.
const AT_A_TIME: u32 = 50;

/// The places that the act of a leaf concerned, out of the leaves after it, as far as this reader may see them.
fn places_after(conn: &mut Conn, scene: &Scene<'_>, entry: u64) -> Result<Vec<AtPlace>, Failure> {
    let (mut places, mut from) = (Vec::new(), entry + 1);
    loop {
        let page = leaf::page(conn, &Tree::Study(scene.study.clone()), from, AT_A_TIME)?;
        if page.is_empty() {
            return Ok(places);
        }
        for row in page {
            let leaf: Leaf = serde_json::from_slice(&row.canonical).map_err(instrument)?;
            from = row.index + 1;
            let is_shown = is_shown(scene, &leaf);
            match leaf.act {
                Act::KitsShortened(at) | Act::KitsExtended(at) | Act::KitsRecalled(at) => {
                    places.extend(is_shown.then(|| read(at, leaf.site)));
                }
                _ => return Ok(places),
            }
        }
    }
}

/// What the journal shows this reader; and a role of a site sees nothing of stocks, as elsewhere.
fn is_shown(scene: &Scene<'_>, leaf: &Leaf) -> bool {
    let is_elsewhere = scene.authority.reach != Reach::Study && leaf.site.is_none();
    view::shows(&scene.authority, leaf) && !is_elsewhere
}

fn read(at: KitsAt, site: Option<SiteId>) -> AtPlace {
    let place = match (at.depot.clone(), at.shipment.clone(), site) {
        (Some(depot), ..) => Place::Depot(depot),
        (None, Some(shipment), _) => Place::Shipment(shipment),
        (None, None, Some(site)) => Place::Site(site),
        (None, None, None) => Place::Store,
    };
    let KitsAt { kits, with_subjects, out_of_use, .. } = at;
    AtPlace { place, kits, with_subjects, out_of_use }
}

/// The label expiry that is in force for a batch.
pub(crate) fn label_expiry(conn: &mut Conn, scene: &Scene<'_>, row: &batch::Batch) -> Result<Day, Failure> {
    let in_force = batch_expiry::in_force(conn, &scene.study)?;
    Ok(in_force.get(row.id.as_str()).copied().unwrap_or(row.label_expiry))
}

/// A batch as it stands. It has expired when it has at any site of the study.
fn standing(conn: &mut Conn, scene: &Scene<'_>, row: &batch::Batch) -> Result<Standing, Failure> {
    let mut latest_day = scene.now.utc().date_naive();
    for site in site::all(conn, &scene.study)? {
        latest_day = latest_day.max(sites::today(conn, scene, &site.id)?);
    }
    let last = batch_expiry::of_batch(conn, &scene.study, &row.id)?.pop();
    Ok(Standing {
        label_expiry: last.as_ref().map_or(row.label_expiry, |last| last.label_expiry),
        is_shortened: last.is_some_and(|last| last.extension.is_none()),
        is_recalled: batch_recall::find(conn, &scene.study, &row.id)?.is_some(),
        latest_day,
    })
}
