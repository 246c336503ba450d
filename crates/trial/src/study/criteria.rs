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
    /// Which ages it lets in, where it is about the age; an answer is held against the year of birth.
    pub age: Option<Ages>,
}

/// Ages in whole years: one of the two bounds at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// The lowest age.
    pub at_least: Option<u32>,
    /// The lowest age that is too high.
    pub under: Option<u32>,
}

impl Ages {
    /// Whether somebody born in this year may have one of these ages on a day of that year: one's birthday is not
    /// known (PRV-02), so somebody is as old as the years between say, or a year younger.
    pub fn are_possible(&self, birth_year: u16, this_year: i32) -> bool {
        let oldest = i64::from(this_year).saturating_sub(i64::from(birth_year));
        self.at_least.is_none_or(|least| oldest >= i64::from(least))
            && self.under.is_none_or(|under| oldest.saturating_sub(1) < i64::from(under))
    }
}

pub(super) fn read(root: &mut Fields<'_>) -> Option<Vec<Criterion>> {
    let mut ids = BTreeSet::new();
    let criteria = root.tables("criteria", |fields| {
        let id = fields.unique_text("id", &mut ids);
        let text = fields.text("text");
        let not_applicable = fields.flag("not_applicable");
        let age = fields.table_if_there("age", ages);
        Some(Criterion { id: id?, text: text?, not_applicable: not_applicable?, age })
    })?;
    if criteria.is_empty() {
        root.problem("criteria", "must hold at least one criterion");
        return None;
    }
    Some(criteria)
}

fn ages(fields: &mut Fields<'_>) -> Option<Ages> {
    let at_least: Option<u32> = fields.whole_if_there("at_least", 0..=120);
    let under: Option<u32> = fields.whole_if_there("under", 1..=120);
    let is_sound = match (at_least, under) {
        (None, None) => false,
        (Some(least), Some(under)) => least < under,
        _ => true,
    };
    if !is_sound {
        fields.problem("", "must hold `at_least`, or `under`, or both and the first lower than the second");
        return None;
    }
    Some(Ages { at_least, under })
}
