//! The pages of kits and shipments, as blinded people see them: numbers, states and places.

mod kits;
mod receipt;
mod shipments;

pub(super) use kits::place;
pub(super) use shipments::state;

/// Where they are.
pub(super) const PAGES: super::Pages = &[
    ("/studies/{study}/kits", |at| at.get(kits::show)),
    ("/studies/{study}/shipments", |at| at.get(shipments::show)),
    ("/studies/{study}/shipments/{shipment}", |at| at.get(receipt::show).post(receipt::submit)),
];
