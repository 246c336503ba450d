//! The pages of kits and shipments, as blinded people see them: numbers, states and places.

pub(super) mod kits;
pub(super) mod receipt;
pub(super) mod shipments;
