//! The one integration binary: everything that crosses a room.

mod harness;
mod store;
mod study;
mod tidy;
