//! Printing the labels of a batch. They are always those of the whole batch: a choice of kits, made by somebody who
//! knows what is in each, would tell them apart.

use crate::Refusal;

/// What is known of a batch when its labels are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether the batch is recalled.
    pub is_recalled: bool,
    /// Whether labels of it were printed before, in any language: a kit has one label.
    pub was_printed: bool,
    /// Whether it is said why they are printed again.
    pub has_reason: bool,
}

/// Decides whether the labels may be printed.
///
/// # Errors
/// [`Refusal::BatchState`] for a recalled batch, of which no kit is to be made any more; [`Refusal::LabelsPrinted`] for
/// a second printing without a reason; [`Refusal::Field`] for a reason where there is nothing to explain, so that a
/// reason in the journal always means a second printing. In this order.
pub fn decide(facts: Facts) -> Result<(), Refusal> {
    match facts {
        Facts { is_recalled: true, .. } => Err(Refusal::BatchState("recalled")),
        Facts { was_printed: true, has_reason: false, .. } => Err(Refusal::LabelsPrinted),
        Facts { was_printed: false, has_reason: true, .. } => {
            Err(Refusal::field("reason", "is for printing again, and these labels were not printed yet"))
        }
        Facts { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, decide};

    #[test]
    fn kit_15_labels_are_printed_once_and_again_for_a_reason() {
        #[rustfmt::skip]
        let table = [
            // recalled, printed before, with a reason
            (false, false, false, "allowed"),
            (false, false, true,  "invalid-field"),
            (false, true,  false, "labels-printed"),
            (false, true,  true,  "allowed"),
            (true,  false, false, "batch-state"),
            (true,  false, true,  "batch-state"),
            (true,  true,  false, "batch-state"),
            (true,  true,  true,  "batch-state"),
        ];
        for (is_recalled, was_printed, has_reason, expected) in table {
            let facts = Facts { is_recalled, was_printed, has_reason };
            let decided = decide(facts);
            assert_eq!(
                decided.as_ref().map_or_else(|refusal| refusal.code(), |()| "allowed"),
                expected,
                "{facts:?}"
            );
        }
    }
}
