//! The pages of the unblinded statistician: the list against what happened, balance, and proof.

/// Where they are.
pub(super) const PAGES: super::Pages = &[];
