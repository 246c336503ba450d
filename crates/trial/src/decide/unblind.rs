//! Breaking one subject's code in an emergency.

use terms::{SubjectId, UnblindingId};

use crate::act::Act;
use crate::study::AfterUnblinding;
use crate::{BreakReason, FoundBy, Grant, Refusal, StopReason, Stops, SubjectState};

/// What is known when the decision is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The subject.
    pub subject: SubjectId,
    /// What has become of the subject so far.
    pub state: SubjectState,
    /// The break that was made before, if any.
    pub before: Option<UnblindingId>,
}

/// What follows. There is nothing in it to look with: that is [`look`]'s to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// The code has not been broken before: the records to append, in order.
    New {
        /// The record of the break, and of the end of treatment where the study ends it.
        acts: Vec<Act>,
        /// What becomes of the subject, where that changes.
        state: Option<SubjectState>,
    },
    /// The code was broken before: there is nothing to record but another look.
    Before(UnblindingId),
}

/// Decides a code break (UNB-01, UNB-02, UNB-10). There is no approval, no hold, and no state of a randomized subject,
/// a site or a study in which it is refused. Asked twice, it is one break and two views.
///
/// A break ends the subject's treatment only where the study's design says so (UNB-14).
///
/// # Errors
/// [`Refusal::NotRandomized`]: there is nothing to reveal.
pub fn decide(
    after: AfterUnblinding,
    facts: &Facts,
    reason: BreakReason,
    found_by: FoundBy,
    new: UnblindingId,
) -> Result<Break, Refusal> {
    if !facts.state.is_randomized() {
        return Err(Refusal::NotRandomized);
    }
    if let Some(before) = &facts.before {
        return Ok(Break::Before(before.clone()));
    }
    let subject = facts.subject.clone();
    let broken = Act::Unblinded { unblinding: new, subject: subject.clone(), reason, found_by };
    if after == AfterUnblinding::StopsTreatment && facts.state == SubjectState::InTreatment {
        let reason = StopReason::CodeBroken;
        let stopped = Act::SubjectStopped { subject, stops: Stops::Drug, reason };
        return Ok(Break::New { acts: vec![broken, stopped], state: Some(SubjectState::OffDrug) });
    }
    Ok(Break::New { acts: vec![broken], state: None })
}

/// A look at what a break revealed, the first or a later one: its record, and with it the permit (UNB-04, BLD-14).
pub fn look(unblinding: UnblindingId) -> (Act, Grant) {
    (Act::UnblindingViewed { unblinding }, Grant::new())
}

#[cfg(test)]
mod tests {
    use strum::VariantArray;

    use super::{Break, Facts, decide};
    use crate::act::Act;
    use crate::study::AfterUnblinding::{self, Continues, StopsTreatment};
    use crate::{BreakReason, FoundBy, Refusal, SubjectState};

    /// The outcome in a word: the records of a new break, the break before, or the refusal.
    fn outcome(after: AfterUnblinding, state: SubjectState, before: Option<&str>) -> String {
        let before = before.map(|id| id.parse().expect("an id"));
        let facts = Facts { subject: "S-001".parse().expect("an id"), state, before };
        let new = "U-new".parse().expect("an id");
        match decide(after, &facts, BreakReason::Overdose, FoundBy::KitNumber, new) {
            Ok(Break::New { acts, state }) => {
                let names = acts.iter().map(|act| match act {
                    Act::Unblinded { unblinding, .. } => format!("broken {unblinding}"),
                    Act::SubjectStopped { .. } => "stopped".to_owned(),
                    other => panic!("{other:?}"),
                });
                let state = state.map(|state| format!("-> {state}"));
                names.chain(state).collect::<Vec<_>>().join(" ")
            }
            Ok(Break::Before(id)) => format!("before {id}"),
            Err(refusal) => refusal.code().to_owned(),
        }
    }

    #[test]
    fn unb_10_a_code_is_broken_in_every_state_of_a_randomized_subject() {
        use SubjectState::{InTreatment, LeftStudy, OffDrug, ScreenFailed, Screened};
        #[rustfmt::skip]
        let table = [
            (Screened,     Continues,      None,          "not-randomized"),
            (ScreenFailed, Continues,      None,          "not-randomized"),
            (InTreatment,  Continues,      None,          "broken U-new"),
            (OffDrug,      Continues,      None,          "broken U-new"),
            (LeftStudy,    Continues,      None,          "broken U-new"),
            (InTreatment,  Continues,      Some("U-old"), "before U-old"),
            (OffDrug,      Continues,      Some("U-old"), "before U-old"),
            (LeftStudy,    Continues,      Some("U-old"), "before U-old"),
            // UNB-14: what follows for the treatment is the study's rule, recorded as an act of its own.
            (InTreatment,  StopsTreatment, None,          "broken U-new stopped -> off_drug"),
            (OffDrug,      StopsTreatment, None,          "broken U-new"),
            (LeftStudy,    StopsTreatment, None,          "broken U-new"),
            (InTreatment,  StopsTreatment, Some("U-old"), "before U-old"),
        ];
        for (state, after, before, expected) in table {
            assert_eq!(outcome(after, state, before), expected, "{state} {after:?} {before:?}");
        }
    }

    #[test]
    fn unb_03_every_reason_and_every_number_is_good_enough_and_stands_in_the_record() {
        let facts =
            Facts { subject: "S-001".parse().expect("an id"), state: SubjectState::LeftStudy, before: None };
        for reason in BreakReason::VARIANTS {
            for found_by in FoundBy::VARIANTS {
                let id: terms::UnblindingId = "U-1".parse().expect("an id");
                let decided = decide(Continues, &facts, *reason, *found_by, id.clone());
                let subject = facts.subject.clone();
                let act = Act::Unblinded { unblinding: id, subject, reason: *reason, found_by: *found_by };
                assert_eq!(decided, Ok::<_, Refusal>(Break::New { acts: vec![act], state: None }));
            }
        }
    }
}
