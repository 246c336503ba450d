//! Reconciliation (`GET /studies/{study}/reconciliation`): the list against what was allocated, dispensed and handed
//! over, subject by subject, and the stock by kit type.

use std::collections::BTreeMap;

use store::rows::dispensation::{self, Dispensation, Handover};
use store::rows::{kit, list, randomization, replacement, secret};
use store::{Conn, Tx};
use strum::{Display, VariantArray};
use terms::{
    Arm, DispensationId, KitNumber, KitType, ListId, Moment, RandomizationNumber, Sealed, Stratum, StudyId,
    SubjectId, VisitId,
};
use trial::decide::list as decide;
use trial::decide::register::kit_salt;
use trial::study::SealedDesign;
use trial::{Action, Grant};

use crate::case::{self, Scene};
use crate::failure::{Failure, missing};
use crate::kits::by_type::{ByType, by_type};
use crate::lists::{Recomputed, recompute};
use crate::request::Caller;
use crate::service::Shared;
use crate::unblind::{Deduced, deduced};

/// A reconciliation in the clear. None of its parts has a `Debug`, so that they cannot slip into a log.
pub struct Reconciliation {
    /// The lists that gave positions, each recomputed.
    pub lists: Vec<Recomputed>,
    /// The randomized subjects, in the order of randomization.
    pub subjects: Vec<Subject>,
    /// The places whose arm can be deduced from the code breaks so far (UNB-13).
    pub deduced: Vec<Deduced>,
    /// How many kits of each type could be used, at all places.
    pub stock: ByType,
}

/// A randomized subject with the kits that were meant for it or handed to it.
pub struct Subject {
    /// The subject.
    pub id: SubjectId,
    /// The randomization number.
    pub number: RandomizationNumber,
    /// When the subject was randomized.
    pub randomized_at: Moment,
    /// The stratum.
    pub stratum: u32,
    /// The levels of the stratum in words; nothing in a study without strata.
    pub levels: String,
    /// The position in it.
    pub position: u32,
    /// The arm in the words of the protocol.
    pub arm: String,
    /// The internal code of the arm.
    pub code: String,
    /// The kits, in the order of visits and allocations; those handed over without an allocation last.
    pub kits: Vec<Kit>,
    /// What is wrong with the subject's place in the list.
    pub mismatches: Vec<Mismatch>,
}

/// A kit that was meant for a subject or handed to it.
pub struct Kit {
    /// The number on it.
    pub number: KitNumber,
    /// The visit.
    pub visit: VisitId,
    /// Which allocation for this visit it is, from 1.
    pub attempt: u32,
    /// The internal code of its type.
    pub kit_type: String,
    /// What it holds.
    pub contents: String,
    /// When the pharmacist was told its number.
    pub dispensed_at: Option<Moment>,
    /// When it was handed over.
    pub handed_over_at: Option<Moment>,
    /// What is wrong with it.
    pub mismatches: Vec<Mismatch>,
}

/// What a reconciliation can find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Mismatch {
    /// The subject has not the position whose turn it was in its stratum.
    PositionOutOfOrder,
    /// The kit does not hold what the subject's arm wants.
    WrongKitType,
    /// What is stored as the kit's type was sealed for another kit.
    TypeOfAnotherKit,
    /// The kit was handed to the subject without having been allocated to it.
    NotAllocated,
    /// The kit was handed over under a dispensation that is not the one of its allocation.
    OtherDispensation,
}

impl Reconciliation {
    /// How many mismatches there are: on subjects, on kits, and lists that are not what was committed to.
    pub fn mismatches(&self) -> usize {
        let lists = self.lists.iter().filter(|list| !(list.as_committed && list.as_derived)).count();
        let of_subject = |subject: &Subject| {
            let on_kits: usize = subject.kits.iter().map(|kit| kit.mismatches.len()).sum();
            subject.mismatches.len() + on_kits
        };
        lists + self.subjects.iter().map(of_subject).sum::<usize>()
    }
}

/// Reconciles a study. Every read is recorded, and committed before anything is answered (BLD-14).
///
/// # Errors
/// The refusals of authorization; faults.
pub fn read(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Reconciliation, Failure> {
    case::record_then_read(service, caller, study, Action::ReadReconciliation, record, reconcile)
}

fn record(tx: &mut Tx, scene: &Scene<'_>) -> Result<Grant, Failure> {
    let (act, grant) = decide::read_reconciliation();
    scene.append(tx, None, act)?;
    Ok(grant)
}

fn reconcile(conn: &mut Conn, scene: &Scene<'_>, grant: Grant) -> Result<Reconciliation, Failure> {
    let handovers = dispensation::handovers(conn, &scene.study)?;
    let handovers = handovers.into_iter().map(|handover| (handover.kit, handover)).collect();
    let seeds = secret::find(conn, &scene.study)?.ok_or_else(|| missing("study seeds"))?;
    let number_seed = scene.vault.seed(conn, &seeds.kit_numbers)?;
    let reader = Reader { scene, sealed: scene.sealed_design(conn)?, handovers, number_seed, grant };
    let mut turns: BTreeMap<(ListId, Stratum), u32> = BTreeMap::new();
    let mut subjects = Vec::new();
    for row in randomization::all(conn, &scene.study)? {
        let turn = turns.entry((row.list.clone(), row.stratum)).or_insert(0);
        let in_order = row.position.index() == *turn;
        *turn = turn.saturating_add(1);
        subjects.push(reader.subject(conn, &row, in_order)?);
    }
    let mut lists = Vec::new();
    for list in list::all(conn, &scene.study)? {
        if turns.keys().any(|(used, _)| *used == list.id) {
            lists.push(recompute(conn, scene, &list)?);
        }
    }
    let stock = by_type(conn, scene, &reader.number_seed, &reader.grant, |_place| true)?;
    let deduced = deduced(conn, scene)?;
    Ok(Reconciliation { lists, subjects, deduced, stock })
}

/// What every subject is read with.
struct Reader<'a> {
    scene: &'a Scene<'a>,
    sealed: SealedDesign,
    handovers: BTreeMap<KitNumber, Handover>,
    number_seed: Sealed<[u8; 32]>,
    grant: Grant,
}

impl Reader<'_> {
    fn subject(
        &self,
        conn: &mut Conn,
        row: &randomization::Randomization,
        in_order: bool,
    ) -> Result<Subject, Failure> {
        // As it is stored, even when it was moved there: what is wrong with a list stands beside the list.
        let place = list::place(conn, &row.list, row.stratum, row.position)?;
        let sealed_arm = self.scene.vault.arm(conn, &place.ok_or_else(|| missing("position"))?.arm)?;
        let arm = *sealed_arm.open(&self.grant);
        let words = self.scene.design().arm(arm).zip(self.sealed.arm_code(arm));
        let (words, code) = words.ok_or_else(|| missing("arm"))?;
        Ok(Subject {
            id: row.subject.clone(),
            number: row.number,
            randomized_at: row.at,
            stratum: row.stratum.index(),
            levels: self.scene.design().levels(row.stratum),
            position: row.position.index(),
            arm: words.name.clone(),
            code: code.to_owned(),
            kits: self.kits(conn, &row.subject, &sealed_arm)?,
            mismatches: if in_order { vec![] } else { vec![Mismatch::PositionOutOfOrder] },
        })
    }

    fn kits(&self, conn: &mut Conn, subject: &SubjectId, arm: &Sealed<Arm>) -> Result<Vec<Kit>, Failure> {
        let study = &self.scene.study;
        let done: BTreeMap<DispensationId, Dispensation> = dispensation::of_subject(conn, study, subject)?
            .into_iter()
            .map(|done| (done.id.clone(), done))
            .collect();
        let allocated = kit::allocated_to(conn, study, subject)?;
        let replacements = replacement::of_subject(conn, study, subject)?;
        let mut kits = Vec::new();
        for allocated in &allocated {
            let replaced = replacements.iter().find(|replaced| replaced.new_kit == allocated.kit);
            let of = replaced.map(|replaced| &replaced.dispensation);
            kits.push(self.allocated_kit(conn, allocated, of, &done, arm)?);
        }
        for handover in self.handovers.values() {
            let Some(done) = done.get(&handover.dispensation) else { continue };
            if allocated.iter().all(|allocated| allocated.kit != handover.kit) {
                kits.push(self.unallocated_kit(conn, handover, done, arm)?);
            }
        }
        Ok(kits)
    }

    fn allocated_kit(
        &self,
        conn: &mut Conn,
        allocated: &kit::Allocated,
        replacing: Option<&DispensationId>,
        done: &BTreeMap<DispensationId, Dispensation>,
        arm: &Sealed<Arm>,
    ) -> Result<Kit, Failure> {
        // A kit that replaces another one belongs to the dispensation of that one.
        let own = |done: &&Dispensation| match replacing {
            Some(of) => done.id == *of,
            None => done.visit == allocated.visit && done.attempt == allocated.attempt,
        };
        let dispensed = done.values().find(own);
        let handover = self.handovers.get(&allocated.kit);
        let elsewhere = handover
            .is_some_and(|handover| dispensed.is_none_or(|dispensed| dispensed.id != handover.dispensation));
        let mut kit = self.kit(conn, allocated.kit, &allocated.visit, allocated.attempt, arm)?;
        kit.dispensed_at = dispensed.map(|dispensed| dispensed.at);
        kit.handed_over_at = handover.map(|handover| handover.at);
        kit.mismatches.extend(elsewhere.then_some(Mismatch::OtherDispensation));
        Ok(kit)
    }

    fn unallocated_kit(
        &self,
        conn: &mut Conn,
        handover: &Handover,
        done: &Dispensation,
        arm: &Sealed<Arm>,
    ) -> Result<Kit, Failure> {
        let mut kit = self.kit(conn, handover.kit, &done.visit, done.attempt, arm)?;
        kit.handed_over_at = Some(handover.at);
        kit.mismatches.push(Mismatch::NotAllocated);
        Ok(kit)
    }

    fn kit(
        &self,
        conn: &mut Conn,
        number: KitNumber,
        visit: &VisitId,
        attempt: u32,
        arm: &Sealed<Arm>,
    ) -> Result<Kit, Failure> {
        let (sealed_type, is_its_own) = self.kit_type(conn, number)?;
        let words = self.sealed.kit_types().get(sealed_type.open(&self.grant).as_usize());
        let words = words.ok_or_else(|| missing("kit type"))?;
        let serves = decide::serves(&self.sealed, arm, &sealed_type, &self.grant);
        let wrong_type = (!serves).then_some(Mismatch::WrongKitType);
        let found = [wrong_type, (!is_its_own).then_some(Mismatch::TypeOfAnotherKit)];
        Ok(Kit {
            number,
            visit: visit.clone(),
            attempt,
            kit_type: words.code.clone(),
            contents: words.contents.clone(),
            dispensed_at: None,
            handed_over_at: None,
            mismatches: found.into_iter().flatten().collect(),
        })
    }

    fn kit_type(&self, conn: &mut Conn, number: KitNumber) -> Result<(Sealed<KitType>, bool), Failure> {
        let id = kit::kit_type(conn, &self.scene.study, number)?.ok_or_else(|| missing("kit"))?;
        let salt = kit_salt(&self.number_seed, &self.scene.study, number);
        self.scene.vault.kit_type_at(conn, &id, &salt)
    }
}
