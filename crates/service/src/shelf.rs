//! A site's shelf: loading it for a decision, and writing what the decision allocates.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use ledger::{Move, Place, VisitDue};
use store::rows::kit::ShelfAt;
use store::rows::{batch, batch_expiry, dispensation, kit, randomization, secret};
use store::{Conn, Tx};
use terms::{Arm, BatchId, Day, KitNumber, Moment, Sealed, SiteId, StudyId, SubjectId, VisitId};
use trial::act::Act;
use trial::decide::register::kit_salt;
use trial::decide::supply::{Allocation, Shelf, ShelfKit};
use trial::study::StudyDesign;

use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::posting::{Step, post};
use crate::site;

/// The kits on a shelf, each with its type sealed. The type of every one is looked up, whatever is wanted, so that the
/// work does not go by the arm.
pub(crate) fn load(conn: &mut Conn, scene: &Scene<'_>, at: ShelfAt<'_>) -> Result<Shelf, Failure> {
    let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let numbers = kit::on_shelf(conn, &scene.study, at)?;
    let kits = match known(conn, scene, &numbers)? {
        Some(kits) => kits,
        None => {
            let seed = scene.vault.seed(conn, &seeds.kit_numbers)?;
            for batch in kit::batches_of(conn, &scene.study, &numbers)? {
                learn(conn, scene, &seed, &batch)?;
            }
            known(conn, scene, &numbers)?.ok_or_else(|| missing("kit type of this kit"))?
        }
    };
    Ok(Shelf { kits, pick_seed: scene.vault.seed(conn, &seeds.picks)? })
}

/// The kits with these numbers, when all of them are known from before, out of the very registration that stands in
/// the database.
fn known(
    conn: &mut Conn,
    scene: &Scene<'_>,
    numbers: &[KitNumber],
) -> Result<Option<Vec<ShelfKit>>, Failure> {
    let Some(known) = scene.service.kit_types.of(&scene.study, numbers) else { return Ok(None) };
    let in_force = batch_expiry::in_force(conn, &scene.study)?;
    let mut labels = BTreeMap::new();
    for (id, lots) in &known.batches {
        match batch::find(conn, &scene.study, id)? {
            Some(row) if row.lots == *lots => {
                let label_expiry = in_force.get(id.as_str()).copied().unwrap_or(row.label_expiry);
                labels.insert(id.clone(), label_expiry);
            }
            _ => return Ok(None),
        }
    }
    Ok(known.on_shelf(&labels))
}

/// Opens the types of all kits of a batch, for all that follows. One that does not open hinders no other: it stays
/// unknown, and whoever needs it is told.
fn learn(
    conn: &mut Conn,
    scene: &Scene<'_>,
    seed: &Sealed<[u8; 32]>,
    batch: &BatchId,
) -> Result<(), Failure> {
    let row = batch::find(conn, &scene.study, batch)?.ok_or_else(|| missing("batch"))?;
    let opened = |row: kit::Content| {
        let salt = kit_salt(seed, &scene.study, row.number);
        Some((row.number, scene.vault.kit_type(&row.kit_type, &salt).ok()?))
    };
    let kits = kit::contents_of(conn, &scene.study, batch)?.into_iter().filter_map(opened).collect();
    scene.service.kit_types.learn(&scene.study, batch, row.lots, kits);
    Ok(())
}

/// The arms of the site's subjects in treatment to whom kits are due within the lead time and not yet allocated, each
/// with the number of kits: they are not promised to a new subject.
pub(crate) fn due(
    conn: &mut Conn,
    scene: &Scene<'_>,
    site: &SiteId,
    today: Day,
) -> Result<Vec<(Sealed<Arm>, u32)>, Failure> {
    let lead = chrono::Days::new(u64::from(scene.design().supply.lead_days));
    let horizon = today.checked_add_days(lead).unwrap_or(Day::MAX);
    let zone = site::zone(conn, scene, site)?;
    let known = Known::read(conn, &scene.study, Some(site))?;
    let mut due = Vec::new();
    for row in randomization::in_treatment(conn, &scene.study, site)? {
        let visits = known.still_to_come(scene.design(), &row.subject, site::day_in(zone, row.randomized_at));
        let kits: u32 = visits.iter().filter(|visit| visit.day <= horizon).map(|visit| visit.kits).sum();
        if kits > 0 {
            due.push((scene.vault.arm_row(&row.arm)?, kits));
        }
    }
    Ok(due)
}

/// The visits of the site's subjects in treatment that still need kits: those after the last one that has kits, because
/// an earlier one cannot be dispensed any more. No arm is read for it.
pub(crate) fn still_to_come(
    conn: &mut Conn,
    study: &StudyId,
    design: &StudyDesign,
    (site, zone): (&SiteId, Tz),
) -> Result<Vec<VisitDue>, Failure> {
    let known = Known::read(conn, study, Some(site))?;
    let of_subject = |(subject, _, randomized_at): (SubjectId, SiteId, Moment)| {
        known.still_to_come(design, &subject, site::day_in(zone, randomized_at))
    };
    Ok(randomization::moments(conn, study, Some(site))?.into_iter().flat_map(of_subject).collect())
}

/// The same of every site that has any.
pub(crate) fn still_to_come_at_sites(
    conn: &mut Conn,
    study: &StudyId,
    design: &StudyDesign,
) -> Result<BTreeMap<SiteId, Vec<VisitDue>>, Failure> {
    let (known, zones) = (Known::read(conn, study, None)?, site::zones(conn, study)?);
    let mut to_come: BTreeMap<SiteId, Vec<VisitDue>> = BTreeMap::new();
    for (subject, site, randomized_at) in randomization::moments(conn, study, None)? {
        let zone = zones.get(&site).ok_or_else(|| missing("site"))?;
        let visits = known.still_to_come(design, &subject, site::day_in(*zone, randomized_at));
        to_come.entry(site).or_default().extend(visits);
    }
    Ok(to_come)
}

/// What subjects were given so far.
struct Known {
    first_days: BTreeMap<SubjectId, Day>,
    allocated: BTreeMap<SubjectId, BTreeSet<VisitId>>,
}

impl Known {
    /// Of the subjects of a site, or of all of the study.
    fn read(conn: &mut Conn, study: &StudyId, site: Option<&SiteId>) -> Result<Self, Failure> {
        let (first_days, visits) = match site {
            Some(site) => {
                (dispensation::first_days(conn, study, site)?, kit::visits_allocated(conn, study, site)?)
            }
            None => (dispensation::all_first_days(conn, study)?, kit::all_visits_allocated(conn, study)?),
        };
        let mut allocated: BTreeMap<SubjectId, BTreeSet<VisitId>> = BTreeMap::new();
        for (subject, visit) in visits {
            allocated.entry(subject).or_default().insert(visit);
        }
        Ok(Self { first_days: first_days.into_iter().collect(), allocated })
    }

    fn still_to_come(&self, design: &StudyDesign, subject: &SubjectId, randomized: Day) -> Vec<VisitDue> {
        let day_one = self.first_days.get(subject).copied().unwrap_or(randomized);
        let visits = self.allocated.get(subject);
        let has = |visit: &VisitId| visits.is_some_and(|visits| visits.contains(visit));
        design.visits_due(has, day_one).into_iter().map(|(_, due)| due).collect()
    }
}

/// Writes an allocation: the leaf, the movements, and one row for each kit.
pub(crate) fn allocate(
    tx: &mut Tx,
    scene: &Scene<'_>,
    site: &SiteId,
    subject: &SubjectId,
    allocation: &Allocation,
) -> Result<(), Failure> {
    let act = Act::KitsAllocated {
        subject: subject.clone(),
        visit: allocation.visit.clone(),
        attempt: allocation.attempt,
        through: allocation.through,
        kits: allocation.kits.clone(),
    };
    let entry = scene.append(tx, Some(site), act)?;
    for (slot, number) in (0_u32..).zip(&allocation.kits) {
        let step = Step::new(Move::Allocate, Place::Site(site.clone())).of(subject, &allocation.visit);
        post(tx, scene, entry, *number, step)?;
        let allocated = kit::Allocated {
            subject: subject.clone(),
            visit: allocation.visit.clone(),
            attempt: allocation.attempt,
            slot,
            kit: *number,
            through: allocation.through,
        };
        kit::allocate(tx, &allocated, scene.now)?;
    }
    Ok(())
}
