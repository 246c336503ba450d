//! The pages of the pharmacy at a site: who is due, what comes back, and the account of every kit.

/// Where they are.
pub(super) const PAGES: super::Pages = &[];
