//! A site's shelf: loading it for a decision, and writing what the decision allocates.

use ledger::{KitState, Move, Movement, Place};
use store::rows::{dispensation, kit, randomization, secret, subject};
use store::{Conn, Tx};
use terms::{Arm, Day, KitNumber, Sealed, SiteId, SubjectId, VisitId};
use trial::SubjectState;
use trial::act::Act;
use trial::decide::supply::{Allocation, Shelf, ShelfKit};

use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::randomize::arm_of;
use crate::site;

/// The kits of a site that can be allocated, each with its type sealed. Every one is opened, whatever is wanted, so
/// that the work does not go by the arm.
pub(crate) fn load(conn: &mut Conn, scene: &Scene<'_>, site: &SiteId) -> Result<Shelf, Failure> {
    let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let pick_seed = scene.vault.seed(conn, &seeds.picks)?;
    let rows = kit::on_shelf(conn, &scene.study, site)?;
    let kits = rows.into_iter().map(|row| {
        let kit_type = scene.vault.kit_type(&row.kit_type)?;
        Ok(ShelfKit { number: row.number, batch: row.batch, label_expiry: row.label_expiry, kit_type })
    });
    Ok(Shelf { kits: kits.collect::<Result<_, Failure>>()?, pick_seed })
}

/// The arms of the site's subjects in treatment, each with the kits that are due within the lead time and not yet
/// allocated: they are not promised to a new subject.
pub(crate) fn due(
    conn: &mut Conn,
    scene: &Scene<'_>,
    site: &SiteId,
    today: Day,
) -> Result<Vec<(Sealed<Arm>, u32)>, Failure> {
    let mut due = Vec::new();
    for row in subject::at_site(conn, &scene.study, site)? {
        if row.state != SubjectState::InTreatment {
            continue;
        }
        let randomized = randomization::of_subject(conn, &scene.study, &row.id)?;
        let randomized = randomized.ok_or_else(|| missing("randomization"))?;
        let kits = kits_due(conn, scene, site, &randomized, today)?;
        due.push((arm_of(conn, scene, &randomized)?, kits));
    }
    Ok(due)
}

/// How many kits a subject is due within the lead time. A visit that has passed without kits is due, too.
fn kits_due(
    conn: &mut Conn,
    scene: &Scene<'_>,
    site: &SiteId,
    randomized: &randomization::Randomization,
    today: Day,
) -> Result<u32, Failure> {
    let allocated = kit::allocated_to(conn, &scene.study, &randomized.subject)?;
    let first = dispensation::of_subject(conn, &scene.study, &randomized.subject)?;
    let day_one = match first.iter().map(|done| done.day).min() {
        Some(day) => day,
        None => site::day_at(conn, scene, site, randomized.at)?,
    };
    let lead = chrono::Days::new(u64::from(scene.design().supply.lead_days));
    let horizon = today.checked_add_days(lead).unwrap_or(Day::MAX);
    let is_due = |visit: &VisitId, planned: Day| {
        planned <= horizon && allocated.iter().all(|allocated| allocated.visit != *visit)
    };
    let visits = scene.design().dispensing_visits();
    let due = visits.filter(|(visit, _)| is_due(&visit.id, visit.planned_day(day_one)));
    Ok(due.map(|(_, dispensing)| dispensing.kits).sum())
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
        let moved = movement(scene, site, *number, KitState::Available, Move::Allocate);
        let moved =
            Movement { subject: Some(subject.clone()), visit: Some(allocation.visit.clone()), ..moved? };
        kit::move_kit(tx, entry, &moved)?;
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

/// A movement at a site, now; to what state it leads says the ledger.
pub(crate) fn movement(
    scene: &Scene<'_>,
    site: &SiteId,
    kit: KitNumber,
    from: KitState,
    a_move: Move,
) -> Result<Movement, Failure> {
    let to =
        ledger::next(Some(from), a_move).map_err(|_illegal| trial::Refusal::KitState(kit.to_string()))?;
    Ok(Movement {
        kit,
        from: Some(from),
        to,
        a_move,
        place: Place::Site(site.clone()),
        subject: None,
        visit: None,
        happened: scene.now,
        recorded: scene.now,
        reason: None,
    })
}
