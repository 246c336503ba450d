//! Rows, transactions and locks, on SQLite and PostgreSQL through one code path; and nothing else: no rule of the
//! trial is decided here.
//!
//! [`Store::write`] is the only way to write. It locks the head of one journal tree, runs the use case, and commits.
//! [`Store::read`] hands out connections that cannot write. Everything between is plain functions in [`rows`],
//! one file per noun: functions that only read take [`Conn`], functions that write take [`Tx`].

mod begin;
mod connect;
mod connection;
mod constraint;
mod fault;
mod identity;
mod migrate;
mod pool;
pub mod rows;
pub mod schema;
mod store;
mod stored;
mod tree;
mod tx;

pub use connection::Conn;
pub use constraint::CONSTRAINTS;
pub use fault::{Failure, Fault};
pub use identity::Identity;
pub use store::{ATTEMPTS, Store};
pub use tree::Tree;
pub use tx::Tx;
