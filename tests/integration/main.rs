//! The one integration binary: everything that crosses a room.

mod harness;
mod second_implementation;
mod store;
mod study;
mod tidy;
