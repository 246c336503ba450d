//! What a reconciliation stands on, read table by table: as fresh as the moment, so that what was altered is found, and
//! with as few questions as there are tables.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use store::Conn;
use store::rows::dispensation::{self, Dispensation, Handover};
use store::rows::randomization::{self, Randomization};
use store::rows::{kit, list, replacement};
use terms::{Arm, DispensationId, KitNumber, ListId, Sealed, SubjectId};
use trial::decide::list::StoredPosition;

use crate::case::Scene;
use crate::failure::{Failure, missing};
use crate::kits::by_type::Contents;
use crate::lists::stored;

/// The rows of a study.
pub(super) struct Rows {
    /// Who was randomized, and by which lists.
    pub(super) places: Places,
    /// What is in every kit.
    pub(super) contents: Contents,
    /// Every handover, by its kit.
    pub(super) handovers: BTreeMap<KitNumber, Handover>,
    /// The dispensation of which a kit was replaced, by the kit that took its place.
    pub(super) replacing: HashMap<KitNumber, DispensationId>,
    /// What there is of each subject.
    pub(super) subjects: HashMap<SubjectId, OfSubject>,
}

/// What there is of a subject.
#[derive(Default)]
pub(super) struct OfSubject {
    /// The kits that were ever allocated, in the order of visit, attempt and slot.
    pub(super) allocated: Vec<kit::Allocated>,
    /// What was dispensed, in order.
    pub(super) dispensed: Vec<Dispensation>,
    /// What was handed over, each with what it was dispensed by, in the order of the numbers.
    pub(super) handed_over: Vec<(Handover, Dispensation)>,
}

impl Rows {
    pub(super) fn read(conn: &mut Conn, scene: &Scene<'_>) -> Result<Self, Failure> {
        let study = &scene.study;
        let handovers = dispensation::handovers(conn, study)?;
        let handovers = handovers.into_iter().map(|handover| (handover.kit, handover)).collect();
        let replaced = replacement::all(conn, study)?;
        let replacing = replaced.into_iter().map(|of| (of.new_kit, of.dispensation)).collect();
        Ok(Self {
            places: Places::read(conn, scene)?,
            contents: Contents::read(conn, scene)?,
            subjects: subjects(conn, scene, &handovers)?,
            handovers,
            replacing,
        })
    }
}

/// Who was randomized, and by which lists.
pub(super) struct Places {
    /// Who was randomized, in order.
    pub(super) randomizations: Vec<Randomization>,
    /// The lists that gave positions, each with all of its own.
    pub(super) lists: Vec<(list::List, Vec<StoredPosition>)>,
}

impl Places {
    pub(super) fn read(conn: &mut Conn, scene: &Scene<'_>) -> Result<Self, Failure> {
        let randomizations = randomization::all(conn, &scene.study)?;
        let used: BTreeSet<&ListId> = randomizations.iter().map(|row| &row.list).collect();
        let mut lists = Vec::new();
        for row in list::all(conn, &scene.study)? {
            if used.contains(&row.id) {
                let positions = stored(conn, scene, &row.id)?;
                lists.push((row, positions));
            }
        }
        Ok(Self { randomizations, lists })
    }

    /// The arm at the place of a randomization: as it is stored, even when it was moved there. What is wrong with a
    /// list stands beside the list.
    pub(super) fn arm(&self, of: &Randomization) -> Result<&Sealed<Arm>, Failure> {
        let place = (of.stratum, of.position);
        let positions =
            self.lists.iter().find(|(list, _)| list.id == of.list).map(|(_, positions)| positions);
        let stored = positions.and_then(|positions| {
            let at =
                positions.binary_search_by_key(&place, |stored| (stored.stratum, stored.position)).ok()?;
            positions.get(at)
        });
        stored.map(|stored| &stored.arm).ok_or_else(|| missing("position"))
    }
}

fn subjects(
    conn: &mut Conn,
    scene: &Scene<'_>,
    handovers: &BTreeMap<KitNumber, Handover>,
) -> Result<HashMap<SubjectId, OfSubject>, Failure> {
    let mut subjects: HashMap<SubjectId, OfSubject> = HashMap::new();
    for allocated in kit::all_allocated(conn, &scene.study)? {
        subjects.entry(allocated.subject.clone()).or_default().allocated.push(allocated);
    }
    let mut dispensed: HashMap<DispensationId, Dispensation> = HashMap::new();
    for done in dispensation::all(conn, &scene.study)? {
        dispensed.insert(done.id.clone(), done.clone());
        subjects.entry(done.subject.clone()).or_default().dispensed.push(done);
    }
    for handover in handovers.values() {
        let Some(done) = dispensed.get(&handover.dispensation) else { continue };
        let of = subjects.entry(done.subject.clone()).or_default();
        of.handed_over.push((handover.clone(), done.clone()));
    }
    Ok(subjects)
}
