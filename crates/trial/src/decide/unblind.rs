//! Breaking one subject's code in an emergency.

use terms::{SubjectId, UnblindingId};

use crate::act::Act;
use crate::{BreakReason, FoundBy, Grant, Refusal, SubjectState};

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
    /// The code has not been broken before: the record to append.
    New(Act),
    /// The code was broken before: there is nothing to record but another look.
    Before(UnblindingId),
}

/// Decides a code break (UNB-01, UNB-02, UNB-10). There is no approval, no hold, and no state of a randomized subject,
/// a site or a study in which it is refused. Asked twice, it is one break and two views.
///
/// A break changes nothing else: whether it ends treatment is the study's rule, asked when kits are to be handed out
/// (UNB-14).
///
/// # Errors
/// [`Refusal::NotRandomized`]: there is nothing to reveal.
pub fn decide(
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
    Ok(Break::New(Act::Unblinded { unblinding: new, subject, reason, found_by }))
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
    use crate::{BreakReason, FoundBy, Refusal, SubjectState};

    /// The outcome in a word: the new break, the break before, or the refusal.
    fn outcome(state: SubjectState, before: Option<&str>) -> String {
        let before = before.map(|id| id.parse().expect("an id"));
        let facts = Facts { subject: "S-001".parse().expect("an id"), state, before };
        let new = "U-new".parse().expect("an id");
        match decide(&facts, BreakReason::Overdose, FoundBy::KitNumber, new) {
            Ok(Break::New(Act::Unblinded { unblinding, .. })) => format!("broken {unblinding}"),
            Ok(Break::New(other)) => panic!("{other:?}"),
            Ok(Break::Before(id)) => format!("before {id}"),
            Err(refusal) => refusal.code().to_owned(),
        }
    }

    #[test]
    fn unb_10_a_code_is_broken_in_every_state_of_a_randomized_subject() {
        use SubjectState::{InTreatment, LeftStudy, OffDrug, ScreenFailed, Screened};
        #[rustfmt::skip]
        let table = [
            (Screened,     None,          "not-randomized"),
            (ScreenFailed, None,          "not-randomized"),
            (InTreatment,  None,          "broken U-new"),
            (OffDrug,      None,          "broken U-new"),
            (LeftStudy,    None,          "broken U-new"),
            (InTreatment,  Some("U-old"), "before U-old"),
            (OffDrug,      Some("U-old"), "before U-old"),
            (LeftStudy,    Some("U-old"), "before U-old"),
        ];
        for (state, before, expected) in table {
            assert_eq!(outcome(state, before), expected, "{state} {before:?}");
        }
    }

    #[test]
    fn unb_03_every_reason_and_every_number_is_good_enough_and_stands_in_the_record() {
        let facts =
            Facts { subject: "S-001".parse().expect("an id"), state: SubjectState::LeftStudy, before: None };
        for reason in BreakReason::VARIANTS {
            for found_by in FoundBy::VARIANTS {
                let id: terms::UnblindingId = "U-1".parse().expect("an id");
                let decided = decide(&facts, *reason, *found_by, id.clone());
                let subject = facts.subject.clone();
                let act = Act::Unblinded { unblinding: id, subject, reason: *reason, found_by: *found_by };
                assert_eq!(decided, Ok::<_, Refusal>(Break::New(act)));
            }
        }
    }
}
