//! Eligibility criteria.

use std::collections::BTreeSet;

use super::fields::Fields;

/// One criterion, worded so that it is true for an eligible subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criterion {
    /// The criterion's id, for example `E19`.
    pub id: String,
    /// The statement that is true for an eligible subject.
    pub text: String,
    /// Whether "not applicable" is an answer that lets the subject in.
    pub not_applicable: bool,
}

pub(super) fn read(root: &mut Fields<'_>) -> Option<Vec<Criterion>> {
    let mut ids = BTreeSet::new();
    let criteria = root.tables("criteria", |fields| {
        let id = fields.unique_text("id", &mut ids);
        let text = fields.text("text");
        let not_applicable = fields.flag("not_applicable");
        Some(Criterion { id: id?, text: text?, not_applicable: not_applicable? })
    })?;
    if criteria.is_empty() {
        root.problem("criteria", "must hold at least one criterion");
        return None;
    }
    Some(criteria)
}
