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

/// What follows: the records, in order, and with them the permit to look.
pub struct Break {
    /// The break.
    pub unblinding: UnblindingId,
    /// Whether the code had not been broken before.
    pub first: bool,
    /// The records to append before anything is shown.
    pub acts: Vec<Act>,
    /// The permit to look at this subject's treatment.
    pub grant: Grant,
}

/// Decides a code break (UNB-01, UNB-02, UNB-10). There is no approval, no hold, and no state of a randomized subject,
/// a site or a study in which it is refused. Asked twice, it is one break and two views.
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
    let first = facts.before.is_none();
    let unblinding = facts.before.clone().unwrap_or(new);
    let mut acts = Vec::new();
    if first {
        let subject = facts.subject.clone();
        acts.push(Act::Unblinded { unblinding: unblinding.clone(), subject, reason, found_by });
    }
    acts.push(Act::UnblindingViewed { unblinding: unblinding.clone() });
    Ok(Break { unblinding, first, acts, grant: Grant::new() })
}

/// Another look at a break that was made before.
pub fn look_again(unblinding: UnblindingId) -> Break {
    let acts = vec![Act::UnblindingViewed { unblinding: unblinding.clone() }];
    Break { unblinding, first: false, acts, grant: Grant::new() }
}
