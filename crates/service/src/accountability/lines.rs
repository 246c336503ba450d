//! The one line that every log has of a kit: the log of a site, of a subject and of a kit are choices out of the same
//! lines, so they cannot disagree (KIT-04, KIT-23).

use std::collections::BTreeMap;

use ledger::{KitState, Move, Movement, Place};
use store::Conn;
use store::rows::{dispensation, kit, kit_count, movement};
use terms::{BatchId, Day, KitNumber, Moment, SubjectId, UserId, VisitId};
use trial::decide::accountability::{Count, Doses, planned_doses};

use crate::case::Scene;
use crate::failure::Failure;

/// So many kits are looked up one by one; more of them, out of the rows of all kits of the study.
const FEW: usize = 50;

/// What became of one kit. It has no field for what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number on it.
    pub kit: KitNumber,
    /// Its batch.
    pub batch: BatchId,
    /// The label expiry.
    pub label_expiry: Day,
    /// The place that accounts for it.
    pub place: Place,
    /// Its state.
    pub state: KitState,
    /// When its site received it.
    pub received: Option<Moment>,
    /// Whose it is, once it was dispensed or handed over: before that nobody needs to know.
    pub whose: Option<(SubjectId, Option<VisitId>)>,
    /// When it was dispensed: the pharmacist was told to hand it over.
    pub dispensed: Option<Moment>,
    /// When it was handed over.
    pub handed_over: Option<Moment>,
    /// The last count of what came back.
    pub counted: Option<Counted>,
    /// The doses that the study plans out of it, once it was handed over.
    pub planned: Option<u32>,
    /// When it was reconciled, while it is.
    pub reconciled: Option<Moment>,
    /// When it was destroyed.
    pub destroyed: Option<Moment>,
}

/// A count with who made it, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The vials.
    pub count: Count,
    /// How often the kit was counted.
    pub times: u32,
    /// Who counted last.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

impl Line {
    /// Its doses as planned and as counted, once it was counted.
    pub fn doses(&self) -> Option<Doses> {
        Some(Doses::of_kit(self.planned.unwrap_or(0), self.counted.as_ref()?.count.used))
    }

    pub(super) fn is_of(&self, subject: &SubjectId) -> bool {
        self.whose.as_ref().is_some_and(|(whose, _)| whose == subject)
    }
}

/// The lines of kits, in their order.
pub(super) fn of(conn: &mut Conn, scene: &Scene<'_>, kits: Vec<kit::Kit>) -> Result<Vec<Line>, Failure> {
    if kits.len() <= FEW {
        return kits.into_iter().map(|row| one(conn, scene, row)).collect();
    }
    let study = &scene.study;
    let mut movements: BTreeMap<KitNumber, Vec<Movement>> = BTreeMap::new();
    for posted in movement::all(conn, study)? {
        movements.entry(posted.movement.kit).or_default().push(posted.movement);
    }
    let mut counts = counts(kit_count::all(conn, study)?);
    let allocated: BTreeMap<KitNumber, kit::Allocated> =
        kit::all_allocated(conn, study)?.into_iter().map(|one| (one.kit, one)).collect();
    let mut dispensed: BTreeMap<SubjectId, Vec<dispensation::Dispensation>> = BTreeMap::new();
    for one in dispensation::all(conn, study)? {
        dispensed.entry(one.subject.clone()).or_default().push(one);
    }
    let line = |row: kit::Kit| {
        let moves = movements.remove(&row.number).unwrap_or_default();
        let meant = allocated.get(&row.number);
        let told = meant.and_then(|meant| told(dispensed.get(&meant.subject)?, meant));
        let planned = meant.map(|meant| planned_doses(scene.design(), &meant.visit, meant.slot));
        line(row, &moves, told, planned, &mut counts)
    };
    Ok(kits.into_iter().map(line).collect())
}

/// The line of one kit: the same as among many, out of its own rows.
fn one(conn: &mut Conn, scene: &Scene<'_>, row: kit::Kit) -> Result<Line, Failure> {
    let (study, number) = (&scene.study, row.number);
    let moves: Vec<Movement> =
        movement::of_kit(conn, study, number)?.into_iter().map(|posted| posted.movement).collect();
    let mut counts = counts(kit_count::of_kit(conn, study, number)?);
    let meant = kit::allocation_of(conn, study, number)?;
    let dispensed = match &meant {
        Some(meant) => dispensation::of_subject(conn, study, &meant.subject)?,
        None => Vec::new(),
    };
    let told = meant.as_ref().and_then(|meant| told(&dispensed, meant));
    let planned = meant.map(|meant| planned_doses(scene.design(), &meant.visit, meant.slot));
    Ok(line(row, &moves, told, planned, &mut counts))
}

/// The last count of each kit.
fn counts(rows: Vec<kit_count::KitCount>) -> BTreeMap<KitNumber, Counted> {
    let mut counts: BTreeMap<KitNumber, Counted> = BTreeMap::new();
    for row in rows {
        let times = counts.get(&row.kit).map_or(0, |before| before.times).saturating_add(1);
        let count = Count { used: row.used, unused: row.unused, missing: row.missing };
        counts.insert(row.kit, Counted { count, times, by: row.by, at: row.at });
    }
    counts
}

/// When the pharmacist was told to hand this allocation over.
fn told(dispensed: &[dispensation::Dispensation], meant: &kit::Allocated) -> Option<Moment> {
    let is_it = |one: &&dispensation::Dispensation| {
        (&one.subject, &one.visit, one.attempt) == (&meant.subject, &meant.visit, meant.attempt)
    };
    dispensed.iter().find(is_it).map(|one| one.at)
}

fn line(
    row: kit::Kit,
    moves: &[Movement],
    dispensed: Option<Moment>,
    planned: Option<u32>,
    counts: &mut BTreeMap<KitNumber, Counted>,
) -> Line {
    let last = |is_it: fn(Move) -> bool| {
        let found = moves.iter().rev().find(|moved| is_it(moved.a_move));
        found.map(|moved| moved.happened)
    };
    let is_explained = matches!(row.state, KitState::Reconciled | KitState::Destroyed);
    let is_known = dispensed.is_some() || row.given;
    Line {
        received: last(|a_move| a_move == Move::Receive),
        whose: row.subject.filter(|_| is_known).map(|subject| (subject, row.visit)),
        dispensed,
        handed_over: last(|a_move| matches!(a_move, Move::HandOver | Move::HandOverInError)),
        counted: counts.remove(&row.number),
        planned: row.given.then(|| planned.unwrap_or(0)),
        reconciled: last(|a_move| a_move == Move::Reconcile).filter(|_| is_explained),
        destroyed: last(|a_move| a_move == Move::Destroy).filter(|_| row.state == KitState::Destroyed),
        kit: row.number,
        batch: row.batch,
        label_expiry: row.label_expiry,
        place: row.place,
        state: row.state,
    }
}
