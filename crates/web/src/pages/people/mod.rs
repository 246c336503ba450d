//! The pages of the administrator: who is who, who may what, and since when nobody looked.

/// Where they are.
pub(super) const PAGES: super::Pages = &[];
