//! Randomizing a subject.

use std::collections::BTreeMap;

use terms::{Arm, Day, ListId, Position, RandomizationNumber, Sealed, Stratum, SubjectId};

use super::supply::{self, Allocation, Need, Shelf};
use crate::study::{SealedDesign, StudyDesign};
use crate::{Fulfilled, Refusal, SubjectState};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The day on which the subject consented.
    pub consent: Day,
    /// The answer to every criterion, by its id.
    pub answers: BTreeMap<String, Fulfilled>,
    /// The level of every stratification factor, by its id.
    pub strata: BTreeMap<String, String>,
}

/// What the active list offers to a stratum.
pub enum Offer {
    /// There is no active list.
    NoList,
    /// The list has no unused position left in this stratum.
    Exhausted,
    /// The next unused position.
    Next(NextPosition),
}

/// The next unused position of the active list.
pub struct NextPosition {
    /// The list.
    pub list: ListId,
    /// The stratum.
    pub stratum: Stratum,
    /// The position in it.
    pub position: Position,
    /// The arm that stands there.
    pub arm: Sealed<Arm>,
}

/// What is known of the subject and the study, before the list is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The subject.
    pub subject: SubjectId,
    /// What has become of the subject so far.
    pub state: SubjectState,
    /// Whether randomization is on hold, in the study or at the site.
    pub on_hold: bool,
    /// The day at the site.
    pub today: Day,
    /// How many subjects of the study have been randomized.
    pub randomized: u32,
}

/// What the list and the shelf hold.
pub struct Stock {
    /// What the active list offers to the stratum.
    pub offer: Offer,
    /// The site's shelf.
    pub shelf: Shelf,
    /// The arms of the site's subjects in treatment, with the kits that are due to them soon.
    pub due: Vec<(Sealed<Arm>, u32)>,
}

/// What follows. It holds no arm: whoever answers with it cannot tell one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Randomization {
    /// What the site writes down.
    pub number: RandomizationNumber,
    /// The list.
    pub list: ListId,
    /// The stratum.
    pub stratum: Stratum,
    /// The position in it.
    pub position: Position,
    /// The kits of the first visit.
    pub allocation: Allocation,
}

/// The stratum of a command that is in order so far.
///
/// Checked in this order: the subject's state, a hold, the consent date, the answers, the strata, eligibility, the
/// cap. None of it depends on the list.
///
/// # Errors
/// The first check that fails.
pub fn check(design: &StudyDesign, known: &Known, command: &Command) -> Result<Stratum, Refusal> {
    match known.state {
        SubjectState::Screened => {}
        state if state.is_randomized() => return Err(Refusal::AlreadyRandomized),
        state => return Err(Refusal::SubjectState(state.words())),
    }
    if known.on_hold {
        return Err(Refusal::OnHold("randomization"));
    }
    if command.consent > known.today {
        return Err(Refusal::field("consent_date", "lies in the future at the site"));
    }
    check_answers(design, &command.answers)?;
    let stratum = design.stratum_of(&command.strata).map_err(|problem| Refusal::field("strata", problem))?;
    check_eligibility(&command.answers)?;
    if known.randomized >= design.allocation.cap {
        return Err(Refusal::CapReached);
    }
    Ok(stratum)
}

/// Decides a randomization: the next position of the stratum, in list order, and the kits of the first visit
/// (SEQ-08, SEQ-09, SEQ-16). To be asked after [`check`], with the offer for the stratum that it gave.
///
/// It is refused when any arm could not be served, in the same words whichever it is.
///
/// # Errors
/// [`Refusal::NoActiveList`], [`Refusal::ListExhausted`], [`Refusal::SupplyShort`], in this order.
pub fn decide(
    design: &StudyDesign,
    sealed: &SealedDesign,
    known: &Known,
    stock: Stock,
) -> Result<Randomization, Refusal> {
    let next = match stock.offer {
        Offer::NoList => return Err(Refusal::NoActiveList),
        Offer::Exhausted => return Err(Refusal::ListExhausted),
        Offer::Next(next) => next,
    };
    let visit = &design.first_dispensing;
    let first = design.dispensing_at(visit).ok_or(Refusal::NoDispensingVisit)?;
    let (through, count) = (first.last_dosing_day(known.today), first.kits);
    supply::every_arm_can_be_served(design, sealed, &stock.shelf, &stock.due, through, count)?;
    let need = Need { study: &design.id, subject: &known.subject, visit, attempt: 1, through, count };
    let allocation = supply::allocate(design, sealed, &stock.shelf, &need, &next.arm)?;
    Ok(Randomization {
        number: RandomizationNumber::new(known.randomized.saturating_add(1)),
        list: next.list,
        stratum: next.stratum,
        position: next.position,
        allocation,
    })
}

/// Every criterion is answered, and nothing else is (SEQ-16).
fn check_answers(design: &StudyDesign, answers: &BTreeMap<String, Fulfilled>) -> Result<(), Refusal> {
    if let Some(unknown) =
        answers.keys().find(|id| design.criteria.iter().all(|criterion| criterion.id != **id))
    {
        return Err(Refusal::field(&format!("answers.{unknown}"), "is no criterion of the study"));
    }
    for criterion in &design.criteria {
        let path = format!("answers.{}", criterion.id);
        match answers.get(&criterion.id) {
            None => return Err(Refusal::field(&path, "is missing: every criterion must be answered")),
            Some(Fulfilled::NotApplicable) if !criterion.not_applicable => {
                return Err(Refusal::field(&path, "cannot be answered `not_applicable`"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn check_eligibility(answers: &BTreeMap<String, Fulfilled>) -> Result<(), Refusal> {
    let unfulfilled: Vec<String> =
        answers.iter().filter(|(_, answer)| **answer == Fulfilled::No).map(|(id, _)| id.clone()).collect();
    if unfulfilled.is_empty() { Ok(()) } else { Err(Refusal::NotEligible(unfulfilled)) }
}
