//! Randomizing a subject.

use std::collections::BTreeMap;

use chrono::Datelike;
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
    /// The year of birth.
    pub birth_year: u16,
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
/// ages, the cap. None of it depends on the list.
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
    check_ages(design, known, &command.answers)?;
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

/// What is said of the age is held against what was entered: one of the two is wrong when they contradict each other.
fn check_ages(
    design: &StudyDesign,
    known: &Known,
    answers: &BTreeMap<String, Fulfilled>,
) -> Result<(), Refusal> {
    let (born, this_year) = (known.birth_year, known.today.year());
    let mut said = design.criteria.iter().filter(|of| answers.get(&of.id) == Some(&Fulfilled::Yes));
    let contradicted = said.find(|of| of.age.is_some_and(|ages| !ages.are_possible(born, this_year)));
    let Some(criterion) = contradicted else { return Ok(()) };
    let oldest = this_year.saturating_sub(i32::from(born));
    let youngest = oldest.saturating_sub(1);
    let what = format!("contradicts the year of birth, {born}: the age is {youngest} or {oldest}");
    Err(Refusal::field(&format!("answers.{}", criterion.id), what))
}

#[cfg(test)]
mod tests {
    use super::{Command, Known, NextPosition, Offer, Randomization, Stock, check, decide};
    use crate::decide::supply::{Shelf, ShelfKit};
    use crate::study::{SealedDesign, StudyDesign};
    use crate::{Fulfilled, Refusal, SubjectState};
    use std::collections::BTreeMap;
    use terms::{Arm, BatchId, Day, KitNumber, KitType, ListId, Position, Sealed, Stratum, SubjectId};

    fn designs() -> (StudyDesign, SealedDesign) {
        let design =
            StudyDesign::from_toml(include_str!("../../../../config/imodals.toml")).expect("a design");
        let sealed = include_str!("../../../../config/imodals.sealed.toml");
        let sealed = SealedDesign::from_toml(sealed, &design).expect("a sealed design");
        (design, sealed)
    }

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    fn known() -> Known {
        Known {
            subject: SubjectId::parse("S-001").expect("a subject id"),
            birth_year: 1961,
            state: SubjectState::Screened,
            on_hold: false,
            today: day("2015-10-05"),
            randomized: 0,
        }
    }

    fn command(design: &StudyDesign) -> Command {
        let answers = design.criteria.iter().map(|criterion| (criterion.id.clone(), Fulfilled::Yes));
        Command { consent: day("2015-10-01"), answers: answers.collect(), strata: BTreeMap::new() }
    }

    /// Ten numbers for each type, in turn, with this label expiry.
    fn shelf(kits_per_type: [u32; 3], expiry: &str) -> Shelf {
        let mut kits = Vec::new();
        for (kit_type, count) in (0_u8..).zip(kits_per_type) {
            for place in 0..count {
                let number = KitNumber::from_serial(1_000 * u32::from(kit_type) + place).expect("a number");
                let batch = BatchId::parse("B-1").expect("a batch id");
                let kit_type = Sealed::new(KitType::new(kit_type));
                kits.push(ShelfKit { number, batch, label_expiry: day(expiry), kit_type });
            }
        }
        Shelf { kits, pick_seed: Sealed::new([9; 32]) }
    }

    fn stock(arm: u8, kits_per_type: [u32; 3], expiry: &str, due: &[u8]) -> Stock {
        let next = NextPosition {
            list: ListId::parse("L-1").expect("a list id"),
            stratum: Stratum::new(0),
            position: Position::new(0),
            arm: Sealed::new(Arm::new(arm)),
        };
        let due = due.iter().map(|arm| (Sealed::new(Arm::new(*arm)), 1)).collect();
        Stock { offer: Offer::Next(next), shelf: shelf(kits_per_type, expiry), due }
    }

    #[test]
    fn seq_16_what_is_wrong_is_told_in_a_fixed_order() {
        let (design, _) = designs();
        let mut known = Known { randomized: 36, today: day("2015-09-30"), on_hold: true, ..known() };
        known.state = SubjectState::ScreenFailed;
        let mut command = command(&design);
        command.answers.remove("I03");
        command.answers.insert("E12".to_owned(), Fulfilled::No);
        let mut told = Vec::new();
        for mend in 0..6 {
            told.push(check(&design, &known, &command).expect_err("something is still wrong").code());
            match mend {
                0 => known.state = SubjectState::Screened,
                1 => known.on_hold = false,
                2 => known.today = day("2015-10-01"),
                3 => _ = command.answers.insert("I03".to_owned(), Fulfilled::Yes),
                4 => _ = command.answers.insert("E12".to_owned(), Fulfilled::Yes),
                _ => known.randomized = 35,
            }
        }
        let order =
            ["subject-state", "on-hold", "invalid-field", "invalid-field", "not-eligible", "cap-reached"];
        assert_eq!(told, order);
        assert_eq!(check(&design, &known, &command), Ok(Stratum::new(0)));
    }

    #[test]
    fn every_criterion_is_answered_and_only_those_of_the_study() {
        let (design, _) = designs();
        let refused = |change: &dyn Fn(&mut BTreeMap<String, Fulfilled>)| {
            let mut command = command(&design);
            change(&mut command.answers);
            check(&design, &known(), &command).expect_err("a refusal").to_string()
        };
        let unknown = refused(&|answers| _ = answers.insert("X1".to_owned(), Fulfilled::Yes));
        assert!(unknown.contains("answers.X1"), "{unknown}");
        let inapplicable = refused(&|answers| _ = answers.insert("I01".to_owned(), Fulfilled::NotApplicable));
        assert!(inapplicable.contains("answers.I01"), "{inapplicable}");
        let mut command = command(&design);
        command.answers.insert("E19".to_owned(), Fulfilled::NotApplicable);
        assert_eq!(check(&design, &known(), &command), Ok(Stratum::new(0)));
    }

    #[test]
    fn seq_16_an_age_that_the_year_of_birth_contradicts_is_refused() {
        let (design, _) = designs();
        // On 5 October 2015; the 75th birthday excludes, and so does the day before the 18th.
        for (born, is_possible) in [
            (1939, false),
            (1940, true),
            (1941, true),
            (1996, true),
            (1997, true),
            (1998, false),
            (2015, false),
        ] {
            let known = Known { birth_year: born, ..known() };
            let told = check(&design, &known, &command(&design));
            assert_eq!(told.is_ok(), is_possible, "{born}: {told:?}");
        }
        let old = Known { birth_year: 1931, ..known() };
        let told = check(&design, &old, &command(&design)).expect_err("too old").to_string();
        assert!(told.contains("answers.I04"), "{told}");
        assert!(told.contains("contradicts the year of birth, 1931: the age is 83 or 84"), "{told}");
        let mut denied = command(&design);
        denied.answers.insert("I04".to_owned(), Fulfilled::No);
        let told = check(&design, &old, &denied).expect_err("not eligible");
        assert_eq!(told.code(), "not-eligible", "a true answer is no contradiction");
    }

    #[test]
    fn a_randomized_subject_is_not_randomized_again() {
        let (design, _) = designs();
        for state in [SubjectState::InTreatment, SubjectState::OffDrug, SubjectState::LeftStudy] {
            let known = Known { state, ..known() };
            assert_eq!(check(&design, &known, &command(&design)), Err(Refusal::AlreadyRandomized));
        }
    }

    #[test]
    fn kit_06_the_first_kit_is_of_the_arms_type_and_in_date_through_the_last_dose_plus_margin() {
        let (design, sealed) = designs();
        for arm in 0..3 {
            let decided =
                decide(&design, &sealed, &known(), stock(arm, [4, 4, 4], "2015-10-10", &[])).expect("a kit");
            let Randomization { allocation, number, .. } = decided;
            assert_eq!((number.to_string().as_str(), allocation.kits.len()), ("R0001", 1));
            assert_eq!(allocation.through, day("2015-10-09"));
            let kit_type = sealed.kit_type_of(Arm::new(arm)).expect("a kit type").index();
            let serial: u32 = allocation.kits[0].to_string()[..8].parse().expect("digits");
            assert_eq!(serial / 1_000, u32::from(kit_type));
        }
        let expired = stock(0, [4, 4, 4], "2015-10-09", &[]);
        assert_eq!(decide(&design, &sealed, &known(), expired), Err(Refusal::SupplyShort));
    }

    #[test]
    fn bld_06_it_is_refused_in_the_same_words_whichever_arm_is_short_and_whichever_is_next() {
        let (design, sealed) = designs();
        for arm in 0..3 {
            for short in 0..3 {
                let mut kits = [4; 3];
                kits[short] = 0;
                let refused = decide(&design, &sealed, &known(), stock(arm, kits, "2016-01-01", &[]));
                assert_eq!(refused, Err(Refusal::SupplyShort), "arm {arm}, type {short}");
            }
        }
    }

    #[test]
    fn kits_due_to_subjects_in_treatment_are_not_promised() {
        let (design, sealed) = designs();
        let with_due =
            |due: &[u8]| decide(&design, &sealed, &known(), stock(0, [2, 2, 2], "2016-01-01", due));
        assert!(with_due(&[1]).is_ok());
        assert_eq!(with_due(&[1, 1]), Err(Refusal::SupplyShort));
    }

    #[test]
    fn without_a_list_or_a_position_nothing_is_looked_at() {
        let (design, sealed) = designs();
        for (offer, refusal) in
            [(Offer::NoList, Refusal::NoActiveList), (Offer::Exhausted, Refusal::ListExhausted)]
        {
            let stock = Stock { offer, shelf: shelf([0; 3], "2016-01-01"), due: Vec::new() };
            assert_eq!(decide(&design, &sealed, &known(), stock), Err(refusal));
        }
    }
}
