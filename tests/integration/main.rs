//! The one integration binary: everything that crosses a room.

mod harness;
mod tidy;
