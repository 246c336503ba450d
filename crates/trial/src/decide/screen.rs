//! Entering a subject, and a subject's leaving.

use crate::{Refusal, Stops, SubjectState};

/// What is known when a subject is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether the screening number is in use in the study.
    pub number_in_use: bool,
    /// Whether a subject of the same year of birth and sex is at the site.
    pub similar_at_site: bool,
    /// The year of today at the site.
    pub this_year: i32,
}

/// Decides whether a subject may be entered (PRV-02: year of birth and sex only).
///
/// # Errors
/// [`Refusal::Field`] for an impossible year of birth, [`Refusal::SubjectExists`], [`Refusal::PossibleDuplicate`]
/// without a reason, in this order.
pub fn decide(facts: &Facts, birth_year: u16, reason_given: bool) -> Result<(), Refusal> {
    let age = facts.this_year.saturating_sub(i32::from(birth_year));
    if !(0..=120).contains(&age) {
        return Err(Refusal::field("birth_year", "is no year of birth of a living person"));
    }
    if facts.number_in_use {
        return Err(Refusal::SubjectExists);
    }
    if facts.similar_at_site && !reason_given { Err(Refusal::PossibleDuplicate) } else { Ok(()) }
}

/// Decides a screen failure.
///
/// # Errors
/// [`Refusal::SubjectState`] for a subject who is no longer in screening.
pub fn fail(state: SubjectState) -> Result<SubjectState, Refusal> {
    match state {
        SubjectState::Screened => Ok(SubjectState::ScreenFailed),
        other => Err(Refusal::SubjectState(other.words())),
    }
}

/// Decides what becomes of a subject who stops: stopping the drug is not leaving the study.
///
/// # Errors
/// [`Refusal::NotRandomized`] before randomization, where a screen failure is meant; [`Refusal::SubjectState`] when
/// the subject has stopped that already.
pub fn stop(state: SubjectState, stops: Stops) -> Result<SubjectState, Refusal> {
    match (state, stops) {
        (SubjectState::InTreatment, Stops::Drug) => Ok(SubjectState::OffDrug),
        (SubjectState::InTreatment | SubjectState::OffDrug, Stops::Study) => Ok(SubjectState::LeftStudy),
        (SubjectState::Screened | SubjectState::ScreenFailed, _) => Err(Refusal::NotRandomized),
        (state, _) => Err(Refusal::SubjectState(state.words())),
    }
}
