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

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::{Facts, Refusal, Stops, SubjectState, decide, fail, stop};

    #[test]
    fn prv_02_a_subject_is_entered_once_and_a_likeness_needs_a_reason() {
        #[rustfmt::skip]
        let table = [
            // born, number in use, similar, reason, expected
            (1960, false, false, false, "ok"),
            (1960, false, false, true,  "ok"),
            (1960, false, true,  false, "possible-duplicate"),
            (1960, false, true,  true,  "ok"),
            (1960, true,  true,  true,  "subject-exists"),
            (1960, true,  false, false, "subject-exists"),
            (2015, false, false, false, "ok"),
            (2016, false, false, false, "invalid-field"),
            (1895, false, false, false, "ok"),
            (1894, false, false, false, "invalid-field"),
            (1894, true,  true,  false, "invalid-field"),
        ];
        for (born, number_in_use, similar_at_site, reason, expected) in table {
            let facts = Facts { number_in_use, similar_at_site, this_year: 2015 };
            let outcome = decide(&facts, born, reason);
            assert_eq!(
                outcome.map_or_else(|refusal| refusal.code(), |()| "ok"),
                expected,
                "{born} {facts:?}"
            );
        }
    }

    #[test]
    fn only_a_subject_in_screening_is_a_screen_failure() {
        for state in SubjectState::VARIANTS {
            let expected = match state {
                SubjectState::Screened => Ok(SubjectState::ScreenFailed),
                other => Err(Refusal::SubjectState(other.words())),
            };
            assert_eq!(fail(*state), expected, "{state}");
        }
    }

    #[test]
    fn stopping_the_drug_is_not_leaving_the_study() {
        use SubjectState::{InTreatment, LeftStudy, OffDrug, ScreenFailed, Screened};
        #[rustfmt::skip]
        let table = [
            (Screened,     Stops::Drug,  "not-randomized"),
            (Screened,     Stops::Study, "not-randomized"),
            (ScreenFailed, Stops::Drug,  "not-randomized"),
            (ScreenFailed, Stops::Study, "not-randomized"),
            (InTreatment,  Stops::Drug,  "off_drug"),
            (InTreatment,  Stops::Study, "left_study"),
            (OffDrug,      Stops::Drug,  "subject-state"),
            (OffDrug,      Stops::Study, "left_study"),
            (LeftStudy,    Stops::Drug,  "subject-state"),
            (LeftStudy,    Stops::Study, "subject-state"),
        ];
        for (state, stops, expected) in table {
            let outcome = stop(state, stops);
            assert_eq!(
                outcome.map_or_else(|refusal| refusal.code(), Into::into),
                expected,
                "{state} {stops}"
            );
        }
    }
}
