//! The pages of those who watch a study without treating: enrolment, sites, the journal and its exports.

/// Where they are.
pub(super) const PAGES: super::Pages = &[];
