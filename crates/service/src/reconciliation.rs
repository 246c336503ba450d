//! Reconciliation (`GET /studies/{study}/reconciliation`): the list against what was allocated, dispensed and handed
//! over, subject by subject, and the stock by kit type.

mod rows;

use std::collections::BTreeMap;
use std::sync::Arc;

use store::rows::dispensation::{Dispensation, Handover};
use store::rows::{kit, randomization};
use store::{Conn, Tx};
use strum::{Display, VariantArray};
use terms::{
    Arm, KitNumber, ListId, Moment, RandomizationNumber, Sealed, Stratum, StudyId, SubjectId, VisitId,
};
use trial::act::Act;
use trial::decide::list as decide;
use trial::study::{KitContents, Levels, SealedDesign};
use trial::{Action, Grant};

use self::rows::{OfSubject, Places, Rows};
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
    /// The levels of the stratum.
    pub levels: Levels,
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
    pub contents: KitContents,
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
pub fn read(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Arc<Reconciliation>, Failure> {
    let (who, together) = ((service, caller, study), (&service.reading.reconciliation, study));
    let record = |tx: &mut Tx, scene: &Scene<'_>| record(tx, scene, decide::read_reconciliation);
    case::record_then_read_together(who, Action::ReadReconciliation, record, together, reconcile)
}

/// A randomized subject in its place, with the arm in the clear. It has no `Debug`.
pub struct Placed {
    /// When the subject was randomized.
    pub randomized_at: Moment,
    /// The stratum.
    pub stratum: u32,
    /// The levels of the stratum.
    pub levels: Levels,
    /// The arm in the words of the protocol.
    pub arm: String,
}

/// The arms of a study and who has which. It has no `Debug`.
pub struct Balance {
    /// All arms in the words of the protocol, in design order: also those that nobody has yet.
    pub arms: Vec<String>,
    /// The randomized subjects, in order.
    pub subjects: Vec<Placed>,
}

/// The randomized subjects of a study with their arms, in order, without their kits. Every read is recorded, as one of
/// [`read`] is.
///
/// # Errors
/// The refusals of authorization; faults.
pub fn balance(service: &Shared, caller: &Caller, study: &StudyId) -> Result<Arc<Balance>, Failure> {
    let (who, together) = ((service, caller, study), (&service.reading.balance, study));
    case::record_then_read_together(
        who,
        Action::ReadReconciliation,
        |tx, scene| record(tx, scene, decide::read_balance),
        together,
        |conn, scene, grant| {
            let places = Places::read(conn, scene)?;
            let placed = |row: &randomization::Randomization| {
                let arm = scene.design().arm(*places.arm(row)?.open(&grant)).ok_or_else(|| missing("arm"))?;
                let levels = scene.design().levels(row.stratum).ok_or_else(|| missing("stratum"))?;
                Ok(Placed {
                    randomized_at: row.at,
                    stratum: row.stratum.index(),
                    levels,
                    arm: arm.name.clone(),
                })
            };
            let subjects = places.randomizations.iter().map(placed).collect::<Result<_, Failure>>()?;
            let arms = scene.design().arms.iter().map(|arm| arm.name.clone()).collect();
            Ok(Balance { arms, subjects })
        },
    )
}

fn record(tx: &mut Tx, scene: &Scene<'_>, read: fn() -> (Act, Grant)) -> Result<Grant, Failure> {
    let (act, grant) = read();
    scene.append(tx, None, act)?;
    Ok(grant)
}

fn reconcile(conn: &mut Conn, scene: &Scene<'_>, grant: Grant) -> Result<Reconciliation, Failure> {
    let rows = Rows::read(conn, scene)?;
    let reader = Reader { scene, sealed: scene.sealed_design(conn)?, rows, grant };
    let mut turns: BTreeMap<(&ListId, Stratum), u32> = BTreeMap::new();
    let mut subjects = Vec::new();
    for row in &reader.rows.places.randomizations {
        let turn = turns.entry((&row.list, row.stratum)).or_insert(0);
        let in_order = row.position.index() == *turn;
        *turn = turn.saturating_add(1);
        subjects.push(reader.subject(row, in_order)?);
    }
    let lists = reader.rows.places.lists.iter();
    let lists = lists.map(|(list, positions)| recompute(conn, scene, list, positions));
    let lists = lists.collect::<Result<_, Failure>>()?;
    let stock = by_type(conn, scene, &reader.rows.contents, &reader.grant, |_place| true)?;
    let deduced = deduced(conn, scene)?;
    Ok(Reconciliation { lists, subjects, deduced, stock })
}

/// What every subject is read with.
struct Reader<'a> {
    scene: &'a Scene<'a>,
    sealed: SealedDesign,
    rows: Rows,
    grant: Grant,
}

impl Reader<'_> {
    fn subject(&self, row: &randomization::Randomization, in_order: bool) -> Result<Subject, Failure> {
        let sealed_arm = self.rows.places.arm(row)?;
        let arm = *sealed_arm.open(&self.grant);
        let words = self.scene.design().arm(arm).zip(self.sealed.arm_code(arm));
        let (words, code) = words.ok_or_else(|| missing("arm"))?;
        Ok(Subject {
            id: row.subject.clone(),
            number: row.number,
            randomized_at: row.at,
            stratum: row.stratum.index(),
            levels: self.scene.design().levels(row.stratum).ok_or_else(|| missing("stratum"))?,
            position: row.position.index(),
            arm: words.name.clone(),
            code: code.to_owned(),
            kits: self.kits(&row.subject, sealed_arm)?,
            mismatches: if in_order { vec![] } else { vec![Mismatch::PositionOutOfOrder] },
        })
    }

    fn kits(&self, subject: &SubjectId, arm: &Sealed<Arm>) -> Result<Vec<Kit>, Failure> {
        let Some(of) = self.rows.subjects.get(subject) else { return Ok(Vec::new()) };
        let mut kits = Vec::new();
        for allocated in &of.allocated {
            kits.push(self.allocated_kit(allocated, of, arm)?);
        }
        for (handover, done) in &of.handed_over {
            if of.allocated.iter().all(|allocated| allocated.kit != handover.kit) {
                kits.push(self.unallocated_kit(handover, done, arm)?);
            }
        }
        Ok(kits)
    }

    fn allocated_kit(
        &self,
        allocated: &kit::Allocated,
        of: &OfSubject,
        arm: &Sealed<Arm>,
    ) -> Result<Kit, Failure> {
        // A kit that replaces another one belongs to the dispensation of that one.
        let replacing = self.rows.replacing.get(&allocated.kit);
        let own = |done: &&Dispensation| match replacing {
            Some(of) => done.id == *of,
            None => done.visit == allocated.visit && done.attempt == allocated.attempt,
        };
        let dispensed = of.dispensed.iter().find(own);
        let handover = self.rows.handovers.get(&allocated.kit);
        let elsewhere = handover
            .is_some_and(|handover| dispensed.is_none_or(|dispensed| dispensed.id != handover.dispensation));
        let mut kit = self.kit(allocated.kit, &allocated.visit, allocated.attempt, arm)?;
        kit.dispensed_at = dispensed.map(|dispensed| dispensed.at);
        kit.handed_over_at = handover.map(|handover| handover.at);
        kit.mismatches.extend(elsewhere.then_some(Mismatch::OtherDispensation));
        Ok(kit)
    }

    fn unallocated_kit(
        &self,
        handover: &Handover,
        done: &Dispensation,
        arm: &Sealed<Arm>,
    ) -> Result<Kit, Failure> {
        let mut kit = self.kit(handover.kit, &done.visit, done.attempt, arm)?;
        kit.handed_over_at = Some(handover.at);
        kit.mismatches.push(Mismatch::NotAllocated);
        Ok(kit)
    }

    fn kit(
        &self,
        number: KitNumber,
        visit: &VisitId,
        attempt: u32,
        arm: &Sealed<Arm>,
    ) -> Result<Kit, Failure> {
        let content = self.rows.contents.of(number);
        let (sealed_type, is_its_own) = content.ok_or_else(|| missing("kit type"))?;
        let words = self.sealed.kit_types().get(sealed_type.open(&self.grant).as_usize());
        let words = words.ok_or_else(|| missing("kit type"))?;
        let serves = decide::serves(&self.sealed, arm, sealed_type, &self.grant);
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
}
