//! The one integration binary: everything that crosses a room.
